/** Three lengths of a mask that lies densely, last axis fastest. */
export type Shape3 = readonly [number, number, number];

/** Neighbourhoods by the number of neighbours: 4 and 8 are the ones of a plane. */
export const CONNECTIVITIES = [4, 6, 8, 18, 26] as const;
export type Connectivity = (typeof CONNECTIVITIES)[number];

/** How many axes a step to a neighbour may change at once. */
const STEPS: Record<Connectivity, 1 | 2 | 3> = { 4: 1, 6: 1, 8: 2, 18: 2, 26: 3 };

export interface Components {
  /** 0 outside the mask, else the number of the component, counted from 1 in the order of their first voxels. */
  readonly ids: Int32Array;
  /** Voxels of each component; entry 0 counts those outside the mask. */
  readonly sizes: readonly number[];
}

interface Neighbour {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly offset: number;
}

/** The neighbours that come before a voxel in memory. */
function neighboursBefore([, ny, nz]: Shape3, connectivity: Connectivity): Neighbour[] {
  const found: Neighbour[] = [];
  for (let x = -1; x <= 0; x += 1)
    for (let y = -1; y <= 1; y += 1)
      for (let z = -1; z <= 1; z += 1) {
        const offset = (x * ny + y) * nz + z;
        const before = x < 0 || (x === 0 && (y < 0 || (y === 0 && z < 0)));
        if (before && Math.abs(x) + Math.abs(y) + Math.abs(z) <= STEPS[connectivity]) found.push({ x, y, z, offset });
      }
  return found;
}

function findRoot(parents: Int32Array, start: number): number {
  let root = start;
  while (parents[root] !== root) root = parents[root]!;
  let at = start;
  while (parents[at] !== root) {
    const next = parents[at]!;
    parents[at] = root;
    at = next;
  }
  return root;
}

/** Connected components of the voxels that are not 0, by union of trees over one pass. */
export function findComponents(mask: Uint8Array, shape: Shape3, connectivity: Connectivity): Components {
  const [nx, ny, nz] = shape;
  const neighbours = neighboursBefore(shape, connectivity);
  const ids = new Int32Array(mask.length);
  let parents = new Int32Array(1024);
  let count = 0;
  let at = 0;
  for (let x = 0; x < nx; x += 1)
    for (let y = 0; y < ny; y += 1)
      for (let z = 0; z < nz; z += 1, at += 1) {
        if (mask[at] === 0) continue;
        let id = 0;
        for (let n = 0; n < neighbours.length; n += 1) {
          const step = neighbours[n]!;
          if (x + step.x < 0 || y + step.y < 0 || y + step.y >= ny || z + step.z < 0 || z + step.z >= nz) continue;
          const other = ids[at + step.offset]!;
          if (other === 0 || other === id) continue;
          if (id === 0) {
            id = other;
            continue;
          }
          const [a, b] = [findRoot(parents, id), findRoot(parents, other)];
          // The smaller number stays the root, so that roots keep the order of first voxels.
          if (a < b) parents[b] = a;
          else parents[a] = b;
        }
        if (id === 0) {
          count += 1;
          if (count >= parents.length) parents = grow(parents);
          parents[count] = count;
          id = count;
        }
        ids[at] = id;
      }
  return number(ids, parents, count);
}

function grow(parents: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(parents.length * 2);
  larger.set(parents);
  return larger;
}

/** Replaces the provisional numbers by consecutive ones and counts. */
function number(ids: Int32Array, parents: Int32Array, count: number): Components {
  const final = new Int32Array(count + 1);
  let next = 0;
  for (let n = 1; n <= count; n += 1) {
    const root = findRoot(parents, n);
    if (root === n) {
      next += 1;
      final[n] = next;
    } else final[n] = final[root]!;
  }
  const sizes = new Array<number>(next + 1).fill(0);
  for (let n = 0; n < ids.length; n += 1) {
    const id = final[ids[n]!]!;
    ids[n] = id;
    sizes[id]! += 1;
  }
  return { ids, sizes };
}
