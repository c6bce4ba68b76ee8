import { realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeNifti } from '../../imaging/nifti/write.js';
import type { Fields, ImageValue } from '../../tensor/value.js';
import { type ChainContext, defineTransform } from '../definition.js';
import { fieldsParam, optionalParam, stringParam } from '../param.js';
import { cannot, takeField, takeImage } from '../values.js';
import { liesWithin } from './data-file.js';

/** Where the file goes: within the output folder, whatever prefix and names say. Symbolic links in the folder do not lead out. */
async function placeFile(name: string, field: string, { outputDir }: ChainContext): Promise<string> {
  if (outputDir === undefined)
    throw cannot(field, 'this run writes no files; end the chain with WriteNifti and let the caller save the reply.');
  const root = await realpath(outputDir);
  const target = path.resolve(root, name);
  if (!liesWithin(root, target)) throw cannot(field, `'${name}' is outside the output folder.`);
  if (!liesWithin(root, await realpath(path.dirname(target))))
    throw cannot(field, `'${name}' is outside the output folder.`);
  return target;
}

function nameOf(fields: Fields, field: string): string {
  const value = takeField(fields, field);
  if (value.kind === 'plain' && (typeof value.value === 'string' || typeof value.value === 'number'))
    return String(value.value);
  throw cannot(field, 'it is to be part of a file name; expected a text or a number.');
}

async function writeImage(image: ImageValue, target: string): Promise<void> {
  const { array, geometry, scaling, extra } = image;
  await writeFile(
    target,
    encodeNifti({ array, geometry, scaling, compress: true, labels: extra?.['labels'] === true }),
  );
}

export const writeNiftiToFile = defineTransform({
  name: 'WriteNiftiToFile',
  python: 'eisen.io.imaging.WriteNiftiToFile',
  group: 'reading and writing',
  summary: 'Writes NIfTI images as PREFIX_FIELD.nii.gz; local runs only.',
  notes:
    'With `name_fields` the file is PREFIX_FIELD_NAME.nii.gz. Files stay within the output folder of the run; a server refuses this step.',
  params: {
    fields: fieldsParam('NIfTI images', { mayBeEmpty: true }),
    name_fields: optionalParam(fieldsParam('for each field the field that holds the last part of its file name')),
    filename_prefix: stringParam('start of the file names, relative to the output folder', { default: './' }),
  },
  example: { fields: ['prediction'], filename_prefix: 'case' },
  check: ({ fields, name_fields }) =>
    name_fields !== null && name_fields.length < fields.length
      ? `there are ${fields.length} fields and ${name_fields.length} name fields.`
      : undefined,
  trace: (ledger, { fields, name_fields }) => {
    for (const field of fields) ledger.read(field, ['image']);
    for (const field of name_fields ?? []) ledger.read(field, ['plain']);
  },
  apply: async (fields, params, context) => {
    for (const [n, field] of params.fields.entries()) {
      const image = takeImage(fields, field, ['nifti']);
      const last = params.name_fields === null ? '' : `_${nameOf(fields, params.name_fields[n]!)}`;
      const target = await placeFile(`${params.filename_prefix}_${field}${last}.nii.gz`, field, context);
      await writeImage(image, target);
    }
  },
});
