import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createFrameSender } from '../../../../src/core/serving/pool/frame-sender.js';
import { encodePredict } from '../../../../src/core/serving/worker-protocol/encode-frames.js';
import type { OutgoingRow } from '../../../../src/core/serving/worker-protocol/frames.js';

const rowOf = (requestId: string, value: Uint8Array): OutgoingRow => ({
  requestId,
  headers: [],
  parameters: [{ name: 'body', contentType: '', value: [value] }],
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function openSender() {
  const socket = new PassThrough({ highWaterMark: 1 << 24 });
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  return { send: createFrameSender(socket as unknown as Socket), pieces };
}

describe('messages to a worker', () => {
  it('of one event leave together, those of the next in a piece of their own', async () => {
    const { send, pieces } = openSender();
    const rows = ['a', 'b', 'c'].map((id) => rowOf(id, Buffer.from(id)));
    send([rows[0]!]);
    send([rows[1]!]);
    expect(pieces).toHaveLength(0);
    await turn();
    send([rows[2]!]);
    await turn();
    expect(pieces.map((piece) => piece.toString('hex'))).toEqual([
      Buffer.concat([...encodePredict([rows[0]!]), ...encodePredict([rows[1]!])]).toString('hex'),
      Buffer.concat(encodePredict([rows[2]!])).toString('hex'),
    ]);
  });

  it('keep their order round a big value, which is not copied', async () => {
    const { send, pieces } = openSender();
    const big = Buffer.alloc(100_000, 7);
    const rows = [rowOf('a', Buffer.from('a')), rowOf('b', big), rowOf('c', Buffer.from('c'))];
    for (const row of rows) send([row]);
    await turn();
    await turn();
    expect(Buffer.concat(pieces)).toEqual(Buffer.concat(rows.flatMap((row) => encodePredict([row]))));
    expect(pieces.some((piece) => piece.buffer === big.buffer && piece.byteOffset === big.byteOffset)).toBe(true);
  });
});
