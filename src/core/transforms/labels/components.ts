import { findRuns, type Runs, type Shape3 } from './runs.js';

/** Neighbourhoods by the number of neighbours: 4 and 8 are the ones of a plane. */
export const CONNECTIVITIES = [4, 6, 8, 18, 26] as const;
export type Connectivity = (typeof CONNECTIVITIES)[number];

/** How many axes a step to a neighbour may change at once. */
const STEPS: Record<Connectivity, 1 | 2 | 3> = { 4: 1, 6: 1, 8: 2, 18: 2, 26: 3 };

export interface Components {
  readonly runs: Runs;
  /** The component of each run, counted from 1 in the order of their first voxels. */
  readonly ids: Int32Array;
  /** Voxels of each component; entry 0 counts those outside the mask. */
  readonly sizes: readonly number[];
}

/** A row that comes before in memory, and how far runs that touch may lie apart along the row. */
interface RowBefore {
  readonly dx: number;
  readonly dy: number;
  readonly reach: 0 | 1;
}

function rowsBefore(connectivity: Connectivity): RowBefore[] {
  const most = STEPS[connectivity];
  return [
    { dx: -1, dy: -1 },
    { dx: -1, dy: 0 },
    { dx: -1, dy: 1 },
    { dx: 0, dy: -1 },
  ]
    .map(({ dx, dy }) => ({ dx, dy, changed: Math.abs(dx) + Math.abs(dy) }))
    .filter(({ changed }) => changed <= most)
    .map(({ dx, dy, changed }) => ({ dx, dy, reach: changed < most ? 1 : 0 }));
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

interface RowPair {
  readonly row: number;
  readonly other: number;
  /** What brings a place of the other row to the same place of this one. */
  readonly shift: number;
  readonly reach: 0 | 1;
}

/** Joins the runs of two rows that touch, walking along both. */
function joinRows(
  parents: Int32Array,
  { starts, ends, firstOfRow }: Runs,
  { row, other, shift, reach }: RowPair,
): void {
  let a = firstOfRow[row]!;
  let b = firstOfRow[other]!;
  const lastA = firstOfRow[row + 1]!;
  const lastB = firstOfRow[other + 1]!;
  while (a < lastA && b < lastB) {
    const endA = ends[a]!;
    const endB = ends[b]! + shift;
    if (starts[a]! < endB + reach && starts[b]! + shift < endA + reach) {
      const [p, q] = [findRoot(parents, a), findRoot(parents, b)];
      // The smaller number stays the root, so that roots keep the order of first voxels.
      if (p < q) parents[q] = p;
      else parents[p] = q;
    }
    if (endA < endB) a += 1;
    else b += 1;
  }
}

/** Connected components of the voxels that are not 0: runs along the rows, joined by union of trees. */
export function findComponents(mask: Uint8Array, shape: Shape3, connectivity: Connectivity): Components {
  const [nx, ny, nz] = shape;
  const runs = findRuns(mask, shape);
  const parents = Int32Array.from({ length: runs.count }, (_, n) => n);
  const before = rowsBefore(connectivity);
  for (let x = 0; x < nx; x += 1)
    for (let y = 0; y < ny; y += 1) {
      const row = x * ny + y;
      if (runs.firstOfRow[row] === runs.firstOfRow[row + 1]) continue;
      for (const { dx, dy, reach } of before) {
        if (x + dx < 0 || y + dy < 0 || y + dy >= ny) continue;
        const other = row + dx * ny + dy;
        joinRows(parents, runs, { row, other, shift: (row - other) * nz, reach });
      }
    }
  return number(runs, parents, mask.length);
}

/** Gives the roots consecutive numbers and counts. */
function number(runs: Runs, parents: Int32Array, voxels: number): Components {
  const ids = new Int32Array(runs.count);
  const sizes = [0];
  let inside = 0;
  for (let n = 0; n < runs.count; n += 1) {
    const root = findRoot(parents, n);
    if (root === n) ids[n] = sizes.push(0) - 1;
    else ids[n] = ids[root]!;
    const length = runs.ends[n]! - runs.starts[n]!;
    sizes[ids[n]!]! += length;
    inside += length;
  }
  sizes[0] = voxels - inside;
  return { runs, ids, sizes };
}
