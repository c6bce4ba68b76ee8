import type { Affine } from '../../src/core/tensor/value.js';

/** A volume for these tests: values x fastest over `shape`, placed by `affine` (voxel → RAS+ mm). */
export interface TestVolume {
  readonly shape: readonly [number, number, number];
  readonly affine: Affine;
  readonly values: Float32Array;
}

// Jest looks every global up through its sandbox: in a loop over voxels that takes minutes.
const { floor, imul, round } = Math;

type Sampler = 'linear' | 'nearest';

/** The same anatomy on another grid; outside the source it is 0. An own, plain sampler: it must not share code with what it tests. */
export function sampleOnto(
  source: TestVolume,
  grid: { shape: TestVolume['shape']; affine: Affine },
  how: Sampler,
): TestVolume {
  const [nx, ny, nz] = grid.shape;
  const values = new Float32Array(nx * ny * nz);
  const m = multiply(invertRigidish(source.affine), grid.affine);
  for (let z = 0; z < nz; z += 1) {
    for (let y = 0; y < ny; y += 1) {
      for (let x = 0; x < nx; x += 1) {
        const i = m[0]! * x + m[1]! * y + m[2]! * z + m[3]!;
        const j = m[4]! * x + m[5]! * y + m[6]! * z + m[7]!;
        const k = m[8]! * x + m[9]! * y + m[10]! * z + m[11]!;
        values[x + nx * (y + ny * z)] =
          how === 'nearest' ? valueAt(source, round(i), round(j), round(k)) : mix(source, i, j, k);
      }
    }
  }
  return { shape: grid.shape, affine: grid.affine, values };
}

function valueAt({ shape, values }: TestVolume, i: number, j: number, k: number): number {
  if (i < 0 || j < 0 || k < 0 || i >= shape[0] || j >= shape[1] || k >= shape[2]) return 0;
  return values[i + shape[0] * (j + shape[1] * k)]!;
}

function mix(source: TestVolume, i: number, j: number, k: number): number {
  const a = floor(i);
  const b = floor(j);
  const c = floor(k);
  let sum = 0;
  for (let corner = 0; corner < 8; corner += 1) {
    const p = corner & 1;
    const q = (corner >> 1) & 1;
    const r = corner >> 2;
    const weight = (p === 1 ? i - a : 1 - i + a) * (q === 1 ? j - b : 1 - j + b) * (r === 1 ? k - c : 1 - k + c);
    if (weight > 0) sum += weight * valueAt(source, a + p, b + q, c + r);
  }
  return sum;
}

function multiply(a: Affine, b: Affine): number[] {
  return Array.from({ length: 16 }, (_, n) => {
    const [row, column] = [n >> 2, n & 3];
    return [0, 1, 2, 3].reduce((sum, k) => sum + a[row * 4 + k]! * b[k * 4 + column]!, 0);
  });
}

/** The inverse of an affine whose columns are at right angles: enough for the volumes that these tests start from. */
function invertRigidish(a: Affine): number[] {
  const inverse = new Array<number>(16).fill(0);
  for (let column = 0; column < 3; column += 1) {
    const squared = [0, 1, 2].reduce((sum, row) => sum + a[row * 4 + column]! ** 2, 0);
    for (let row = 0; row < 3; row += 1) inverse[column * 4 + row] = a[row * 4 + column]! / squared;
  }
  for (let row = 0; row < 3; row += 1) {
    inverse[row * 4 + 3] = -[0, 1, 2].reduce((sum, k) => sum + inverse[row * 4 + k]! * a[k * 4 + 3]!, 0);
  }
  inverse[15] = 1;
  return inverse;
}

/** An oblique LAS grid round the middle of `source`: turned by 12° and −9°, x pointing left, 1 × 1 × 1.2 mm. */
export function obliqueLasGrid(source: TestVolume): { shape: TestVolume['shape']; affine: Affine } {
  const [a, b] = [(12 * Math.PI) / 180, (-9 * Math.PI) / 180];
  const turn = [
    [Math.cos(a), -Math.sin(a) * Math.cos(b), Math.sin(a) * Math.sin(b)],
    [Math.sin(a), Math.cos(a) * Math.cos(b), -Math.cos(a) * Math.sin(b)],
    [0, Math.sin(b), Math.cos(b)],
  ];
  const spacing = [-1, 1, 1.2];
  const shape: TestVolume['shape'] = [210, 245, 180];
  const linear = turn.map((row) => row.map((value, column) => value * spacing[column]!));
  const middle = [0, 1, 2].map((row) =>
    [0, 1, 2].reduce(
      (sum, k) => sum + (source.affine[row * 4 + k]! * (source.shape[k]! - 1)) / 2,
      source.affine[row * 4 + 3]!,
    ),
  );
  const affine = linear.flatMap((row, r) => [
    ...row,
    middle[r]! - [0, 1, 2].reduce((sum, k) => sum + (row[k]! * (shape[k]! - 1)) / 2, 0),
  ]);
  // A NIfTI-1 header keeps its sform in single precision: say what will be read back.
  return { shape, affine: [...affine.map(Math.fround), 0, 0, 0, 1] };
}

/** Slices three times as thick: each is the mean of three, or the most frequent label of three. */
export function thickSlices(source: TestVolume, how: Sampler): TestVolume {
  const [nx, ny, nz] = source.shape;
  const slices = Math.floor(nz / 3);
  const plane = nx * ny;
  const values = new Float32Array(plane * slices);
  for (let n = 0; n < values.length; n += 1) {
    const first = (n % plane) + plane * 3 * floor(n / plane);
    const a = source.values[first]!;
    const b = source.values[first + plane]!;
    const c = source.values[first + 2 * plane]!;
    values[n] = how === 'linear' ? (a + b + c) / 3 : a === c ? a : b;
  }
  const affine = [...source.affine];
  for (let row = 0; row < 3; row += 1) {
    affine[row * 4 + 3] = affine[row * 4 + 3]! + affine[row * 4 + 2]!;
    affine[row * 4 + 2] = affine[row * 4 + 2]! * 3;
  }
  return { shape: [nx, ny, slices], affine, values };
}

/** Another scanner: bent contrast, a bias field over the head and noise; from a fixed seed. Zero stays zero. */
export function otherScanner(source: TestVolume, seed: number): TestVolume {
  const random = createRandom(seed);
  const [nx, ny, nz] = source.shape;
  const gamma = 0.75 + 0.6 * random();
  const tilt = [random() - 0.5, random() - 0.5, random() - 0.5];
  const values = source.values.map((value, n) => {
    if (value === 0) return 0;
    const x = (n % nx) / nx - 0.5;
    const y = (floor(n / nx) % ny) / ny - 0.5;
    const z = floor(n / (nx * ny)) / nz - 0.5;
    const bias = 1 + 0.25 * (tilt[0]! * x + tilt[1]! * y + tilt[2]! * z);
    const noise = (random() + random() + random() + random() - 2) * 0.05;
    const bent = ((value / 255) ** gamma * bias + noise) * 700;
    return Math.max(bent, 1e-3);
  });
  return { ...source, values };
}

/** Numbers from 0 to 1, the same for the same seed: a linear congruence, its high bits. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 0x1000000;
  };
}
