/** Three lengths of a mask that lies densely, last axis fastest. */
export type Shape3 = readonly [number, number, number];

/** The stretches of a mask along its fastest axis, in the order of memory: run n covers starts[n] up to before ends[n]. */
export interface Runs {
  readonly count: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Runs of row r are firstOfRow[r] up to before firstOfRow[r + 1]; rows are counted as memory is. */
  readonly firstOfRow: Int32Array;
}

/** The runs of the voxels that are not 0. */
export function findRuns(mask: Uint8Array, [nx, ny, nz]: Shape3): Runs {
  const rows = nx * ny;
  const firstOfRow = new Int32Array(rows + 1);
  let starts = new Int32Array(1024);
  let ends = new Int32Array(1024);
  let count = 0;
  for (let row = 0; row < rows; row += 1) {
    firstOfRow[row] = count;
    const stop = (row + 1) * nz;
    let at = row * nz;
    while (at < stop) {
      while (at < stop && mask[at] === 0) at += 1;
      if (at === stop) break;
      if (count === starts.length) {
        starts = doubled(starts);
        ends = doubled(ends);
      }
      starts[count] = at;
      while (at < stop && mask[at] !== 0) at += 1;
      ends[count] = at;
      count += 1;
    }
  }
  firstOfRow[rows] = count;
  return { count, starts, ends, firstOfRow };
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
