import { defineTransform } from '../definition.js';
import { booleanParam, fieldsParam, integerParam, listParam, numberParam, optionalParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { type Connectivity, findComponents } from './components.js';
import { connectivityParam } from './connectivity-param.js';
import { changeLabels, type LabelVolume, labelsIn, maskOf, takeLabels, voxelVolume } from './label-volumes.js';

interface Rule {
  readonly labels: readonly number[] | null;
  readonly connectivity: Connectivity;
  readonly independent: boolean;
  readonly least: number;
}

/** Clears what is not in the largest component of the mask; the first of equals stays. */
function keepLargest(volume: LabelVolume, mask: Uint8Array, { connectivity, least }: Rule): void {
  const { runs, ids, sizes } = findComponents(mask, volume.shape, connectivity);
  let largest = 0;
  for (let id = 1; id < sizes.length; id += 1) if (largest === 0 || sizes[id]! > sizes[largest]!) largest = id;
  if (largest > 0 && sizes[largest]! < least) largest = -1;
  for (let n = 0; n < ids.length; n += 1) if (ids[n] !== largest) volume.data.fill(0, runs.starts[n], runs.ends[n]);
}

function cleanVolume(volume: LabelVolume, rule: Rule): void {
  const labels = rule.labels ?? labelsIn(volume);
  if (rule.independent) {
    for (const label of labels) keepLargest(volume, maskOf(volume, label), rule);
    return;
  }
  const together = new Uint8Array(volume.data.length);
  for (const label of labels) {
    const mask = maskOf(volume, label);
    for (let n = 0; n < mask.length; n += 1) together[n]! |= mask[n]!;
  }
  keepLargest(volume, together, rule);
}

export const keepLargestComponent = defineTransform({
  name: 'KeepLargestComponent',
  group: 'labels',
  summary: 'Keeps the largest connected component of each label and sets the rest of it to 0.',
  notes: 'The first of equally large ones stays. Every volume of an array with further axes is worked on for itself.',
  params: {
    fields: fieldsParam('label maps'),
    labels: optionalParam(listParam(integerParam('labels to work on; null: every label but 0'))),
    connectivity: connectivityParam(26),
    independent: booleanParam('each label for itself; false: all of them as one', { default: true }),
    min_mm3: numberParam('also remove the largest component when it is smaller than this', { default: 0, min: 0 }),
  },
  example: { fields: ['prediction'], labels: [1], connectivity: 26 },
  trace: traceNumbers,
  apply: (fields, params) => {
    for (const field of params.fields) {
      const value = takeLabels(fields, field);
      const least = params.min_mm3 === 0 ? 0 : params.min_mm3 / voxelVolume(value, field);
      fields.set(
        field,
        changeLabels(value, (volume) => cleanVolume(volume, { ...params, least })),
      );
    }
  },
});
