import { defineTransform } from '../definition.js';
import { fieldsParam, integerParam, listParam, numberParam, optionalParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { findComponents } from './components.js';
import { connectivityParam } from './connectivity-param.js';
import { changeLabels, labelsIn, maskOf, takeLabels, voxelVolume } from './label-volumes.js';

export const removeSmallComponents = defineTransform({
  name: 'RemoveSmallComponents',
  group: 'labels',
  summary: 'Sets connected components of a label to 0 when they are smaller than a size.',
  params: {
    fields: fieldsParam('label maps'),
    min_voxels: optionalParam(integerParam('components with fewer voxels go', { min: 1 })),
    min_mm3: optionalParam(numberParam('components with less volume go; needs geometry', { above: 0 })),
    labels: optionalParam(listParam(integerParam('labels to work on; null: every label but 0'))),
    connectivity: connectivityParam(6),
  },
  example: { fields: ['prediction'], min_mm3: 200 },
  check: ({ min_voxels, min_mm3 }) =>
    (min_voxels === null) === (min_mm3 === null) ? 'give min_voxels or min_mm3, one of them.' : undefined,
  trace: traceNumbers,
  apply: (fields, params) => {
    for (const field of params.fields) {
      const value = takeLabels(fields, field);
      const least = params.min_voxels ?? params.min_mm3! / voxelVolume(value, field);
      const cleaned = changeLabels(value, (volume) => {
        for (const label of params.labels ?? labelsIn(volume)) {
          const { runs, ids, sizes } = findComponents(maskOf(volume, label), volume.shape, params.connectivity);
          for (let n = 0; n < ids.length; n += 1)
            if (sizes[ids[n]!]! < least) volume.data.fill(0, runs.starts[n], runs.ends[n]);
        }
      });
      fields.set(field, cleaned);
    }
  },
});
