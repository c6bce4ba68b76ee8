import { writeSync, writevSync } from 'node:fs';
import { encodeReply } from '../../../src/core/serving/worker-protocol/encode-frames.js';
import { createFdReader } from '../../../src/core/serving/worker-protocol/fd-reader.js';
import type { ReplyRow, RequestRow } from '../../../src/core/serving/worker-protocol/frames.js';
import { readRequest } from '../../../src/core/serving/worker-protocol/read-request.js';

/**
 * A worker that does what the first word of a body says, so that a test can have it misbehave:
 * echo, slow <ms>, hang, exit, segfault, leak, garbage, fail, stream, cut, half, stall, stranger, short, environment. The first argument says how it starts:
 * ok, exit, never, refuse, memory.
 */
const FD = 3;
/** Longer than any test waits, and no longer: a test run that is killed leaves nothing behind for good. */
const FOREVER_MS = 120_000;
const start = process.argv[2] ?? 'ok';

function send(pieces: Uint8Array[]): void {
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) at += writevSync(FD, [piece.subarray(at)]);
  }
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function answer(row: RequestRow, body: string, headers: ReplyRow['headers'] = []): ReplyRow {
  const { requestId } = row;
  return { requestId, contentType: 'text/plain', status: 200, reason: 'OK', headers, body: [Buffer.from(body)] };
}

const kept: Uint8Array[] = [];

function act(row: RequestRow, count: number): ReplyRow {
  const body = row.parameters[0]?.value ?? new Uint8Array();
  const [word, argument] = Buffer.from(body.subarray(0, 64)).toString('latin1').split(' ');
  switch (word) {
    case 'hang':
      block(FOREVER_MS);
      break;
    case 'slow':
      block(Number(argument));
      break;
    case 'exit':
      process.exit(Number(argument));
      break;
    case 'segfault':
      process.kill(process.pid, 'SIGSEGV');
      block(FOREVER_MS);
      break;
    case 'leak':
      for (;;) {
        kept.push(new Uint8Array(16 * 1024 * 1024).fill(1));
        block(20);
      }
    case 'garbage':
      writeSync(FD, Buffer.alloc(64, 0xff));
      block(FOREVER_MS);
      break;
    case 'environment':
      return answer(row, JSON.stringify({ env: process.env, cwd: process.cwd(), argv: process.argv }));
    default:
  }
  if (word !== 'echo') return answer(row, `${word} pid=${process.pid} rows=${count}`);
  return { ...answer(row, ''), body: [body], headers: row.headers };
}

const reader = createFdReader(FD);
process.stdout.write(`[PID]${process.pid}\n`);
if (start === 'exit') {
  process.stderr.write('no luck today\n');
  process.exit(3);
}
if (start === 'never') block(FOREVER_MS);
for (;;) {
  reader.begin();
  const frame = readRequest(reader);
  if (frame === null) break;
  if (frame.command === 'load') {
    const [code, message] =
      start === 'refuse'
        ? [500, 'the model is broken']
        : start === 'memory'
          ? [507, 'System out of memory']
          : [200, 'loaded'];
    send(encodeReply({ code, message, rows: [] }));
    continue;
  }
  const rows = frame.rows;
  const first = Buffer.from(rows[0]!.parameters[0]?.value.subarray(0, 16) ?? []).toString('latin1');
  if (first === 'fail')
    send(encodeReply({ code: 503, message: 'Prediction failed', rows: rows.map((row) => answer(row, 'error')) }));
  else if (first === 'short') send(encodeReply({ code: 200, message: '', rows: [] }));
  else if (first === 'stream') {
    for (const [n, more] of ['true', 'true', 'false'].entries()) {
      send(
        encodeReply({
          code: 200,
          message: '',
          rows: rows.map((row) => answer(row, `part ${n}`, [['ts_stream_next', more]])),
        }),
      );
    }
  } else if (first === 'cut') {
    send(
      encodeReply({
        code: 200,
        message: '',
        rows: rows.map((row) => answer(row, 'begun', [['ts_stream_next', 'true']])),
      }),
    );
    process.exit(1);
  } else if (first === 'half' || first === 'stall') {
    const row = { ...answer(rows[0]!, ''), body: [Buffer.alloc(4e6)] };
    send([Buffer.concat(encodeReply({ code: 200, message: '', rows: [row] })).subarray(0, 2e6)]);
    if (first === 'half') process.exit(1);
    block(FOREVER_MS);
  } else if (first === 'stranger') {
    const row = { ...answer(rows[0]!, ''), requestId: 'nobody', body: [Buffer.alloc(4e6)] };
    send(encodeReply({ code: 200, message: '', rows: [row] }));
  } else send(encodeReply({ code: 200, message: '', rows: rows.map((row) => act(row, rows.length)) }));
}
