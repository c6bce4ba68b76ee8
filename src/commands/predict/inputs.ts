import { existsSync } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { EisenError } from '../../core/errors/error.js';
import { didYouMean } from '../../core/errors/nearest-name.js';
import { LIMITS } from '../../core/limits.js';
import { ARRAY_TYPES, FILE_TYPES, PLAIN_TYPES } from '../../core/metadata/field-types.js';
import type { TensorDescription } from '../../core/metadata/metadata.js';
import { plainToArray } from '../../core/model/plain-array.js';
import { parseJson } from '../../core/tensor/json.js';
import { decodeNpy, isNpy } from '../../core/tensor/npy.js';
import type { Fields, Plain, Value } from '../../core/tensor/value.js';
import { missingFile } from '../missing-file.js';
import { parseNamed } from '../options.js';
import { zipFolder } from './zip-folder.js';

const NAMES_SHOWN = 5;

/** One `--input`, its name found. */
export interface NamedInput {
  readonly name: string;
  readonly value: string;
  readonly type: string;
}

/** Gives each `--input` its name: the one before `=`, or that of the only input that the model has. Throws USAGE. */
export function nameInputs(
  texts: readonly string[],
  declared: readonly TensorDescription[],
  isThere: (file: string) => boolean = existsSync,
): NamedInput[] {
  const names = declared.map((input) => input.name);
  const inputs = texts.map((text) => {
    // A bare path may hold a `=` of its own: then what stands before it is no declared name.
    const { name, value } = parseNamed(text);
    if (names.includes(name) || (name !== '' && !/[/\\.]/.test(name) && !isThere(text))) return { name, value };
    if (names.length === 1) return { name: names[0]!, value: text };
    throw new EisenError('USAGE', `--input ${text}: the model has ${names.length} inputs: ${names.join(', ')}.`, {
      hint: `Say which one the file is for: --input ${names[0] ?? 'name'}=${text}`,
    });
  });
  for (const [index, { name }] of inputs.entries()) {
    if (!names.includes(name)) {
      const hint = didYouMean(name, names).trim();
      throw new EisenError(
        'INPUT_INVALID',
        `--input ${name}: the model has no such input; it has ${names.join(', ')}.`,
        {
          where: name,
          ...(hint === '' ? {} : { hint }),
        },
      );
    }
    if (inputs.findIndex((other) => other.name === name) !== index) {
      throw new EisenError('USAGE', `--input ${name}: given twice.`, {
        where: name,
        hint: 'One call predicts one case: run predict once for each file.',
      });
    }
  }
  const missing = names.filter((name) => !inputs.some((input) => input.name === name));
  if (missing.length > 0) {
    throw new EisenError('INPUT_INVALID', `the model also needs ${missing.join(', ')}.`, {
      where: missing[0],
      hint: `Give --input ${missing[0]}=FILE as well.`,
    });
  }
  return inputs.map((input) => ({ ...input, type: declared.find(({ name }) => name === input.name)!.type }));
}

interface Listeners {
  readonly signal?: AbortSignal | undefined;
  /** Told what of the inputs is not used. */
  readonly warn?: (line: string) => void;
}

/**
 * Reads the values: a file as its bytes, .npy and nested lists in .json as an array (.npy not where a file is declared), a
 * folder zipped, text and JSON for inputs of those types.
 */
export async function readInputs(inputs: readonly NamedInput[], { signal, warn }: Listeners = {}): Promise<Fields> {
  const fields: Fields = new Map();
  for (const input of inputs) {
    signal?.throwIfAborted();
    fields.set(input.name, await readInput(input, warn));
  }
  return fields;
}

async function readInput({ name, value, type }: NamedInput, warn?: (line: string) => void): Promise<Value> {
  let problem: unknown;
  const there = await stat(value).catch((cause: unknown) => {
    problem = cause;
    return null;
  });
  if (PLAIN_TYPES.includes(type))
    return { kind: 'plain', value: await readPlain({ value, type, isFile: there?.isFile() === true }) };
  if (there === null) {
    const { code, message, details } = missingFile(value, problem);
    throw new EisenError(code, message, { ...details, expected: `input ${name}`, cause: problem });
  }
  if (there.isDirectory()) {
    const { bytes, others } = await zipFolder(value);
    if (others.length > 0) warn?.(`${value}: no DICOM and not read: ${listNames(others)}.`);
    return { kind: 'file', bytes, name: `${path.basename(value)}.zip` };
  }
  if (!there.isFile()) {
    throw new EisenError('INPUT_INVALID', `${value}: that is a pipe or a device; inputs are files.`, { where: value });
  }
  if (there.size === 0) throw new EisenError('INPUT_INVALID', `${value}: the file is empty.`, { where: value });
  const bytes = await readWhole(value, there.size);
  if (isNpy(bytes) && !FILE_TYPES.includes(type)) return { kind: 'array', array: decodeNpy(bytes, value) };
  if (ARRAY_TYPES.includes(type) && /\.json$/i.test(value)) {
    return { kind: 'array', array: plainToArray(parseJson(bytes, value), value) };
  }
  return { kind: 'file', bytes, name: path.basename(value) };
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).join(', ');
  return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown;
}

/** A text or JSON: the content of a file of this name when there is one, else the words of the command line themselves. */
async function readPlain(plain: { value: string; type: string; isFile: boolean }): Promise<Plain> {
  const text = plain.isFile ? await readFile(plain.value, 'utf8') : plain.value;
  return plain.type === 'str' ? text : parseJson(text, plain.isFile ? plain.value : '--input');
}

/** The whole file in one buffer of its size. One read call gives 2 GiB at most. */
async function readWhole(file: string, bytes: number): Promise<Uint8Array> {
  if (bytes > LIMITS.requestBytes) {
    throw new EisenError('LIMIT_EXCEEDED', `${file}: ${bytes} bytes; expected at most ${LIMITS.requestBytes}.`, {
      where: file,
    });
  }
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw new EisenError('FILE_NOT_FOUND', `${file}: cannot be read.`, { where: file, cause });
  });
  try {
    const buffer = Buffer.allocUnsafeSlow(bytes);
    let used = 0;
    while (used < bytes) {
      const { bytesRead } = await handle.read(buffer, used, Math.min(bytes - used, 1 << 30), used);
      if (bytesRead === 0) break;
      used += bytesRead;
    }
    return buffer.subarray(0, used);
  } finally {
    await handle.close();
  }
}
