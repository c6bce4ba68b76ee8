import { describe, expect, it } from '@jest/globals';
import {
  CONNECTIVITIES,
  type Connectivity,
  findComponents,
} from '../../../../src/core/transforms/labels/components.js';
import type { Shape3 } from '../../../../src/core/transforms/labels/runs.js';

const STEPS: Record<Connectivity, number> = { 4: 1, 6: 1, 8: 2, 18: 2, 26: 3 };

/** Component numbers voxel by voxel: spread from each new voxel to its neighbours until nothing is left. */
function spread(mask: Uint8Array, [nx, ny, nz]: Shape3, connectivity: Connectivity): number[] {
  const ids = new Array<number>(mask.length).fill(0);
  let next = 0;
  for (let first = 0; first < mask.length; first += 1) {
    if (mask[first] === 0 || ids[first] !== 0) continue;
    next += 1;
    ids[first] = next;
    const open = [first];
    while (open.length > 0) {
      const at = open.pop()!;
      const [x, y, z] = [Math.floor(at / nz / ny), Math.floor(at / nz) % ny, at % nz];
      for (const dx of [-1, 0, 1])
        for (const dy of [-1, 0, 1])
          for (const dz of [-1, 0, 1]) {
            if (Math.abs(dx) + Math.abs(dy) + Math.abs(dz) > STEPS[connectivity]) continue;
            const [u, v, w] = [x + dx, y + dy, z + dz];
            if (u < 0 || v < 0 || w < 0 || u >= nx || v >= ny || w >= nz) continue;
            const other = (u * ny + v) * nz + w;
            if (mask[other] === 0 || ids[other] !== 0) continue;
            ids[other] = next;
            open.push(other);
          }
    }
  }
  return ids;
}

function perVoxel({ runs, ids }: ReturnType<typeof findComponents>, length: number): number[] {
  const out = new Array<number>(length).fill(0);
  for (let n = 0; n < runs.count; n += 1) out.fill(ids[n]!, runs.starts[n], runs.ends[n]);
  return out;
}

const SHAPES: Shape3[] = [
  [1, 1, 1],
  [1, 1, 40],
  [1, 30, 30],
  [40, 1, 1],
  [9, 11, 13],
  [20, 20, 1],
];

describe.each(CONNECTIVITIES)('components with %s neighbours are those of spreading voxel by voxel', (connectivity) => {
  it.each(SHAPES)('in %s × %s × %s, sparse to dense', (...shape) => {
    let seed = 17;
    for (const share of [0, 0.1, 0.3, 0.5, 0.8, 1]) {
      const mask = Uint8Array.from({ length: shape[0] * shape[1] * shape[2] }, () => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return Number(seed / 2 ** 32 < share);
      });
      const found = findComponents(mask, shape, connectivity);
      const wanted = spread(mask, shape, connectivity);
      expect(perVoxel(found, mask.length)).toEqual(wanted);
      const sizes = new Array<number>(Math.max(...wanted) + 1).fill(0);
      for (const id of wanted) sizes[id]! += 1;
      expect(found.sizes).toEqual(sizes);
    }
  });
});
