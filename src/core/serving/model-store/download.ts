import { randomBytes } from 'node:crypto';
import dns from 'node:dns';
import { type FileHandle, link, open, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import path from 'node:path';
import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';
import { isPrivateAddress } from './private-address.js';

export interface DownloadOptions {
  readonly url: URL;
  readonly modelStore: string;
  readonly fileName: string;
  readonly allowPrivate: boolean;
  readonly limitBytes?: number;
  readonly timeoutMs?: number;
}

function fail(url: URL, hint: string, cause?: unknown): EisenError {
  return new EisenError('DOWNLOAD_FAILED', `Failed to download archive from: ${url.href}`, {
    where: 'url',
    hint,
    cause,
  });
}

/**
 * Looks a name up and refuses when any of its addresses is private; the socket then connects to what was checked, so that a
 * second answer of the name server cannot lead it elsewhere.
 */
function createGuardedLookup(url: URL): LookupFunction {
  return (host, options, callback) => {
    dns.lookup(host, { ...options, all: true }, (error, found) => {
      const addresses = found as unknown as dns.LookupAddress[] | undefined;
      if (error !== null) callback(error, [], 0);
      else if (
        addresses === undefined ||
        addresses.length === 0 ||
        addresses.some(({ address }) => isPrivateAddress(address))
      ) {
        callback(fail(url, 'It leads to a private address; allow_private_urls would permit that.'), [], 0);
      } else if (options.all) callback(null, addresses, 0);
      else callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}

function request(options: DownloadOptions, signal: AbortSignal): Promise<http.IncomingMessage> {
  const { url, allowPrivate } = options;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) !== 0 && isPrivateAddress(host)) {
    throw fail(url, 'It leads to a private address; allow_private_urls would permit that.');
  }
  const lookup = allowPrivate ? undefined : createGuardedLookup(url);
  return new Promise((resolve, reject) => {
    const get = url.protocol === 'https:' ? https.get : http.get;
    get(url, { lookup, signal, agent: false, headers: { 'accept-encoding': 'identity' } }, resolve).on('error', reject);
  });
}

async function receive(response: http.IncomingMessage, file: FileHandle, options: DownloadOptions): Promise<void> {
  const limitBytes = options.limitBytes ?? LIMITS.archiveFileBytes;
  const { statusCode = 0, headers } = response;
  if (statusCode !== 200) {
    const what = statusCode >= 300 && statusCode < 400 ? 'A redirect is not followed' : 'The other side answered';
    throw fail(options.url, `${what}: status ${statusCode}.`);
  }
  const declared = headers['content-length'] === undefined ? null : Number(headers['content-length']);
  if (declared !== null && declared > limitBytes) throw fail(options.url, `It is larger than ${limitBytes} bytes.`);
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Uint8Array>) {
    bytes += piece.byteLength;
    if (bytes > limitBytes) throw fail(options.url, `It is larger than ${limitBytes} bytes.`);
    await file.write(piece);
  }
  if (declared !== null && declared !== bytes) throw fail(options.url, `${bytes} of ${declared} bytes came.`);
  await file.sync();
}

function asStoreError(error: unknown, options: DownloadOptions): EisenError {
  if (error instanceof EisenError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') return fileExists(options.fileName);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new EisenError('DISK_FULL', 'The model store has no room for the archive.', { cause: error });
  }
  return fail(options.url, message, error);
}

export function fileExists(fileName: string): EisenError {
  return new EisenError('MODEL_FILE_EXISTS', `Model file already exists ${fileName}`, { where: 'url' });
}

/**
 * Fetches an archive into the model store. Nothing stands under its name before the last byte is on disk, a file that is there
 * already is never touched, and a failure leaves nothing. Returns the path. Throws DOWNLOAD_FAILED, MODEL_FILE_EXISTS, DISK_FULL.
 */
export async function downloadArchive(options: DownloadOptions): Promise<string> {
  const target = path.join(options.modelStore, options.fileName);
  const part = path.join(options.modelStore, `.${options.fileName}.${randomBytes(6).toString('hex')}.part`);
  try {
    const signal = AbortSignal.timeout(options.timeoutMs ?? LIMITS.downloadMs);
    const response = await request(options, signal);
    const file = await open(part, 'wx', 0o600);
    try {
      await receive(response, file, options);
    } finally {
      response.destroy();
      await file.close();
    }
    await link(part, target);
    return target;
  } catch (error) {
    throw asStoreError(error, options);
  } finally {
    await rm(part, { force: true });
  }
}
