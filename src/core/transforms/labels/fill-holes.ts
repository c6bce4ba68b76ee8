import { defineTransform } from '../definition.js';
import { fieldsParam, integerParam, listParam, optionalParam } from '../param.js';
import { traceNumbers } from '../traces.js';
import { type Components, type Connectivity, findComponents } from './components.js';
import { connectivityParam } from './connectivity-param.js';
import { changeLabels, type LabelVolume, labelsIn, takeLabels } from './label-volumes.js';
import type { Shape3 } from './runs.js';

/** For each component, whether it reaches the border of the volume. An axis of length 1 has no border of its own. */
function reachesBorder({ runs, ids, sizes }: Components, shape: Shape3): boolean[] {
  const open = new Array<boolean>(sizes.length).fill(false);
  const [nx, ny, nz] = shape;
  const flat = shape.map((length) => length === 1);
  const outer = (at: number, length: number, axis: number): boolean => !flat[axis] && (at === 0 || at === length - 1);
  for (let x = 0, row = 0; x < nx; x += 1)
    for (let y = 0; y < ny; y += 1, row += 1) {
      const edge = outer(x, nx, 0) || outer(y, ny, 1);
      for (let n = runs.firstOfRow[row]!; n < runs.firstOfRow[row + 1]!; n += 1) {
        const from = runs.starts[n]! - row * nz;
        const last = runs.ends[n]! - row * nz - 1;
        if (edge || outer(from, nz, 2) || outer(last, nz, 2)) open[ids[n]!] = true;
      }
    }
  return open;
}

/** Background that the label encloses becomes the label; other labels in it stay. */
function fillLabel(volume: LabelVolume, label: number, connectivity: Connectivity): void {
  const { data, shape } = volume;
  const outside = new Uint8Array(data.length);
  for (let n = 0; n < data.length; n += 1) outside[n] = Number(data[n] !== label);
  const found = findComponents(outside, shape, connectivity);
  const open = reachesBorder(found, shape);
  const { runs, ids } = found;
  for (let run = 0; run < runs.count; run += 1) {
    if (open[ids[run]!]) continue;
    for (let n = runs.starts[run]!; n < runs.ends[run]!; n += 1) if (data[n] === 0) data[n] = label;
  }
}

export const fillHoles = defineTransform({
  name: 'FillHoles',
  group: 'labels',
  summary: 'Fills the holes of each label: background that the label encloses becomes that label.',
  notes:
    'A hole is what the label cuts off from the border of the volume (an axis of length 1 has no border); other labels in it stay. `connectivity` is that of the background. Labels are filled in rising order.',
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
        for (const label of params.labels ?? labelsIn(volume)) fillLabel(volume, label, params.connectivity);
      });
      fields.set(field, filled);
    }
  },
});
