import { renderFound } from '../core/errors/refuse-problems.js';
import type { Metadata, TensorDescription } from '../core/metadata/metadata.js';
import type { ArchiveReport } from '../core/packaging/check-archive.js';
import type { MetadataReport, ShownChain } from './metadata-report.js';
import { renderBytes, renderTable, showSafely } from './render-table.js';

/** Metadata as a person reads it: one table of inputs and outputs, then what else there is. */
export function renderMetadata({ source, metadata, model, archive, chains }: MetadataReport): string {
  const lines = [showSafely(source)];
  if (model !== undefined) {
    const producer = `${model.producer} ${model.producerVersion}`.trim();
    const made = producer === '' ? '' : `, made by ${showSafely(producer)}`;
    lines.push(`ONNX opset ${model.opset}, ${model.nodeCount} nodes${made}`);
  }
  lines.push('', metadata === null ? 'no metadata' : renderFields(metadata));
  const custom = metadata?.custom;
  if (typeof custom === 'object' && custom !== null && Object.keys(custom).length > 0) {
    lines.push('', `custom: ${showSafely(JSON.stringify(custom))}`);
  }
  if (chains !== undefined)
    lines.push(...renderChain('pre-processing', chains.pre), ...renderChain('post-processing', chains.post));
  if (archive !== undefined) lines.push('', ...renderArchive(archive));
  return lines.join('\n');
}

function renderFields(metadata: Metadata): string {
  const rows = [...describe('input', metadata.inputs, metadata), ...describe('output', metadata.outputs, metadata)];
  return rows.length === 0 ? 'no inputs and no outputs' : renderTable(['', 'name', 'type', 'dtype', 'shape', ''], rows);
}

/** One line a step, counted as in the pointers of messages; nothing for a chain that is not there or has no step. */
function renderChain(title: string, chain: ShownChain | null): string[] {
  if (chain === null || chain.length === 0) return [];
  const rows = chain.map(({ type, params: { fields, ...rest } }, index) => [
    String(index),
    type,
    Array.isArray(fields) ? fields.join(', ') : renderFound(fields ?? []),
    Object.entries(rest)
      .map(([name, value]) => `${name}=${renderFound(value)}`)
      .join(' '),
  ]);
  return ['', renderTable([title, 'transform', 'fields', 'parameters'], rows)];
}

function renderArchive({ manifest, entries, isSealed }: ArchiveReport): string[] {
  const name =
    manifest === null ? 'no manifest' : `${manifest.model.modelName} ${manifest.model.modelVersion ?? ''}`.trim();
  const seal = isSealed ? 'every entry agrees with its SHA-256' : 'every entry agrees with its CRC-32';
  const rows = entries.map((entry) => [entry.name, renderBytes(entry.bytes), entry.sha256.slice(0, 16), entry.kind]);
  return [`${showSafely(name)}; ${seal}`, '', renderTable(['entry', 'size', 'sha256', 'what it is'], rows)];
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
