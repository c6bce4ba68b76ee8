import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { RunningServer } from '../torchserve.js';

export type Api = 'inference' | 'management' | 'metrics';

/** One request as it goes onto the wire, without `Host` and `Content-Length`, which are added. */
export interface Probe {
  readonly api?: Api;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Whose key of the server's own key file is sent. */
  readonly token?: 'inference' | 'management' | 'API';
  /** What ours answers instead of the same, and why that is better. */
  readonly better?: Better;
  /** The body says what the server has done so far: only its head is compared. */
  readonly onlyHead?: boolean;
}

export interface Better {
  readonly why: string;
  readonly status?: number;
  readonly type?: string;
  readonly message?: RegExp;
}

export interface Observed {
  /** For example `HTTP/1.1 200 OK`. */
  readonly statusLine: string;
  /** Lower-case names in the order of the wire; values that differ from run to run are replaced by a word. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** What ours says beside everything the peer says: the date, how long a connection is kept, what a browser may read. */
const ADDED = ['date', 'keep-alive', 'vary', 'access-control-expose-headers'];
const QUIET_MS = 20_000;

/** Sends one request over a connection of its own and reads its whole answer. */
export function exchange(port: number, probe: Probe): Promise<Buffer> {
  const body = Buffer.from(probe.body ?? '');
  const method = probe.method ?? (probe.body === undefined ? 'GET' : 'POST');
  const lines = [`${method} ${probe.path} HTTP/1.1`, `Host: 127.0.0.1:${port}`];
  for (const [name, value] of Object.entries(probe.headers ?? {})) lines.push(`${name}: ${value}`);
  if (probe.body !== undefined) lines.push(`Content-Length: ${body.byteLength}`);
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    let got = Buffer.alloc(0);
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(got);
    };
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`${method} ${probe.path}: no whole answer, only ${JSON.stringify(got.toString())}`));
    }, QUIET_MS);
    socket.on('data', (piece: Buffer) => {
      got = Buffer.concat([got, piece]);
      if (isWhole(got, method)) finish();
    });
    socket.on('error', finish);
    socket.on('close', finish);
    socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]));
  });
}

function isWhole(got: Buffer, method: string): boolean {
  const end = got.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const head = got.subarray(0, end).toString('latin1');
  if (method === 'HEAD' || /^HTTP\/1\.1 204 /.test(head)) return true;
  if (/^transfer-encoding: chunked$/im.test(head)) return got.subarray(end).includes('\r\n0\r\n\r\n');
  const length = /^content-length: (\d+)$/im.exec(head);
  return length !== null && got.byteLength >= end + 4 + Number(length[1]);
}

/** Ours adds fields behind the three of an error body; they are no part of what is compared. */
function stripOurs(body: string): string {
  return /^\{\n {2}"code": \d+,\n {2}"type": "[^"]*",\n {2}"message": /.test(body)
    ? body.replace(/,\n {2}"detail": [\s\S]*\n\}\n$/, '\n}\n')
    : body;
}

/** What differs from run to run, or is known to stand for the machine, as a word. */
function steady(body: string): string {
  return stripOurs(body)
    .replace(/"startTime": "[^"]*"/g, '"startTime": "a time"')
    .replace(/"(memoryUsage|pid)": \d+/g, '"$1": 0')
    .replace(/"id": "9\d{3}"/g, '"id": "a worker"')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'a UUID');
}

function parseAnswer(bytes: Buffer): Observed {
  const end = bytes.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = bytes.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n');
  const body = steady(bytes.subarray(end + 4).toString('latin1'));
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    if (name === 'x-request-id') return [name, UUID.test(value) ? 'a UUID' : value];
    if (name === 'content-length') return [name, value === '0' ? '0' : 'a length'];
    return [name, value];
  });
  return { statusLine, headers: headers.filter(([name]) => !ADDED.includes(name)), body };
}

function keyOf(server: RunningServer, kind: NonNullable<Probe['token']>): string {
  const keys = JSON.parse(readFileSync(path.join(server.folder, 'key_file.json'), 'utf8')) as Record<
    string,
    { readonly key: string }
  >;
  return keys[kind]!.key;
}

export async function observe(server: RunningServer, asked: Probe): Promise<Observed> {
  const probe =
    asked.token === undefined
      ? asked
      : { ...asked, headers: { ...asked.headers, Authorization: `Bearer ${keyOf(server, asked.token)}` } };
  const { port } = new URL(server[probe.api ?? 'inference']);
  const answer = parseAnswer(await exchange(Number(port), probe));
  return probe.onlyHead ? { ...answer, body: '' } : answer;
}
