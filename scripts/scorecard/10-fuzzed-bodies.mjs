import fc from 'fast-check';
import { DTYPES } from '../../dist/core/tensor/dtype.js';
import { parseJson } from '../../dist/core/tensor/json.js';
import { decodeFields, encodeFields } from '../../dist/core/tensor/msgpack.js';
import { createNdArray } from '../../dist/core/tensor/ndarray.js';
import { addLoop, call, createSite, LOOP_BODY, memoryOf, serve, workersOf } from './lib-server.mjs';

const MSGPACK = Buffer.from('81a5696d61676592', 'hex');

function mutate(seed) {
  const bytes = Buffer.from(seed);
  for (let n = 1 + Math.floor(Math.random() * 4); n > 0; n--) {
    const at = Math.floor(Math.random() * bytes.length);
    if (Math.random() < 0.5) bytes[at] = Math.floor(Math.random() * 256);
    else bytes[at] ^= 1 << Math.floor(Math.random() * 8);
  }
  return Math.random() < 0.2 ? bytes.subarray(0, Math.floor(Math.random() * bytes.length)) : bytes;
}

/** Arrays of every type with any bits, and the plain values that travel beside them. */
function arbitraryFields() {
  const array = fc
    .tuple(
      fc.constantFrom(...Object.keys(DTYPES)),
      fc.array(fc.nat(4), { maxLength: 4 }),
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
    )
    .map(([dtype, shape, bits]) => {
      const made = createNdArray(dtype, shape);
      const bytes = new Uint8Array(made.data.buffer, made.data.byteOffset, made.data.byteLength);
      for (let n = 0; n < bytes.length; n++)
        bytes[n] = dtype === 'bool' ? bits[n % bits.length] & 1 : bits[n % bits.length];
      return { kind: 'array', array: made };
    });
  const plain = fc
    .oneof(
      fc.boolean(),
      fc.constant(null),
      fc.string(),
      fc.double({ noNaN: true }),
      fc.integer(),
      fc.array(fc.string()),
    )
    .map((value) => ({ kind: 'plain', value }));
  return fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(array, plain)), { maxLength: 6 });
}

const pack = (fields) => Buffer.concat(encodeFields(fields));

/** Whatever can be packed comes back with the same bits: packed again it is the same bytes. */
function roundTrips(pairs) {
  const fields = new Map(pairs);
  const packed = pack(fields);
  const again = decodeFields(packed);
  return [...again.keys()].join() === [...fields.keys()].join() && pack(again).equals(packed);
}

/** What a reader makes of any bytes: a value, or an error with a code. */
function readsOrRefuses(read) {
  try {
    read();
    return true;
  } catch (error) {
    return error.name === 'EisenError';
  }
}

/** The readers in this process, for so many seconds each; the first counterexample of each that fails. */
function fuzzReaders(seconds) {
  const before = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
  const limits = {
    numRuns: Number.POSITIVE_INFINITY,
    interruptAfterTimeLimit: seconds * 1000,
    markInterruptAsFailure: false,
  };
  const text = fc.oneof(
    fc.json(),
    fc.string(),
    fc.json().map((json) => json.replace(/"[^"]*":/, '"__proto__":')),
  );
  const found = [
    fc.check(fc.property(arbitraryFields(), roundTrips), limits),
    fc.check(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => readsOrRefuses(() => decodeFields(bytes))),
      limits,
    ),
    fc.check(
      fc.property(text, (json) => readsOrRefuses(() => parseJson(json, 'body'))),
      limits,
    ),
  ];
  return {
    runs: found.map(({ numRuns }) => numRuns),
    wrong: found.filter(({ failed }) => failed).map(({ counterexample }) => fc.stringify(counterexample).slice(0, 200)),
    polluted: JSON.stringify(Object.getOwnPropertyNames(Object.prototype)) !== before,
  };
}

const SPECIAL = [
  ['application/json', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['application/json', '{"__proto__":{"polluted":true},"image":[[1]]}'],
  ['application/json', '{"constructor":{"prototype":{"polluted":true}}}'],
  ['application/msgpack', Buffer.from('ddffffffff', 'hex')],
  ['application/msgpack', Buffer.from('c6ffffffff00', 'hex')],
  ['application/msgpack', Buffer.alloc(50_000, 0x91)],
];

export default {
  number: 10,
  title: 'damaged bodies get a clear answer and cost no worker; what is packed comes back with the same bits',
  async run({ seconds }) {
    const site = createSite();
    try {
      await addLoop(site, 'm', 1n);
      const { url, pid, stop } = await serve(site);
      const [{ pid: worker }] = await workersOf(url, 'm');
      const send = (type, body) =>
        call(`${url}/predictions/m`, { method: 'POST', headers: { 'content-type': type }, body });
      const statuses = {};
      let calls = 0;
      const count = ({ status }) => {
        calls++;
        statuses[status] = (statuses[status] ?? 0) + 1;
      };
      for (const [type, body] of SPECIAL) count(await send(type, body));
      for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
        count(await send('application/json', mutate(LOOP_BODY)));
        count(await send('application/msgpack', mutate(MSGPACK)));
      }
      const [{ pid: after }] = await workersOf(url, 'm');
      const alive = (await send('application/json', LOOP_BODY)).status === 200;
      const serverMiB = Math.round(memoryOf(pid) / 2 ** 20);
      const code = await stop();
      const undeclared = Object.keys(statuses).filter((status) => !['200', '400', '413', '415'].includes(status));
      const { runs, wrong, polluted } = fuzzReaders(seconds);
      const passed =
        undeclared.length === 0 && after === worker && alive && code === 0 && wrong.length === 0 && !polluted;
      return { passed, calls, statuses, workerReplaced: after !== worker, serverMiB, runs, wrong, polluted };
    } finally {
      site.remove();
    }
  },
};
