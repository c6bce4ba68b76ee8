import type { Archive } from '../archive/archive.js';
import { refuse } from '../archive/refuse.js';
import { isEisenError } from '../errors/error.js';
import { looksLikeNifti, readNifti } from '../imaging/nifti/read.js';
import { LIMITS } from '../limits.js';
import { parseJson } from '../tensor/json.js';
import { decodeFields } from '../tensor/msgpack.js';
import { type NdArray, wrapNdArray } from '../tensor/ndarray.js';
import { decodeNpy } from '../tensor/npy.js';
import type { Plain } from '../tensor/value.js';
import { valuesOf } from '../transforms/image-array.js';
import { findDifference, type ReplyParts } from './compare-fields.js';

/** Folder of an archive that holds a request body and the reply that is expected for it. */
export const SAMPLE_FOLDER = 'sample';

/** A file of a sample; the ending of its name tells its form. */
export interface SampleFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Sample {
  readonly input: SampleFile;
  readonly expected: SampleFile;
}

/** The request of a sample, as a client would send it. */
export interface SampleRequest {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: { readonly name: string; readonly contentType: string; readonly value: Uint8Array };
}

const INPUT_TYPES: ReadonlyMap<string, string> = new Map([
  ['msgpack', 'application/msgpack'],
  ['json', 'application/json'],
]);

const REPLY_TYPES: ReadonlyMap<string, string> = new Map([
  ['msgpack', 'application/msgpack'],
  ['json', 'application/json'],
  ['npy', 'application/x-npy'],
  ['nii', 'application/x-nifti'],
  ['nii.gz', 'application/x-nifti+gzip'],
  ['png', 'image/png'],
]);

const endingOf = (name: string): string => name.split('/').at(-1)!.split('.').slice(1).join('.').toLowerCase();

/** The request for an input file, asking for the form that the ending of `expectedName` stands for. */
export function sampleRequest(input: SampleFile, expectedName: string): SampleRequest {
  const accept = REPLY_TYPES.get(endingOf(expectedName)) ?? '*/*';
  const contentType = INPUT_TYPES.get(endingOf(input.name)) ?? '';
  return { headers: [['accept', accept]], body: { name: 'body', contentType, value: input.bytes } };
}

function volumeParts(bytes: Uint8Array, name: string): [string, NdArray][] {
  const image = readNifti({ bytes });
  const affine = wrapNdArray('float64', [4, 4], Float64Array.from(image.geometry?.affine ?? new Array(16).fill(0)));
  return [
    [name, valuesOf(image)],
    [`affine of ${name}`, affine],
  ];
}

function takeApart(bytes: Uint8Array, ending: string): ReplyParts {
  const isVolume = (file: Uint8Array): boolean => looksLikeNifti(file) || (file[0] === 0x1f && file[1] === 0x8b);
  if (ending === 'json') return new Map([['reply', { plain: parseJson(bytes, 'reply') }]]);
  if (ending === 'npy') return new Map([['reply', decodeNpy(bytes, 'reply')]]);
  if (ending === 'nii' || ending === 'nii.gz') return new Map(volumeParts(bytes, 'reply'));
  if (ending !== 'msgpack') return new Map([['reply', { plain: Buffer.from(bytes).toString('base64') }]]);
  return new Map(
    [...decodeFields(bytes)].flatMap(([name, value]): [string, NdArray | { plain: Plain }][] => {
      if (value.kind === 'array' || value.kind === 'image') return [[name, value.array]];
      if (value.kind === 'plain') return [[name, { plain: value.value }]];
      return isVolume(value.bytes)
        ? volumeParts(value.bytes, name)
        : [[name, { plain: Buffer.from(value.bytes).toString('base64') }]];
    }),
  );
}

/** What a worker answered to the request of a sample. */
export interface SampleReply {
  /** HTTP status. */
  readonly status: number;
  readonly body: readonly Uint8Array[];
}

function messageOf(body: Uint8Array): string {
  try {
    const { message } = JSON.parse(Buffer.from(body).toString('utf8')) as { message?: unknown };
    return String(message).slice(0, 500);
  } catch {
    return 'it gave no reason.';
  }
}

/** The bytes of a reply; throws MAR_SAMPLE with its reason when it is a refusal. */
export function demandReply(reply: SampleReply, where: string): Uint8Array {
  const body = Buffer.concat(reply.body);
  if (reply.status < 300) return body;
  throw refuse('MAR_SAMPLE', where, `the model refuses its sample with status ${reply.status}: ${messageOf(body)}`);
}

/** Compares a reply with the one that a sample expects; throws MAR_SAMPLE with the first difference past the tolerance. */
export function checkSampleReply(expected: SampleFile, reply: SampleReply, where: string): void {
  const ending = endingOf(expected.name);
  const body = demandReply(reply, where);
  let difference: string | null;
  try {
    difference = findDifference(takeApart(expected.bytes, ending), takeApart(body, ending));
  } catch (cause) {
    if (!isEisenError(cause)) throw cause;
    throw refuse('MAR_SAMPLE', where, `a reply of the form .${ending} cannot be read: ${cause.message}`, { cause });
  }
  if (difference !== null) throw refuse('MAR_SAMPLE', where, `the reply is not the expected one: ${difference}`);
}

/** The sample of an archive; null when it carries none. Throws MAR_SAMPLE for a half of one. */
export async function readSample(archive: Archive, where: string): Promise<Sample | null> {
  const find = async (stem: string): Promise<SampleFile | null> => {
    const found = archive.entries.filter(({ name }) => name.startsWith(`${SAMPLE_FOLDER}/${stem}.`));
    if (found.length > 1) throw refuse('MAR_SAMPLE', where, `there are ${found.length} entries called ${stem}.*.`);
    const [entry] = found;
    if (entry === undefined) return null;
    return { name: entry.name, bytes: await archive.readEntry(entry.name, { limitBytes: LIMITS.sampleBytes }) };
  };
  const [input, expected] = [await find('input'), await find('expected')];
  if (input === null && expected === null) return null;
  if (input !== null && expected !== null) return { input, expected };
  throw refuse('MAR_SAMPLE', where, `the sample has no ${input === null ? 'input' : 'expected'}.* beside the other.`);
}
