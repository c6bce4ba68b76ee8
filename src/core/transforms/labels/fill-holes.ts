import { defineTransform } from '../definition.js';
import { fieldsParam, integerParam, listParam, optionalParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { type Components, findComponents, type Shape3 } from './components.js';
import { connectivityParam } from './connectivity-param.js';
import { changeLabels, labelsIn, maskOf, takeLabels } from './label-volumes.js';

/** For each component, whether it reaches the border of the volume. An axis of length 1 has no border of its own. */
function reachesBorder({ ids, sizes }: Components, shape: Shape3): boolean[] {
  const open = new Array<boolean>(sizes.length).fill(false);
  const [nx, ny, nz] = shape;
  const flat = shape.map((length) => length === 1);
  const outer = (at: number, length: number, axis: number): boolean => !flat[axis] && (at === 0 || at === length - 1);
  let n = 0;
  for (let x = 0; x < nx; x += 1)
    for (let y = 0; y < ny; y += 1) {
      const edge = outer(x, nx, 0) || outer(y, ny, 1);
      for (let z = 0; z < nz; z += 1, n += 1) if (edge || outer(z, nz, 2)) open[ids[n]!] = true;
    }
  return open;
}

export const fillHoles = defineTransform({
  name: 'FillHoles',
  group: 'labels',
  summary: 'Fills the holes of each label: background that the label encloses becomes that label.',
  notes:
    'A hole is what the label cuts off from the border of the volume; other labels in it stay. `connectivity` is that of the background. Labels are filled in rising order.',
  params: {
    fields: fieldsParam('label maps'),
    labels: optionalParam(listParam(integerParam('labels to work on; null: every label but 0'))),
    connectivity: connectivityParam(6),
  },
  example: { fields: ['prediction'] },
  trace: traceNumbers,
  apply: (fields, params) => {
    for (const field of params.fields) {
      const filled = changeLabels(takeLabels(fields, field), (volume) => {
        for (const label of params.labels ?? labelsIn(volume)) {
          const outside = maskOf(volume, label).map((inside) => 1 - inside);
          const found = findComponents(outside, volume.shape, params.connectivity);
          const open = reachesBorder(found, volume.shape);
          for (let n = 0; n < outside.length; n += 1)
            if (outside[n] === 1 && volume.data[n] === 0 && !open[found.ids[n]!]) volume.data[n] = label;
        }
      });
      fields.set(field, filled);
    }
  },
});
