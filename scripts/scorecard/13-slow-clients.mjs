import net from 'node:net';
import { addLoop, createSite, predict, quantile, serve, sleep, workersOf } from './lib-server.mjs';

const CLIENTS = 200;
/** The deadlines of headers and of a body without progress, and a second. */
const HEADERS_MS = 11_000;
const BODY_MS = 31_000;

/** Sends the beginning of a request and then one drop a second, until the server ends the connection. */
function drip(port, begin, drop, limitMs) {
  const started = Date.now();
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(begin));
    // Each at a time of its own: four hundred clients do not drip in step.
    let timer = setTimeout(() => {
      socket.write(drop);
      timer = setInterval(() => socket.write(drop), 1000);
    }, Math.random() * 1000);
    const finish = () => {
      clearInterval(timer);
      resolve(Date.now() - started);
    };
    socket
      .on('error', () => undefined)
      .on('close', finish)
      .resume();
    setTimeout(() => socket.destroy(), limitMs + 5000).unref();
  });
}

async function watchNormal(url, count) {
  const times = [];
  let failed = 0;
  for (let i = 0; i < count; i++) {
    const { status, elapsedMs } = await predict(url, 'm');
    if (status !== 200) failed++;
    times.push(elapsedMs);
    await sleep(20);
  }
  return { p99Ms: quantile(times, 0.99), failed };
}

export default {
  number: 13,
  title: 'clients that send headers or bodies drop by drop are ended in time and harm nobody',
  async run() {
    const site = createSite();
    try {
      await addLoop(site, 'm', 200n);
      const { url, port, stop } = await serve(site, { lines: ['job_queue_size=500'] });
      await workersOf(url, 'm');
      await watchNormal(url, 50);
      const alone = await watchNormal(url, 200);
      const body = 'POST /predictions/m HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n';
      const many = (begin, drop, limitMs) => Array.from({ length: CLIENTS }, () => drip(port, begin, drop, limitMs));
      const headers = many('GET /ping HTTP/1.1\r\nHost: a\r\n', 'X-A: b\r\n', HEADERS_MS);
      const bodies = many(body, 'x', BODY_MS);
      await sleep(500);
      const beside = await watchNormal(url, 200);
      const slowestHeadersMs = Math.max(...(await Promise.all(headers)));
      const slowestBodyMs = Math.max(...(await Promise.all(bodies)));
      const code = await stop();
      return {
        passed:
          slowestHeadersMs <= HEADERS_MS &&
          slowestBodyMs <= BODY_MS &&
          beside.failed === 0 &&
          beside.p99Ms < 2 * alone.p99Ms &&
          code === 0,
        clients: 2 * CLIENTS,
        slowestHeadersMs,
        slowestBodyMs,
        failedBeside: beside.failed,
        aloneP99Ms: Number(alone.p99Ms.toFixed(1)),
        besideP99Ms: Number(beside.p99Ms.toFixed(1)),
      };
    } finally {
      site.remove();
    }
  },
};
