import { isEisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import { parseJson } from '../tensor/json.js';
import type { Plain } from '../tensor/value.js';
import type { Archive } from './archive.js';
import { checkEntryName } from './entry-name.js';
import { MANIFEST_NAME, type Manifest, MODEL_NAME } from './manifest.js';
import { refuse, showText } from './refuse.js';

type Json = { readonly [key: string]: Plain };

const isObject = (value: Plain | undefined): value is Json & { [key: string]: Plain } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const kindOf = (value: Plain | undefined): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;

function readText(object: Json, key: string, where: string): string | undefined {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  if (value === undefined) return undefined;
  // Old archivers wrote numbers for versions, and null for what was not given.
  if (value === null) return undefined;
  if (typeof value === 'number' && key.endsWith('ersion')) return String(value);
  if (typeof value !== 'string') throw refuse('MAR_MANIFEST', where, `${key} is ${kindOf(value)}; expected text.`);
  if (value.length > 1024)
    throw refuse('MAR_MANIFEST', where, `${key} has ${value.length} characters; at most 1024 are accepted.`);
  if (/\p{Cc}/u.test(value)) throw refuse('MAR_MANIFEST', where, `${key} holds a control character.`);
  return value;
}

function readPath(model: Json, key: string, where: string): string | undefined {
  const value = readText(model, key, where);
  if (value === undefined || value === '') return undefined;
  try {
    checkEntryName(value, where);
  } catch (cause) {
    throw refuse(
      'MAR_MANIFEST_PATH',
      where,
      `${key} is '${showText(value)}'; expected the name of a file in the archive.`,
      { cause },
    );
  }
  return value;
}

/** `module`, `module.py`, `module:function` or a built-in name. The module part names a file of the archive, never one outside. */
function readHandler(model: Json, where: string): string | undefined {
  const value = readText(model, 'handler', where);
  if (value === undefined || value === '') return undefined;
  const parts = /^([^:]+)(?::([A-Za-z_]\w*))?$/.exec(value);
  if (parts === null) {
    throw refuse('MAR_MANIFEST', where, `handler is '${showText(value)}'; expected module.py or module:function.`);
  }
  readPath({ handler: parts[1]! }, 'handler', where);
  return value;
}

/** Parses a manifest; throws MAR_MANIFEST or MAR_MANIFEST_PATH. Unknown keys are left to the Python handlers that read them. */
export function parseManifest(bytes: Uint8Array, where: string): Manifest {
  const at = `${where}: ${MANIFEST_NAME}`;
  let json: Plain;
  try {
    json = parseJson(bytes, at, { duplicateKeys: 'refuse', limitBytes: LIMITS.jsonEntryBytes });
  } catch (cause) {
    if (isEisenError(cause)) {
      const place = cause.details.where ?? at;
      throw refuse('MAR_MANIFEST', place, cause.message.replace(`${place}: `, ''), { cause });
    }
    throw cause;
  }
  if (!isObject(json)) throw refuse('MAR_MANIFEST', at, `it is ${kindOf(json)}; expected an object.`);
  const model = Object.hasOwn(json, 'model') ? json['model'] : {};
  if (!isObject(model)) throw refuse('MAR_MANIFEST', at, `model is ${kindOf(model)}; expected an object.`);
  const modelName = readText(model, 'modelName', at);
  if (modelName !== undefined && !MODEL_NAME.test(modelName)) {
    throw refuse('MAR_MANIFEST', at, `modelName is '${showText(modelName)}'; expected ${MODEL_NAME.source}.`);
  }
  return dropUndefined({
    createdOn: readText(json, 'createdOn', at),
    runtime: readText(json, 'runtime', at) ?? 'python',
    description: readText(json, 'description', at),
    archiverVersion: readText(json, 'archiverVersion', at),
    model: dropUndefined({
      modelName,
      modelVersion: readText(model, 'modelVersion', at),
      description: readText(model, 'description', at),
      handler: readHandler(model, at),
      serializedFile: readPath(model, 'serializedFile', at),
      modelFile: readPath(model, 'modelFile', at),
      requirementsFile: readPath(model, 'requirementsFile', at),
      configFile: readPath(model, 'configFile', at),
      extensions: Object.hasOwn(model, 'extensions') ? model['extensions'] : undefined,
    }),
  });
}

function dropUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

/** The manifest of an archive, null when it carries none. */
export async function readManifest(
  archive: { find(name: string): { readonly bytes: number } | undefined } & Pick<Archive, 'readEntry'>,
  where: string,
): Promise<Manifest | null> {
  const entry = archive.find(MANIFEST_NAME);
  if (entry === undefined) return null;
  if (entry.bytes > LIMITS.jsonEntryBytes) {
    throw refuse(
      'MAR_MANIFEST',
      `${where}: ${MANIFEST_NAME}`,
      `it has ${entry.bytes} bytes; at most ${LIMITS.jsonEntryBytes} are accepted.`,
    );
  }
  return parseManifest(await archive.readEntry(MANIFEST_NAME), where);
}
