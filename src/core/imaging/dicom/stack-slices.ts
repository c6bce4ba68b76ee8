import { composeAffine } from '../affine.js';
import { seriesError } from './dicom-error.js';
import type { Slice } from './slices.js';

/** Planes in order along their normal, and the RAS+ affine of the volume: columns, rows, planes. */
export interface Stack {
  readonly slices: readonly Slice[];
  readonly affine: readonly number[];
  readonly warnings: readonly string[];
}

/** Parts of the mean distance between planes by which one may differ: noted, and refused. */
const GAP_NOTED = 0.01;
const GAP_REFUSED = 0.1;
/** The sine of the angle between the stack and the planes' normal above which the gantry was tilted. */
const TILT = 0.01;
const SAME_DIRECTION = 1e-4;

/**
 * Sorts planes by their position along the normal and checks that they make one regular volume. Throws DICOM_SERIES for
 * planes of different form, planes twice at one place, missing planes and a tilted gantry.
 */
export function stackSlices(slices: readonly Slice[], where: string): Stack {
  checkSameForm(slices, where);
  const [first] = slices as [Slice];
  const [right, down] = [first.orientation.slice(0, 3), first.orientation.slice(3, 6)];
  const normal = cross(right, down);
  if (Math.abs(dot(right, down)) > 0.01 || Math.abs(Math.hypot(...normal) - 1) > 0.02) {
    throw seriesError(where, `the orientation [${first.orientation.join(', ')}] is not two perpendicular unit vectors`);
  }
  const sorted = slices.toSorted((a, b) => dot(a.position, normal) - dot(b.position, normal));
  const warnings = checkGaps(sorted, normal, where);
  const start = sorted[0]!.position;
  const end = sorted.at(-1)!.position;
  const count = sorted.length;
  const step =
    count > 1
      ? start.map((value, axis) => (end[axis]! - value) / (count - 1))
      : normal.map((value) => value * (first.thickness && first.thickness > 0 ? first.thickness : 1));
  const lean = Math.hypot(...cross(step, normal)) / Math.hypot(...step);
  if (lean > TILT) {
    const degrees = ((Math.asin(Math.min(lean, 1)) * 180) / Math.PI).toFixed(1);
    throw seriesError(
      where,
      `the planes are stacked ${degrees}° off their normal: the gantry was tilted`,
      'Untilt the series first, for example with dcm2niix.',
    );
  }
  const [rowStep, columnStep] = first.pixelSpacing as [number, number];
  const toRas = (vector: readonly number[], size: number): [number, number, number] => [
    -vector[0]! * size,
    -vector[1]! * size,
    vector[2]! * size,
  ];
  const columns = [toRas(right, columnStep), toRas(down, rowStep), toRas(step, 1)] as const;
  return { slices: sorted, affine: composeAffine(columns, toRas(start, 1)).map((value) => value + 0), warnings };
}

function checkSameForm(slices: readonly Slice[], where: string): void {
  const [first] = slices;
  if (!first) throw seriesError(where, 'there is no DICOM picture in it');
  for (const slice of slices) {
    const size = slice.rows === first.rows && slice.columns === first.columns && slice.dtype === first.dtype;
    const spacing = slice.pixelSpacing.every((value, n) => Math.abs(value - first.pixelSpacing[n]!) < 1e-4);
    const turned = slice.orientation.some((value, n) => Math.abs(value - first.orientation[n]!) > SAME_DIRECTION);
    const what = !size ? 'size or type' : !spacing ? 'pixel spacing' : turned ? 'orientation' : null;
    if (what) {
      throw seriesError(
        where,
        `'${slice.file}' has another ${what} than '${first.file}'`,
        'A localizer or a second reconstruction may be among the files; give one stack only.',
      );
    }
  }
}

function checkGaps(sorted: readonly Slice[], normal: readonly number[], where: string): string[] {
  const places = sorted.map(({ position }) => dot(position, normal));
  const gaps = places.slice(1).map((place, n) => place - places[n]!);
  if (gaps.length === 0) return [];
  const names = (n: number): [string, string] => [sorted[n]!.file, sorted[n + 1]!.file];
  const doubled = gaps.findIndex((gap) => gap < 1e-3);
  if (doubled >= 0) {
    const [before, after] = names(doubled);
    throw seriesError(
      where,
      `'${before}' and '${after}' lie at the same place`,
      'Two acquisitions or phases may be mixed; give one of them.',
    );
  }
  const usual = gaps.toSorted((a, b) => a - b)[(gaps.length - 1) >> 1]!;
  const warnings: string[] = [];
  gaps.forEach((gap, n) => {
    const [before, after] = names(n);
    const off = Math.abs(gap - usual) / usual;
    if (off > GAP_REFUSED) {
      const missing = Math.round(gap / usual) - 1;
      const guess = missing > 0 ? `about ${missing} missing` : 'irregular';
      throw seriesError(
        where,
        `the planes '${before}' and '${after}' are ${gap.toFixed(3)} mm apart where the others are ${usual.toFixed(3)} mm: ${guess}`,
        'Send the whole series again.',
      );
    }
    if (off > GAP_NOTED)
      warnings.push(`'${before}' and '${after}' are ${gap.toFixed(3)} mm apart, the others ${usual.toFixed(3)} mm`);
  });
  return warnings;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!;
}

function cross(a: readonly number[], b: readonly number[]): number[] {
  const [x, y, z] = a as [number, number, number];
  const [u, v, w] = b as [number, number, number];
  return [y * w - z * v, z * u - x * w, x * v - y * u];
}
