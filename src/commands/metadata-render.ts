import type { Metadata, TensorDescription } from '../core/metadata/metadata.js';
import type { MetadataReport } from './metadata-source.js';
import { renderTable, showSafely } from './render-table.js';

/** Metadata as a person reads it: one table of inputs and outputs, then what else there is. */
export function renderMetadata(report: MetadataReport): string {
  const { metadata, model } = report;
  const rows = [...describe('input', metadata.inputs, metadata), ...describe('output', metadata.outputs, metadata)];
  const lines = [showSafely(report.source)];
  if (model !== undefined) {
    const producer = `${model.producer} ${model.producerVersion}`.trim();
    lines.push(
      `ONNX opset ${model.opset}, ${model.nodeCount} nodes${producer === '' ? '' : `, made by ${showSafely(producer)}`}`,
    );
  }
  lines.push(
    '',
    rows.length === 0 ? 'no inputs and no outputs' : renderTable(['', 'name', 'type', 'dtype', 'shape', ''], rows),
  );
  const custom = metadata.custom;
  if (typeof custom === 'object' && custom !== null && Object.keys(custom).length > 0) {
    lines.push('', `custom: ${showSafely(JSON.stringify(custom))}`);
  }
  return lines.join('\n');
}

function describe(what: 'input' | 'output', fields: readonly TensorDescription[], metadata: Metadata): string[][] {
  const list = what === 'input' ? metadata.model_input_list : metadata.model_output_list;
  const own = (list ?? []).filter((name) => !fields.some((field) => field.name === name));
  return [
    ...fields.map((field) => [
      what,
      field.name,
      field.type,
      typeof field['dtype'] === 'string' ? field['dtype'] : '',
      renderShape(field.shape),
      list === undefined || list.includes(field.name) ? 'of the model' : 'of the chain only',
    ]),
    ...own.map((name) => [what, name, '', '', '', 'of the model only']),
  ];
}

/** A free axis is written as a question mark. */
function renderShape(shape: unknown): string {
  if (!Array.isArray(shape)) return shape === undefined || shape === null ? '' : String(shape);
  return `[${shape.map((axis) => (axis === -1 ? '?' : String(axis))).join(', ')}]`;
}
