import { EisenError, isEisenError } from '../errors/error.js';
import { decodePickleFields } from '../legacy/decode-pickle.js';
import { isPickle } from '../legacy/read-pickle.js';
import { checkMetadata } from '../metadata/check-metadata.js';
import type { Metadata } from '../metadata/metadata.js';
import { parseMetadataValue } from '../metadata/parse-metadata.js';
import { parseJson } from '../tensor/json.js';
import { decodeFields } from '../tensor/msgpack.js';
import type { Fields, Plain } from '../tensor/value.js';
import type { ClientReply } from './exchange.js';
import { isPage, PAGE_HINT } from './explain-reply.js';

const BRACE = 0x7b;

/** No msgpack map can start with a brace; TorchServe's replies carry no content-type, so that the byte decides. */
function isJson({ headers, body }: ClientReply): boolean {
  return /^application\/json/i.test(headers['content-type'] ?? '') || body[0] === BRACE;
}

/** The metadata that a server sends for an empty request; throws SERVER_REFUSED when it is none. */
export function readMetadataReply(reply: ClientReply, where: string): Metadata {
  if (isPage(reply)) {
    throw new EisenError('SERVER_REFUSED', `${where}: a web page was sent, not the metadata of a model.`, {
      where,
      hint: PAGE_HINT,
    });
  }
  try {
    return parseMetadataValue(parseJson(reply.body, where, { duplicateKeys: 'refuse' }), where);
  } catch (cause) {
    const reason = isEisenError(cause) ? cause.message.split('\n')[0]! : String(cause);
    throw new EisenError(
      'SERVER_REFUSED',
      `${where}: the reply to an empty request is not the metadata of a model (${reason})`,
      {
        where,
        hint: 'Handlers that know nothing of metadata cannot be asked by this client.',
        cause,
      },
    );
  }
}

/**
 * The fields of a prediction, from msgpack, JSON or the pickle of eisen-deploy 0.0.2 (closed list).
 *
 * @throws INPUT_INVALID when the server sent its metadata instead, which is how it answers when an input of the model is
 *   missing; MSGPACK_INVALID or JSON_INVALID when the reply is neither.
 */
export function readPredictionReply(reply: ClientReply, where: string): Fields {
  if (isPickle(reply.body)) return decodePickleFields(reply.body, where);
  if (!isJson(reply)) return decodeFields(reply.body, where);
  const json = parseJson(reply.body, where, { duplicateKeys: 'last' });
  if (checkMetadata(json).length === 0) {
    const wanted = (json as unknown as Metadata).inputs.map((input) => input.name).join(', ');
    throw new EisenError('INPUT_INVALID', `${where}: the server sent its metadata instead of a prediction.`, {
      where,
      hint: `That is its answer when an input of the model is missing. It takes: ${wanted}.`,
    });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new EisenError('JSON_INVALID', `${where}: the reply is no object of named fields.`, { where });
  }
  return new Map(
    Object.entries(json).map(([name, value]): [string, { kind: 'plain'; value: Plain }] => [
      name,
      { kind: 'plain', value },
    ]),
  );
}
