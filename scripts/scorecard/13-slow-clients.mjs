import net from 'node:net';
import { call, createSite, quantile, serve, sleep } from './lib-server.mjs';

const CLIENTS = 100;
/** Headers have ten seconds, and are looked at each second. */
const LIMIT_MS = 12_000;

function drip(port) {
  const started = Date.now();
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('GET /ping HTTP/1.1\r\nHost: a\r\n'));
    const timer = setInterval(() => socket.write('X-A: b\r\n'), 1000);
    const finish = () => {
      clearInterval(timer);
      resolve(Date.now() - started);
    };
    socket
      .on('error', () => undefined)
      .on('close', finish)
      .resume();
    setTimeout(() => socket.destroy(), LIMIT_MS + 5000).unref();
  });
}

export default {
  number: 13,
  title: 'clients that send their headers drop by drop are ended in time and harm nobody',
  async run() {
    const site = createSite();
    try {
      const { url, port, stop } = await serve(site);
      const dripping = Array.from({ length: CLIENTS }, () => drip(port));
      const normal = [];
      for (let i = 0; i < 50; i++) {
        normal.push((await call(`${url}/ping`)).elapsedMs);
        await sleep(100);
      }
      const lives = await Promise.all(dripping);
      const slowestMs = Math.max(...lives);
      await stop();
      return {
        passed: slowestMs <= LIMIT_MS,
        clients: CLIENTS,
        slowestMs,
        normalP99Ms: Number(quantile(normal, 0.99).toFixed(1)),
      };
    } finally {
      site.remove();
    }
  },
};
