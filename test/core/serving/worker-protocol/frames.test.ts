import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  encodeLoad,
  encodePredict,
  encodeReply,
  writePredict,
} from '../../../../src/core/serving/worker-protocol/encode-frames.js';
import { createFrameWriter } from '../../../../src/core/serving/worker-protocol/frame-writer.js';
import type { OutgoingRow, ReplyFrame } from '../../../../src/core/serving/worker-protocol/frames.js';
import { type ByteReader, readRequest } from '../../../../src/core/serving/worker-protocol/read-request.js';
import { createReplyParser } from '../../../../src/core/serving/worker-protocol/reply-parser.js';
import { parseStages, renderStages } from '../../../../src/core/serving/worker-protocol/stage-header.js';
import { codeOf } from '../../../support/codes.js';

const join = (pieces: Uint8Array[]): Buffer => Buffer.concat(pieces);

/** A reader over bytes in memory. */
function readerOf(bytes: Uint8Array): ByteReader {
  const view = Buffer.from(bytes);
  let at = 0;
  const take = (count: number): Buffer => {
    at += count;
    return view.subarray(at - count, at);
  };
  return {
    readByte: () => (at < view.length ? take(1)[0]! : null),
    readInt: () => take(4).readInt32BE(0),
    readBytes: (count) => new Uint8Array(take(count)),
    readText: (count) => take(count).toString('utf8'),
  };
}

const LOAD = {
  modelName: 'noop',
  modelDir: '/store/noop.mar',
  batchSize: 1,
  handler: 'h',
  gpuId: -1,
  envelope: '',
  limitMaxImagePixels: true,
};
const ROW: OutgoingRow = {
  requestId: 'id',
  headers: [['k', 'v']],
  parameters: [{ name: 'body', contentType: '', value: [Buffer.from('ab'), Buffer.from('c')] }],
};
const REPLY: ReplyFrame = {
  code: 200,
  message: 'ok',
  rows: [
    {
      requestId: 'a',
      contentType: 'text/plain',
      status: 200,
      reason: 'OK',
      headers: [['x', 'y']],
      body: [Buffer.from('hello')],
    },
  ],
};

describe('the bytes of the worker protocol', () => {
  it.each([
    [
      'LOAD',
      encodeLoad(LOAD),
      '4c 00000004 6e6f6f70 0000000f 2f73746f72652f6e6f6f702e6d6172 00000001 00000001 68 ffffffff 00000000 01',
    ],
    [
      'PREDICT of one row',
      encodePredict([ROW]),
      '49 00000002 6964 00000001 6b 00000001 76 ffffffff 00000004 626f6479 00000000 00000003 616263 ffffffff ffffffff',
    ],
    [
      'the reply to LOAD that TorchServe gives for a model called noop',
      encodeReply({ code: 200, message: 'loaded model noop', rows: [] }),
      '000000c8 00000011 6c6f61646564206d6f64656c206e6f6f70 ffffffff',
    ],
    [
      'a reply of one row',
      encodeReply(REPLY),
      '000000c8 00000002 6f6b 00000001 61 0000000a 746578742f706c61696e 000000c8 00000002 4f4b 00000001 00000001 78 00000001 79 00000005 68656c6c6f ffffffff',
    ],
  ])('are exactly those of %s', (_name, pieces, hex) => {
    expect(join(pieces).toString('hex')).toBe(hex.replaceAll(' ', ''));
  });

  it('hand on a big value without copying it', () => {
    const value = Buffer.alloc(100_000, 7);
    const pieces = encodePredict([{ ...ROW, parameters: [{ name: 'body', contentType: '', value: [value] }] }]);
    expect(pieces).toContain(value);
    expect(encodeReply({ ...REPLY, rows: [{ ...REPLY.rows[0]!, body: [value] }] })).toContain(value);
  });

  it('refuse a value that they cannot count, and leave nothing of its message behind', () => {
    const huge = { length: 2 ** 31 } as Uint8Array;
    const writer = createFrameWriter();
    const row = { ...ROW, parameters: [{ name: 'b', contentType: '', value: [huge] }] };
    expect(codeOf(() => writePredict(writer, [ROW, row]))).toBe('LIMIT_EXCEEDED');
    expect(writer.finish()).toEqual([]);
  });

  it('of several messages lie in one piece while they are small, and stay as they are when more is written', () => {
    const writer = createFrameWriter();
    writePredict(writer, [ROW]);
    writePredict(writer, [ROW]);
    const pieces = writer.finish();
    expect(pieces).toHaveLength(1);
    const before = join(pieces);
    for (let n = 0; n < 1000; n += 1) writePredict(writer, [{ ...ROW, requestId: 'x'.repeat(n) }]);
    expect(join(pieces)).toEqual(before);
    expect(before).toEqual(join([...encodePredict([ROW]), ...encodePredict([ROW])]));
  });

  it.each(['', 'plain', 'ä', 'aß', '\u{1f9e0}', 'x'.repeat(63), 'x'.repeat(64), 'é'.repeat(70), '\ud800'])(
    'hold the text %j in UTF-8',
    (text) => {
      const writer = createFrameWriter();
      writer.writeText(text);
      const bytes = join(writer.finish());
      expect(bytes.subarray(4)).toEqual(Buffer.from(text));
      expect(bytes.readInt32BE(0)).toBe(bytes.length - 4);
    },
  );
});

describe('a worker that reads messages', () => {
  it('gets what the server wrote', () => {
    expect(readRequest(readerOf(join(encodeLoad(LOAD))))).toEqual({ command: 'load', load: LOAD });
    const frame = readRequest(readerOf(join(encodePredict([ROW, { ...ROW, requestId: 'ä' }]))));
    expect(frame).toMatchObject({ command: 'predict', rows: [{ requestId: 'id' }, { requestId: 'ä' }] });
    expect(frame).toMatchObject({
      rows: [{ parameters: [{ name: 'body', value: Uint8Array.from([97, 98, 99]) }] }, {}],
    });
  });

  it('sees the end of the channel', () => {
    expect(readRequest(readerOf(new Uint8Array()))).toBeNull();
  });

  it.each([
    ['an unknown command', '58'],
    ['a negative length', '49fffffffe'],
    ['a request id of two gigabytes', '497fffffff'],
    ['a value that ends the list', '490000000161ffffffff000000016200000000ffffffff'],
  ])('refuses %s', (_name, hex) => {
    expect(codeOf(() => readRequest(readerOf(Buffer.from(hex, 'hex'))))).toBe('WORKER_PROTOCOL');
  });
});

describe('a server that reads replies', () => {
  const parse = (bytes: Buffer, cuts: readonly number[], limitBytes = 1e9): ReplyFrame[] => {
    const parser = createReplyParser({ limitBytes });
    const frames: ReplyFrame[] = [];
    let start = 0;
    for (const end of [...cuts, bytes.length].sort((a, b) => a - b)) {
      frames.push(...parser.push(bytes.subarray(start, end)));
      start = end;
    }
    expect(parser.isInside).toBe(false);
    return frames;
  };
  const plain = (frames: ReplyFrame[]): unknown =>
    frames.map((frame) => ({
      ...frame,
      rows: frame.rows.map((row) => ({ ...row, body: Buffer.concat(row.body).toString('hex') })),
    }));

  it('finds the same frames wherever the bytes are cut', () => {
    const long = {
      ...REPLY,
      rows: [...REPLY.rows, { ...REPLY.rows[0]!, requestId: 'b', body: [Buffer.alloc(300, 1)] }],
    };
    const bytes = join([
      ...encodeReply({ code: 200, message: '', rows: [] }),
      ...encodeReply(long),
      ...encodeReply(REPLY),
    ]);
    const whole = plain(parse(bytes, []));
    expect(whole).toMatchObject([{ rows: [] }, { rows: [{}, {}] }, { rows: [{ body: '68656c6c6f' }] }]);
    expect(plain(parse(bytes, Array.from(bytes.keys())))).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        expect(plain(parse(bytes, cuts))).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it('hands out a body in the pieces of its arrival', () => {
    const body = Buffer.alloc(50_000, 3);
    const bytes = join(encodeReply({ ...REPLY, rows: [{ ...REPLY.rows[0]!, body: [body] }] }));
    const [frame] = parse(bytes, [20_000, 40_000]);
    expect(frame!.rows[0]!.body).toHaveLength(3);
    expect(frame!.rows[0]!.body.every((piece) => piece.buffer === bytes.buffer)).toBe(true);
  });

  describe('with a long body', () => {
    const body = Buffer.alloc(5_000_000, 7).fill(1, 0, 1000);
    const long: ReplyFrame = { ...REPLY, rows: [{ ...REPLY.rows[0]!, body: [body] }] };
    const parseAt = (frame: ReplyFrame, cuts: readonly number[], mayPassOn = () => true): ReplyFrame[] => {
      const bytes = join([...encodeReply(frame), ...encodeReply(REPLY)]);
      const parser = createReplyParser({ limitBytes: 1e9, mayPassOn });
      const frames = [...cuts, bytes.length]
        .sort((a, b) => a - b)
        .flatMap((end, n, ends) => [...parser.push(bytes.subarray(ends[n - 1] ?? 0, end))]);
      expect(parser.isInside).toBe(false);
      return frames;
    };
    const bodyOf = (frames: ReplyFrame[]): Buffer =>
      join(frames.flatMap(({ rows }) => rows.flatMap((row) => [...row.body])));

    it('hands it on in parts as they arrive, and then the next reply', () => {
      const found = parseAt(long, [2_500_000, 4_800_000]);
      const next = found.pop();
      expect(next!.rows[0]).not.toHaveProperty('part');
      expect(found.map(({ rows }) => rows[0]!.part)).toEqual([
        ...Array.from({ length: found.length - 1 }, () => ({ totalBytes: 5_000_000, isLast: false })),
        { totalBytes: 5_000_000, isLast: true },
      ]);
      expect(found.length).toBeGreaterThanOrEqual(3);
      expect(found.every(({ rows }) => rows[0]!.headers.length === REPLY.rows[0]!.headers.length)).toBe(true);
      expect(bodyOf(found).equals(body)).toBe(true);
    });

    it('loses no byte, wherever it is cut', () => {
      const end = join(encodeReply(long)).length;
      fc.assert(
        fc.property(
          fc.array(fc.oneof(fc.nat(end), fc.integer({ min: end - 9, max: end + 30 }), fc.nat(80)), { maxLength: 9 }),
          (cuts) => {
            const found = parseAt(long, cuts);
            const next = found.pop();
            expect(bodyOf(found).equals(body)).toBe(true);
            expect(plain([next!])).toEqual(plain([REPLY]));
            const parts = found.map(({ rows }) => rows[0]!.part);
            expect(parts.filter((part) => part?.isLast !== false)).toHaveLength(1);
          },
        ),
        { numRuns: 60 },
      );
    });

    const streamed = { ...long, rows: [{ ...long.rows[0]!, headers: [['ts_stream_next', 'true'] as const] }] };

    it.each<{ what: string; frame: ReplyFrame; cuts: number[]; isAlone: boolean }>([
      { what: 'of which all is here', frame: long, cuts: [], isAlone: true },
      { what: 'in a batch', frame: long, cuts: [2_500_000], isAlone: false },
      { what: 'of a stream', frame: streamed, cuts: [2_500_000], isAlone: true },
      { what: 'of a failed message', frame: { ...long, code: 500 }, cuts: [2_500_000], isAlone: true },
    ])('keeps one whole $what', ({ frame, cuts, isAlone }) => {
      const [first] = parseAt(frame, cuts, () => isAlone);
      expect(first!.rows[0]).not.toHaveProperty('part');
      expect(Buffer.concat(first!.rows[0]!.body).equals(body)).toBe(true);
    });

    it('refuses a row behind the only one', () => {
      const two = { ...long, rows: [long.rows[0]!, { ...long.rows[0]!, requestId: 'other' }] };
      expect(codeOf(() => parseAt(two, [2_500_000]))).toBe('WORKER_PROTOCOL');
    });
  });

  it('refuses a body over the limit before it has arrived', () => {
    const bytes = join(encodeReply(REPLY));
    expect(codeOf(() => parse(bytes.subarray(0, bytes.length - 6), [], 4))).toBe('LIMIT_EXCEEDED');
  });

  it.each([
    ['a negative length', '000000c8fffffffe'],
    ['a row that starts below zero', '000000c800000000fffffffe'],
    ['a million headers', '000000c800000000000000000000000000000000c80000000000100000'],
  ])('refuses %s', (_name, hex) => {
    expect(codeOf(() => parse(Buffer.from(hex, 'hex'), []))).toBe('WORKER_PROTOCOL');
  });

  it('never throws anything but its own errors on damaged bytes', () => {
    const bytes = join(encodeReply(REPLY));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = value;
        try {
          for (const frame of createReplyParser({ limitBytes: 1e6 }).push(damaged)) expect(frame.rows).toBeDefined();
        } catch (error) {
          expect(['WORKER_PROTOCOL', 'LIMIT_EXCEEDED']).toContain((error as { code: string }).code);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the stage times of a reply', () => {
  it('go through a header', () => {
    const stages = { decode: 0.12349, preProcess: 1, inference: 20.5, postProcess: 0, encode: 3 };
    expect(renderStages(stages)).toBe('0.123,1,20.5,0,3');
    expect(parseStages(renderStages(stages))).toEqual({
      ...{ decodeMs: 0.123, preProcessMs: 1, inferenceMs: 20.5, postProcessMs: 0, encodeMs: 3 },
    });
    expect(parseStages('x')).toEqual({});
  });
});

describe('a worker program', () => {
  it('refuses a channel that it does not know', () => {
    const program = new URL('../../../../src/core/serving/worker/worker-main.js', import.meta.url).pathname;
    const { status, stderr } = spawnSync(process.execPath, [program, '--sock-type', 'tcp'], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/--sock-type is tcp; expected fd/);
  });
});
