import net from 'node:net';
import { addLoop, call, createSite, filesOf, isGone, predict, serve, until, workersOf } from './lib-server.mjs';

async function pendingOf(url) {
  const { body } = await call(`${url}/models/m`);
  return JSON.parse(body)[0].jobQueueStatus.pendingRequests;
}

export default {
  number: 22,
  title: 'a stop under load loses no accepted request and leaves nothing',
  async run() {
    const site = createSite();
    try {
      await addLoop(site, 'm', 30_000n);
      const { url, port, server } = await serve(site, { lines: ['drain_grace=20'] });
      const [{ pid }] = await workersOf(url, 'm');
      const sockets = ['', 'GET /ping HT', 'POST /predictions/m HTTP/1.1\r\nHost: a\r\n'].map((bytes) => {
        const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
        return socket.on('error', () => undefined);
      });
      const accepted = Array.from({ length: 12 }, () => predict(url, 'm'));
      // Accepted means that the server has them: in its queue, or (up to eight) with the worker.
      const queued = await until(async () => (await pendingOf(url)) >= accepted.length - 8, 5000);
      const started = Date.now();
      server.child.kill('SIGTERM');
      const answers = await Promise.all(accepted);
      const { code } = await server.finished;
      for (const socket of sockets) socket.destroy();
      const statuses = answers.map(({ status }) => status);
      const lost = statuses.filter((status) => status !== 200).length;
      const drainMs = Date.now() - started;
      const passed =
        drainMs <= 21_000 && queued && lost === 0 && code === 0 && isGone(pid) && filesOf(site).length === 0;
      return {
        passed,
        accepted: accepted.length,
        lost,
        statuses: [...new Set(statuses)],
        code,
        drainMs,
        filesLeft: filesOf(site),
      };
    } finally {
      site.remove();
    }
  },
};
