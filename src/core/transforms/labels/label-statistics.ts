import { applyAffine, determinant } from '../../imaging/affine.js';
import { toContiguous } from '../../tensor/contiguous.js';
import type { ArrayValue, Fields, Plain } from '../../tensor/value.js';
import { defineTransform } from '../definition.js';
import { fieldParam, fieldsParam, optionalParam } from '../param.js';
import { floatsOf } from '../rounding.js';
import { NUMBERS } from '../traces.js';
import { cannot, plainValue, takeNumbers } from '../values.js';
import { takeLabels } from './label-volumes.js';
import { squeezeToVolume } from './squeeze-to-volume.js';

/** Running figures of one label. */
interface Tally {
  voxels: number;
  readonly first: number[];
  readonly last: number[];
  readonly sum: number[];
  /** The first intensity: sums of distances from it lose no digits where all are large and alike. */
  origin: number;
  apart: number;
  squares: number;
  min: number;
  max: number;
}

const emptyTally = (): Tally => ({
  voxels: 0,
  first: [Infinity, Infinity, Infinity],
  last: [-1, -1, -1],
  sum: [0, 0, 0],
  origin: Number.NaN,
  apart: 0,
  squares: 0,
  min: Infinity,
  max: -Infinity,
});

function addVoxel(tally: Tally, x: number, y: number, z: number): void {
  const { first, last, sum } = tally;
  tally.voxels += 1;
  if (x < first[0]!) first[0] = x;
  if (x > last[0]!) last[0] = x;
  if (y < first[1]!) first[1] = y;
  if (y > last[1]!) last[1] = y;
  if (z < first[2]!) first[2] = z;
  if (z > last[2]!) last[2] = z;
  sum[0]! += x;
  sum[1]! += y;
  sum[2]! += z;
}

function addIntensity(tally: Tally, value: number): void {
  if (Number.isNaN(tally.origin)) tally.origin = Number.isFinite(value) ? value : 0;
  const apart = value - tally.origin;
  tally.apart += apart;
  tally.squares += apart * apart;
  if (value < tally.min) tally.min = value;
  if (value > tally.max) tally.max = value;
}

function tallyLabels(labels: ArrayValue, intensities: Float32Array | Float64Array | undefined): Map<number, Tally> {
  const { data, shape } = toContiguous(labels.array);
  const tallies = new Map<number, Tally>();
  let tally = emptyTally();
  let current = 0;
  let n = 0;
  for (let x = 0; x < shape[0]!; x += 1)
    for (let y = 0; y < shape[1]!; y += 1)
      for (let z = 0; z < shape[2]!; z += 1, n += 1) {
        const label = data[n] as number;
        if (label === 0) continue;
        if (label !== current) {
          current = label;
          tally = tallies.get(label) ?? emptyTally();
          tallies.set(label, tally);
        }
        addVoxel(tally, x, y, z);
        if (intensities !== undefined) addIntensity(tally, intensities[n]!);
      }
  return tallies;
}

function describeTally(label: number, tally: Tally, { geometry }: ArrayValue, withIntensity: boolean): Plain {
  const { voxels, first, last, sum } = tally;
  const center = sum.map((total) => total / voxels) as [number, number, number];
  const row: Plain = { label, voxels };
  if (geometry !== undefined) row['mm3'] = voxels * Math.abs(determinant(geometry.affine));
  row['bounding_box'] = { first: [...first], last: [...last] };
  row['centroid_voxel'] = center;
  if (geometry !== undefined) row['centroid_mm'] = applyAffine(geometry.affine, center);
  if (withIntensity) {
    const apart = tally.apart / voxels;
    const std = Math.sqrt(Math.max(tally.squares / voxels - apart * apart, 0));
    row['intensity'] = { mean: tally.origin + apart, std, min: tally.min, max: tally.max };
  }
  return row;
}

function intensitiesOf(fields: Fields, field: string, labels: ArrayValue): Float32Array | Float64Array {
  const { array } = squeezeToVolume(takeNumbers(fields, field), field);
  if (array.shape.some((length, axis) => length !== labels.array.shape[axis]))
    throw cannot(
      field,
      `shape [${array.shape.join(', ')}] is not that of the labels, [${labels.array.shape.join(', ')}].`,
    );
  return floatsOf(toContiguous(array)).data;
}

export const labelStatistics = defineTransform({
  name: 'LabelStatistics',
  group: 'labels',
  summary: 'Measures every label but 0: voxels, mm³, bounding box, centroid in voxels and in world mm, intensities.',
  notes:
    'Adds FIELD_statistics, a list with one object a label. The bounding box holds the first and the last voxel. World millimetres are RAS+. Without geometry the figures in mm are left out.',
  params: {
    fields: fieldsParam('label maps'),
    image: optionalParam(
      fieldParam('an image on the same grid whose mean, deviation, least and greatest value are measured'),
    ),
  },
  example: { fields: ['prediction'], image: 'image' },
  trace: (ledger, { fields, image }) => {
    if (image !== null) ledger.read(image, NUMBERS);
    for (const field of fields) {
      ledger.read(field, NUMBERS);
      ledger.make(`${field}_statistics`, { kind: 'plain', geometry: 'none' });
    }
  },
  apply: (fields, params) => {
    for (const field of params.fields) {
      const labels = squeezeToVolume(takeLabels(fields, field), field);
      const intensities = params.image === null ? undefined : intensitiesOf(fields, params.image, labels);
      const rows = [...tallyLabels(labels, intensities)]
        .sort(([a], [b]) => a - b)
        .map(([label, tally]) => describeTally(label, tally, labels, intensities !== undefined));
      fields.set(`${field}_statistics`, plainValue(rows));
    }
  },
});
