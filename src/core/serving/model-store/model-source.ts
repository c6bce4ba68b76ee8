import path from 'node:path';
import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';

/** Where the archive of a registration comes from. Deciding it touches neither disk nor network. */
export type ModelSource =
  /** A file or folder of the model store, or one that the operator allowed. `candidates` are looked for in this order. */
  | { readonly kind: 'local'; readonly candidates: readonly string[] }
  /** To be fetched into the model store under `fileName`. */
  | { readonly kind: 'download'; readonly url: URL; readonly fileName: string };

export interface SourceRules {
  /** Absolute path. */
  readonly modelStore: string;
  /** Patterns that match a whole URL; none: the model store only. */
  readonly allowedUrls: readonly RegExp[];
}

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const ARCHIVE_ENDING = /\.(mar|model|tar\.gz|tgz)$/i;

function notFound(url: string): EisenError {
  return new EisenError('MODEL_URL_REFUSED', `Model not found at: ${url}`, { where: 'url', found: url });
}

function failDownload(url: string, hint: string): EisenError {
  return new EisenError('DOWNLOAD_FAILED', `Failed to download archive from: ${url}`, { where: 'url', hint });
}

function decideRemote(text: string): ModelSource {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw failDownload(text, 'This is no URL.');
  }
  if (url.protocol === 'file:') {
    if (url.host !== '') throw failDownload(text, 'A file URL names no host.');
    return { kind: 'local', candidates: [decodeURIComponent(url.pathname)] };
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw failDownload(text, 'Only http, https and file are known.');
  if (url.username !== '' || url.password !== '') throw failDownload(text, 'A URL with a password in it is refused.');
  const fileName = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  if (!FILE_NAME.test(fileName) || !ARCHIVE_ENDING.test(fileName) || fileName.length > LIMITS.archiveNameBytes) {
    throw failDownload(text, 'The last part of its path is not the name of an archive (.mar, .model, .tar.gz, .tgz).');
  }
  return { kind: 'download', url, fileName };
}

/**
 * Decides from the text alone what a registration may read. Throws MODEL_URL_REFUSED or DOWNLOAD_FAILED. A name without a
 * scheme lies in the model store; a URL needs a pattern of the operator's that matches it from end to end.
 */
export function decideSource(text: string, rules: SourceRules): ModelSource {
  if (text === '') throw new EisenError('MODEL_URL_REFUSED', 'empty url', { where: 'url' });
  if (text.includes('\0') || text.length > 4096) throw notFound(text.slice(0, 100).replaceAll('\0', '?'));
  if (text.includes('..') || /%2e%2e/i.test(text)) {
    throw new EisenError('MODEL_URL_REFUSED', `Relative path is not allowed in url: ${text}`, {
      where: 'url',
      found: text,
    });
  }
  if (SCHEME.test(text) || /^file:/i.test(text)) {
    if (!rules.allowedUrls.some((pattern) => pattern.test(text))) {
      throw new EisenError('MODEL_URL_REFUSED', `Given URL ${text} does not match any allowed URL(s)`, {
        where: 'url',
        hint: 'The operator allows URLs by allowed_urls; without it only the model store is read.',
      });
    }
    return decideRemote(text);
  }
  const { modelStore } = rules;
  const direct = path.resolve(modelStore, text);
  const isAllowedPath = path.isAbsolute(text) && rules.allowedUrls.some((pattern) => pattern.test(`file://${text}`));
  if (isAllowedPath || direct.startsWith(modelStore + path.sep)) return { kind: 'local', candidates: [direct] };
  const base = path.basename(text);
  if (base === '' || base === '.') throw notFound(text);
  return { kind: 'local', candidates: [path.join(modelStore, base)] };
}
