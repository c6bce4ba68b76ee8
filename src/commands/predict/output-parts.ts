import { gunzipSync, gzipSync } from 'node:zlib';
import { type ReplyPart, readReplyParts } from '../../core/client/reply-parts.js';
import { EisenError } from '../../core/errors/error.js';
import { readNifti } from '../../core/imaging/nifti/read.js';
import { encodeNifti } from '../../core/imaging/nifti/write.js';
import { toContiguous } from '../../core/tensor/contiguous.js';
import { decodeFields } from '../../core/tensor/msgpack.js';
import { encodeNpy } from '../../core/tensor/npy.js';
import type { Fields, Geometry } from '../../core/tensor/value.js';
import { valuesOf } from '../../core/transforms/image-array.js';
import { renderJson } from '../render-json.js';
import { FORMATS, type Format } from './options.js';
import type { PredictReply } from './predictor.js';

/** One output as the pieces of a file. */
export interface OutputPart {
  readonly name: string;
  readonly contentType: string;
  readonly pieces: readonly Uint8Array[];
}

interface ReadOptions {
  /** Names of the outputs asked for, in order. */
  readonly names: readonly string[];
  /** The grid of the only volume that went in: what a bare array of that shape lies on. */
  readonly readGeometry: () => Promise<Geometry | null>;
}

/** The outputs of a reply as files: parts that came as files as they are, fields of a server that sends only arrays turned into them. */
export async function readOutputParts(reply: PredictReply, options: ReadOptions): Promise<OutputPart[]> {
  const parts = readReplyParts(reply.contentType, reply.body);
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && only.name === '') {
    if (only.contentType === '' || only.contentType === 'application/octet-stream') {
      return partsOfFields(decodeFields(only.bytes, 'reply'), options);
    }
    return [toOutput({ ...only, name: options.names[0] ?? 'output' })];
  }
  return parts.map(toOutput);
}

function toOutput({ name, contentType, bytes }: ReplyPart): OutputPart {
  return { name, contentType, pieces: [bytes] };
}

async function partsOfFields(fields: Fields, { readGeometry }: ReadOptions): Promise<OutputPart[]> {
  const parts: OutputPart[] = [];
  for (const [name, value] of fields) {
    if (value.kind === 'file') parts.push({ name, contentType: '', pieces: [value.bytes] });
    else if (value.kind === 'plain') {
      parts.push({ name, contentType: 'application/json', pieces: [Buffer.from(renderJson(value.value))] });
    } else {
      const geometry = await readGeometry();
      const fits = geometry !== null && geometry.original.shape.join() === value.array.shape.join();
      parts.push(
        fits
          ? {
              name,
              contentType: 'application/x-nifti',
              pieces: encodeNifti({ array: value.array, geometry, compress: true }),
            }
          : { name, contentType: 'application/x-npy', pieces: encodeNpy(value.array) },
      );
    }
  }
  return parts;
}

/** The part in the form asked for; a volume becomes an array, anything else is refused. */
export function toFormat(part: OutputPart, format: Format): OutputPart {
  const isNifti = part.contentType.startsWith('application/x-nifti');
  if (part.contentType === FORMATS[format] || (isNifti && format === 'nifti')) return part;
  if (isNifti && format === 'npy') {
    const image = readNifti({ bytes: joinPieces(part.pieces), name: part.name });
    return { ...part, contentType: FORMATS.npy, pieces: encodeNpy(toContiguous(valuesOf(image), 'C')) };
  }
  throw new EisenError('NOT_ACCEPTABLE', `${part.name}: came as ${part.contentType || 'bytes'}; expected ${format}.`, {
    where: part.name,
    hint: 'Leave the form to the server, or end the post-processing chain with what makes it.',
  });
}

export function joinPieces(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

/** The bytes as the name of the file promises them: .nii.gz compressed, .nii not. */
export function fitEnding(file: string, pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const first = pieces[0];
  if (first === undefined || !/\.nii(\.gz)?$/i.test(file)) return pieces;
  const isCompressed = first[0] === 0x1f && first[1] === 0x8b;
  const wanted = /\.gz$/i.test(file);
  if (isCompressed === wanted) return pieces;
  try {
    const whole = joinPieces(pieces);
    return [wanted ? gzipSync(whole, { level: 1 }) : gunzipSync(whole)];
  } catch (cause) {
    throw new EisenError('IMAGE_COMPRESSION', `${file}: the reply is a damaged gzip stream.`, { where: file, cause });
  }
}
