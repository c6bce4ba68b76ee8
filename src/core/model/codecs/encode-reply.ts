import { randomBytes } from 'node:crypto';
import { EisenError } from '../../errors/error.js';
import { encodeNifti } from '../../imaging/nifti/write.js';
import { encodePickleFields } from '../../legacy/encode-pickle.js';
import { encodeFields } from '../../tensor/msgpack.js';
import { encodeNpy } from '../../tensor/npy.js';
import type { Fields, FileValue, Plain, Value } from '../../tensor/value.js';
import { valuesOf } from '../../transforms/image-array.js';
import type { DecodedBody, HandlerReply } from '../handler-row.js';
import { arrayToPlain } from '../plain-array.js';
import { type Accepted, parseAccept } from './accept.js';

/** What the request was like, as far as the form of its reply depends on it. */
export interface ReplyRequest {
  readonly accept: string | undefined;
  readonly wire: DecodedBody['wire'];
  readonly gzipped: boolean;
}

const NIFTI = 'application/x-nifti';

function asNifti(value: Value, compress: boolean): readonly Uint8Array[] | null {
  if (value.kind === 'image' && value.form === 'nifti') {
    const { array, geometry, scaling } = value;
    return encodeNifti({ array, geometry, scaling, labels: value.extra?.['labels'] === true, compress });
  }
  if (value.kind === 'array' && value.geometry !== undefined) {
    return encodeNifti({ array: value.array, geometry: value.geometry, compress });
  }
  return value.kind === 'file' && value.contentType?.startsWith(NIFTI) ? [value.bytes] : null;
}

/** A value as one file: a volume as NIfTI, an array as .npy, a file as it is. */
function asFile(
  value: Value,
  compress: boolean,
): { body: readonly Uint8Array[]; contentType: string; ending: string } | null {
  const nifti = asNifti(value, compress);
  if (nifti !== null) return { body: nifti, contentType: NIFTI, ending: compress ? '.nii.gz' : '.nii' };
  if (value.kind === 'array') return { body: encodeNpy(value.array), contentType: 'application/x-npy', ending: '.npy' };
  if (value.kind === 'file') {
    return { body: [value.bytes], contentType: value.contentType ?? 'application/octet-stream', ending: '' };
  }
  return null;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

/** Images become the bytes of a NIfTI file: msgpack and pickle know arrays, files and plain data only. */
export function packable(outputs: Fields, compress: boolean): Fields {
  return new Map(
    [...outputs].map(([name, value]): [string, Value] => {
      if (value.kind !== 'image') return [name, value];
      const nifti = asNifti(value, compress);
      if (nifti === null) return [name, { kind: 'array', array: valuesOf(value) }];
      return [name, { kind: 'file', bytes: joined(nifti), contentType: NIFTI } satisfies FileValue];
    }),
  );
}

function encodeJson(outputs: Fields, compress: boolean): HandlerReply {
  const json: { [name: string]: Plain } = Object.create(null) as { [name: string]: Plain };
  for (const [name, value] of packable(outputs, compress)) {
    if (value.kind === 'array') json[name] = arrayToPlain(value.array);
    else if (value.kind === 'plain') json[name] = value.value;
    else if (value.kind === 'file') json[name] = { b64: Buffer.from(value.bytes).toString('base64') };
  }
  const text = JSON.stringify(json, (_key, item: unknown) => (typeof item === 'bigint' ? String(item) : item));
  return { contentType: 'application/json', headers: [], body: [Buffer.from(text)] };
}

function encodeMultipart(outputs: Fields, compress: boolean): HandlerReply {
  const boundary = `eisen-${randomBytes(12).toString('hex')}`;
  const body: Uint8Array[] = [];
  for (const [name, value] of outputs) {
    const part = asFile(value, compress) ?? encodeJson(new Map([[name, value]]), compress);
    const file = 'ending' in part ? `; filename="${name.replace(/[^\w.-]/g, '_')}${part.ending}"` : '';
    body.push(
      Buffer.from(
        `--${boundary}\r\ncontent-type: ${part.contentType}\r\ncontent-disposition: attachment; name="${name.replace(/[^\w.-]/g, '_')}"${file}\r\n\r\n`,
      ),
      ...part.body,
      Buffer.from('\r\n'),
    );
  }
  body.push(Buffer.from(`--${boundary}--\r\n`));
  return { contentType: `multipart/mixed; boundary=${boundary}`, headers: [], body };
}

const SEVERAL_HINT = 'Ask for multipart/mixed or application/msgpack.';
const NONE_HINTS: Readonly<Record<string, string>> = {
  'application/x-nifti':
    'End the post-processing chain with WriteNifti, or ask for application/x-npy or application/json.',
  'application/x-nifti+gzip':
    'End the post-processing chain with WriteNifti, or ask for application/x-npy or application/json.',
  'application/x-npy': 'Ask for application/json or application/msgpack: they hold anything.',
  'image/png': 'End the post-processing chain with CompositeOverlay and declare the field that it adds.',
};

/** `scores is plain data, seg is a volume`. */
function describeOutputs(outputs: Fields): string {
  const kinds = { array: 'an array', image: 'a volume', file: 'a file', plain: 'plain data' };
  return [...outputs].map(([name, { kind }]) => `${name} is ${kinds[kind]}`).join(', ');
}

/** The one output that can take a single-file form; throws NOT_ACCEPTABLE when there is none or several. */
function encodeSingle(
  outputs: Fields,
  mime: string,
  encode: (value: Value) => Omit<HandlerReply, 'headers'> | null,
): HandlerReply {
  const found = [...outputs].flatMap(([name, value]) => {
    const reply = encode(value);
    return reply === null ? [] : [{ name, reply }];
  });
  const [only] = found;
  if (only !== undefined && found.length === 1) {
    return { ...only.reply, headers: [['x-eisen-output', encodeURIComponent(only.name)]] };
  }
  throw new EisenError(
    'NOT_ACCEPTABLE',
    `${mime} holds one output, and ${found.length} of ${outputs.size} fit it: ${describeOutputs(outputs)}.`,
    { where: 'Accept', found: mime, hint: found.length > 1 ? SEVERAL_HINT : NONE_HINTS[mime] },
  );
}

function encodeAs(outputs: Fields, { form, mime }: Accepted, request: ReplyRequest): HandlerReply {
  const compress = request.gzipped;
  switch (form) {
    case 'json':
      return encodeJson(outputs, compress);
    case 'multipart':
      return encodeMultipart(outputs, compress);
    case 'nifti':
    case 'nifti-gz':
      return encodeSingle(outputs, mime, (value) => {
        const body = asNifti(value, form === 'nifti-gz' || compress);
        return body === null ? null : { contentType: mime, body };
      });
    case 'npy':
      return encodeSingle(outputs, mime, (value) => {
        if (value.kind === 'array') return { contentType: mime, body: encodeNpy(value.array) };
        return value.kind === 'image' ? { contentType: mime, body: encodeNpy(valuesOf(value)) } : null;
      });
    case 'file':
      return encodeSingle(outputs, mime, (value) =>
        value.kind === 'file' && value.contentType === mime ? { contentType: mime, body: [value.bytes] } : null,
      );
    default:
      if (form === null && request.wire === 'json') return encodeJson(outputs, compress);
      if (form === null && request.wire === 'pickle') {
        return { contentType: '', headers: [], body: encodePickleFields(packable(outputs, compress)) };
      }
      return { contentType: 'application/msgpack', headers: [], body: encodeFields(packable(outputs, compress)) };
  }
}

/**
 * The declared outputs in the first accepted form that can hold them: msgpack when nothing is asked for (JSON or pickle
 * when the request came so). A NIfTI reply is gzipped when the request's volume was, or when a gzip type is asked for.
 * Throws NOT_ACCEPTABLE.
 */
export function encodeReply(outputs: Fields, request: ReplyRequest): HandlerReply {
  const wanted = parseAccept(request.accept);
  let refusal: unknown;
  for (const accepted of wanted) {
    try {
      return encodeAs(outputs, accepted, request);
    } catch (error) {
      refusal ??= error;
    }
  }
  throw refusal;
}
