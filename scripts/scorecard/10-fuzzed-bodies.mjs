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
  title: 'damaged bodies get a clear answer and cost no worker',
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
      const passed = undeclared.length === 0 && after === worker && alive && code === 0;
      return { passed, calls, statuses, workerReplaced: after !== worker, serverMiB };
    } finally {
      site.remove();
    }
  },
};
