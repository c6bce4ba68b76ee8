import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { encodePredict } from '../../../../src/core/serving/worker-protocol/encode-frames.js';
import { createFdReader } from '../../../../src/core/serving/worker-protocol/fd-reader.js';
import { readRequest } from '../../../../src/core/serving/worker-protocol/read-request.js';
import { createReceiveBuffer, findPayload } from '../../../../src/core/serving/worker-protocol/receive-buffer.js';
import { decodeFields, encodeFields } from '../../../../src/core/tensor/msgpack.js';
import { createNdArray } from '../../../../src/core/tensor/ndarray.js';
import { codeOf } from '../../../support/codes.js';

const packed = (name: string, elements: number): Buffer =>
  Buffer.concat(encodeFields(new Map([[name, { kind: 'array', array: createNdArray('float64', [elements]) }]])));

describe('memory for what is received', () => {
  it.each([1, 40, 300, 70_000])(
    'places the array of a msgpack body of %d elements where it can be viewed',
    (elements) => {
      for (const name of ['a', 'ab', 'abc', 'abcd', 'image']) {
        const body = packed(name, elements);
        expect(body.indexOf(Buffer.from('data')) + 4).toBeLessThan(findPayload(body));
        const target = createReceiveBuffer().take(body.length, body.subarray(0, 100));
        target.set(body);
        const value = decodeFields(target).get(name);
        expect(value?.kind === 'array' && value.array.data.buffer).toBe(target.buffer);
      }
    },
  );

  it('is used again for the next message and never handed out twice within one', () => {
    const receive = createReceiveBuffer();
    const [a, b] = [receive.take(1000, new Uint8Array()), receive.take(1000, new Uint8Array())];
    expect(a.byteOffset + a.length).toBeLessThanOrEqual(b.byteOffset);
    receive.reset();
    expect(receive.take(1000, new Uint8Array()).byteOffset).toBe(a.byteOffset);
  });

  it('grows while a message is read without touching what was handed out', () => {
    const receive = createReceiveBuffer();
    const small = receive.take(10, new Uint8Array());
    small.fill(7);
    receive.take(1_000_000, new Uint8Array()).fill(1);
    expect([...small]).toEqual(new Array(10).fill(7));
  });
});

describe('a worker that reads its channel', () => {
  const withFile = <T>(bytes: Uint8Array, use: (fd: number) => T): T => {
    const folder = mkdtempSync(path.join(tmpdir(), 'eisen-test-'));
    writeFileSync(path.join(folder, 'channel'), bytes);
    const fd = openSync(path.join(folder, 'channel'), 'r');
    try {
      return use(fd);
    } finally {
      closeSync(fd);
      rmSync(folder, { recursive: true });
    }
  };
  const rowOf = (sizes: number[]) => ({
    requestId: 'r',
    headers: [],
    parameters: sizes.map((size, n) => ({ name: `p${n}`, contentType: '', value: [Buffer.alloc(size, n + 1)] })),
  });

  it('reads values of every size in one message, small and far past its own buffer', () => {
    const sizes = [0, 1, 15_000, 17_000, 65_536, 300_000, 5];
    const frames = [encodePredict([rowOf(sizes)]), encodePredict([rowOf([3])])].flat();
    withFile(Buffer.concat(frames), (fd) => {
      const reader = createFdReader(fd);
      const frame = readRequest(reader);
      if (frame?.command !== 'predict') throw new Error('no rows');
      expect(frame.rows[0]!.parameters.map(({ value }) => value.length)).toEqual(sizes);
      for (const [n, { value }] of frame.rows[0]!.parameters.entries())
        expect(value.every((byte) => byte === n + 1)).toBe(true);
      reader.begin();
      expect(readRequest(reader)).toMatchObject({ command: 'predict' });
      expect(readRequest(reader)).toBeNull();
    });
  });

  it('tells a channel that was cut inside of a message', () => {
    const whole = Buffer.concat(encodePredict([rowOf([100_000])]));
    for (const length of [3, 40, 50_000]) {
      withFile(whole.subarray(0, length), (fd) => {
        expect(codeOf(() => readRequest(createFdReader(fd)))).toBe('WORKER_PROTOCOL');
      });
    }
  });
});
