import { renderOverlay } from '../../imaging/overlay.js';
import { encodePng } from '../../imaging/png.js';
import type { NdArray } from '../../tensor/ndarray.js';
import type { ArrayValue, Fields, Geometry } from '../../tensor/value.js';
import { defineTransform } from '../definition.js';
import { resampleValue } from '../geometry/resample.js';
import { fieldParam, fieldsParam, integerParam, mappingParam, optionalParam, stringParam } from '../param.js';
import { NUMBERS } from '../traces.js';
import { needGeometry, takePlaced } from '../values.js';
import { takeLabels } from './label-volumes.js';
import { squeezeToVolume } from './squeeze-to-volume.js';

/** The image on the grid of the labels: as it is when it lies there already, else sampled. */
function backgroundOn(
  fields: Fields,
  field: string,
  { array, geometry }: { array: NdArray; geometry: Geometry },
): NdArray {
  const value = takePlaced(fields, field);
  const [x, y, z] = array.shape as [number, number, number];
  const sampling = { mode: 'linear', outside: { rule: 'fill', fill: 0 } } as const;
  const grid = { affine: geometry.affine, shape: [x, y, z] as const };
  return squeezeToVolume(resampleValue(value, needGeometry(value, field), { grid, sampling }), field).array;
}

function drawOverlay(fields: Fields, labels: ArrayValue, field: string, options: OverlayOptions): Uint8Array {
  const volume = squeezeToVolume(labels, field);
  const geometry = needGeometry(volume, field);
  const image = backgroundOn(fields, options.image, { array: volume.array, geometry });
  const names = new Map([...(options.names ?? [])].map(([label, name]) => [Number(label), name]));
  const { affine } = geometry;
  return encodePng(renderOverlay({ image, labels: volume.array, affine, names, panelPixels: options.panel_pixels }));
}

interface OverlayOptions {
  readonly image: string;
  readonly names: ReadonlyMap<string, string> | null;
  readonly panel_pixels: number;
}

export const compositeOverlay = defineTransform({
  name: 'CompositeOverlay',
  group: 'labels',
  summary: 'Draws a label map over an image in three planes, with a legend and marks for left and right, as a PNG.',
  notes:
    'Adds FIELD_overlay, the bytes of the picture. The image is sampled onto the grid of the labels when it lies on another one. Radiological convention, whatever the orientation of the file.',
  params: {
    fields: fieldsParam('label maps with geometry'),
    image: fieldParam('the image that lies beneath'),
    names: optionalParam(mappingParam(stringParam('name of each label, as {"1": "name"}'))),
    panel_pixels: integerParam('height and width of each plane', { default: 320, min: 64, max: 2048 }),
  },
  example: { fields: ['prediction'], image: 'image', names: { 1: 'CSF', 2: 'grey matter', 3: 'white matter' } },
  check: ({ names }) => {
    const odd = [...(names?.keys() ?? [])].find((label) => !/^\d{1,10}$/.test(label));
    return odd === undefined ? undefined : `'${odd}' is no label; expected whole numbers as keys of names.`;
  },
  trace: (ledger, { fields, image }) => {
    ledger.readPlaced(image, NUMBERS);
    for (const field of fields) {
      ledger.readPlaced(field, NUMBERS);
      ledger.make(`${field}_overlay`, { kind: 'file', geometry: 'none', isPicture: true });
    }
  },
  apply: (fields, params) => {
    for (const field of params.fields) {
      const bytes = drawOverlay(fields, takeLabels(fields, field), field, params);
      fields.set(`${field}_overlay`, { kind: 'file', bytes, name: `${field}_overlay.png`, contentType: 'image/png' });
    }
  },
});
