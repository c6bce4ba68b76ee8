import { open, stat } from 'node:fs/promises';
import { resolveEndpoint } from '../core/client/find-model.js';
import { EisenError, isEisenError } from '../core/errors/error.js';
import type { Problem } from '../core/errors/problem.js';
import { withFileSource } from '../core/files/byte-source.js';
import { describeContent, ONNX_KIND } from '../core/files/file-kind.js';
import { LIMITS } from '../core/limits.js';
import { inferMetadata } from '../core/metadata/infer-metadata.js';
import { parseMetadataValue } from '../core/metadata/parse-metadata.js';
import { reviewMetadata } from '../core/metadata/review-metadata.js';
import { readOnnxGraph } from '../core/onnx/read-graph.js';
import { parseJson } from '../core/tensor/json.js';
import { type ConnectFlags, createClientOptions } from './connect-options.js';
import type { MetadataReport } from './metadata-report.js';
import { missingFile } from './missing-file.js';

/** The metadata of a server, a metadata.json or a graph, told apart by address and first bytes, never by the file's name. */
export async function readMetadataSource(source: string, flags: ConnectFlags): Promise<MetadataReport> {
  if (/^https?:\/\//i.test(source)) {
    const options = await createClientOptions(source, flags);
    const url = await resolveEndpoint(options);
    const { EisenServingClient } = await import('../core/client/eisen-serving-client.js');
    const client = new EisenServingClient({ ...options, url });
    try {
      return { kind: 'server', source: url, metadata: await client.getMetadata() };
    } finally {
      client.close();
    }
  }
  if (await isJsonFile(source)) {
    return { kind: 'json', source, metadata: parseMetadataValue(await readJsonFile(source), source) };
  }
  if (await isArchive(source)) {
    const { describeArchive } = await import('./metadata-archive.js');
    return describeArchive(source);
  }
  const graph = withFileSource(source, (file) => readOnnxGraph(file, source));
  const { producer, producerVersion, opset, nodeCount, domains } = graph;
  const model = { producer, producerVersion, opset, nodeCount, domains };
  return { kind: 'onnx', source, metadata: inferMetadata(graph), model };
}

export interface MetadataCheck {
  readonly problems: readonly Problem[];
  /** Odd, not wrong. */
  readonly warnings: readonly Problem[];
}

/** Every problem of a metadata.json; the first of an archive, for what is damaged cannot be looked through. */
export async function checkMetadataFile(file: string): Promise<MetadataCheck> {
  try {
    if (await isArchive(file)) {
      const { checkArchive } = await import('../core/packaging/check-archive.js');
      await checkArchive(file);
      return { problems: [], warnings: [] };
    }
    const { problems, slips, undeclared } = reviewMetadata(await readJsonFile(file));
    return { problems, warnings: [...slips, ...undeclared] };
  } catch (error) {
    if (!isEisenError(error) || ['FILE_NOT_FOUND', 'LIMIT_EXCEEDED'].includes(error.code)) throw error;
    return { problems: [asProblem(error, file)], warnings: [] };
  }
}

/** The error of a file as a problem of it: what is no JSON has a line and a column instead of a pointer. */
function asProblem({ code, message, details }: EisenError, file: string): Problem {
  const rest = details.where?.startsWith(`${file}:`) === true ? details.where.slice(file.length + 1) : '';
  const place = /^\d+:\d+$/.test(rest) ? rest : '';
  const prefix = `${file}${place === '' ? '' : `:${place}`}: `;
  return {
    code,
    pointer: '',
    message: message.startsWith(prefix) ? message.slice(prefix.length) : message,
    ...(place === '' ? {} : { place }),
    ...(details.hint === undefined ? {} : { hint: details.hint }),
  };
}

/** A folder, a zip or a gzip: what an archive can be. */
async function isArchive(file: string): Promise<boolean> {
  if ((await stat(file).catch(() => null))?.isDirectory() === true) return true;
  const head = (await readHead(file, 4)).toString('latin1');
  return head.startsWith('PK') || head.startsWith('\x1f\x8b');
}

async function readHead(file: string, bytes: number): Promise<Buffer> {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw missingFile(file, cause);
  }
}

/** True when the first byte that is no blank opens an object or a list; no ONNX file and no archive starts so. */
async function isJsonFile(file: string): Promise<boolean> {
  return /^\s*[[{]/.test((await readHead(file, 1024)).toString('latin1'));
}

async function readJsonFile(file: string): Promise<unknown> {
  const head = await readHead(file, LIMITS.jsonEntryBytes + 1);
  if (looksBinary(head)) {
    const found = describeContent(head);
    throw new EisenError('METADATA_INVALID', `${file}: neither a metadata.json nor an archive but ${found}.`, {
      where: file,
      found,
      ...(found === ONNX_KIND ? { hint: 'What it says of itself is shown by `eisen-deploy metadata show`.' } : {}),
    });
  }
  if (head.length > LIMITS.jsonEntryBytes) {
    throw new EisenError('LIMIT_EXCEEDED', `${file}: more than ${LIMITS.jsonEntryBytes} bytes; expected metadata.`, {
      where: file,
    });
  }
  return parseJson(head, file, { duplicateKeys: 'refuse' });
}

/** No text has control characters other than blanks. */
function looksBinary(head: Buffer): boolean {
  return head.subarray(0, 1024).some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20));
}
