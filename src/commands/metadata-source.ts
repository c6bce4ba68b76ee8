import { open } from 'node:fs/promises';
import { resolveEndpoint } from '../core/client/find-model.js';
import { EisenError, isEisenError } from '../core/errors/error.js';
import type { Problem } from '../core/errors/problem.js';
import { withFileSource } from '../core/files/byte-source.js';
import { LIMITS } from '../core/limits.js';
import { checkMetadata } from '../core/metadata/check-metadata.js';
import { inferMetadata } from '../core/metadata/infer-metadata.js';
import type { Metadata } from '../core/metadata/metadata.js';
import { parseMetadataValue } from '../core/metadata/parse-metadata.js';
import type { OnnxGraph } from '../core/onnx/graph.js';
import { readOnnxGraph } from '../core/onnx/read-graph.js';
import { parseJson } from '../core/tensor/json.js';
import { type ConnectFlags, createClientOptions } from './connect-options.js';

/** What `metadata show` found, and where. */
export interface MetadataReport {
  readonly kind: 'onnx' | 'json' | 'server';
  readonly source: string;
  readonly metadata: Metadata;
  /** For a graph: what its file says beside inputs and outputs. */
  readonly model?: Pick<OnnxGraph, 'producer' | 'producerVersion' | 'opset' | 'nodeCount' | 'domains'>;
}

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
  const graph = withFileSource(source, (file) => readOnnxGraph(file, source));
  const { producer, producerVersion, opset, nodeCount, domains } = graph;
  const model = { producer, producerVersion, opset, nodeCount, domains };
  return { kind: 'onnx', source, metadata: inferMetadata(graph), model };
}

/** Every problem of a metadata.json. */
export async function checkMetadataFile(file: string): Promise<Problem[]> {
  try {
    return checkMetadata(await readJsonFile(file));
  } catch (error) {
    if (!isEisenError(error) || error.code !== 'JSON_INVALID') throw error;
    return [{ code: error.code, pointer: '', message: error.message }];
  }
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
    throw new EisenError('FILE_NOT_FOUND', `${file}: cannot be read.`, { where: file, cause });
  }
}

/** True when the first byte that is no blank opens an object or a list; no ONNX file and no archive starts so. */
async function isJsonFile(file: string): Promise<boolean> {
  return /^\s*[[{]/.test((await readHead(file, 1024)).toString('latin1'));
}

async function readJsonFile(file: string): Promise<unknown> {
  const head = await readHead(file, LIMITS.jsonEntryBytes + 1);
  if (head.length > LIMITS.jsonEntryBytes) {
    throw new EisenError('LIMIT_EXCEEDED', `${file}: more than ${LIMITS.jsonEntryBytes} bytes; expected metadata.`, {
      where: file,
    });
  }
  return parseJson(head, file, { duplicateKeys: 'refuse' });
}
