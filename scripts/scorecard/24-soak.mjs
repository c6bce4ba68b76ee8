import { readdirSync } from 'node:fs';
import http from 'node:http';
import { addLoop, call, childrenOf, createSite, filesOf, memoryOf, serve, sleep } from './lib-server.mjs';

const MiB = 2 ** 20;

/** What must not grow: memory of the server and of its workers, descriptors, processes, temporary files. */
function measure(site, pid) {
  const workers = childrenOf(pid);
  return {
    serverMiB: memoryOf(pid) / MiB,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    processes: workers.length,
    files: filesOf(site).length,
  };
}

export default {
  number: 24,
  title: 'hours of mixed requests and of models that come and go: nothing grows and nothing is left',
  async run({ seconds, long }) {
    const site = createSite();
    const lasts = long ? 600 : seconds * 5;
    try {
      for (const name of ['steady', 'guest']) await addLoop(site, name, 10n);
      const lines = ['enable_model_api=true', 'load_models=steady.mar'];
      const { url, pid, stop } = await serve(site, { lines });
      const counts = { requests: 0, failed: 0, registrations: 0 };
      const ask = async () => {
        const rows = 1 + Math.floor(Math.random() ** 3 * 4000);
        const { status } = await call(`${url}/predictions/steady`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ image: Array.from({ length: rows }, () => [Math.random()]) }),
        });
        counts.requests++;
        if (status !== 200) counts.failed++;
      };
      const comeAndGo = async () => {
        const query = 'url=guest.mar&initial_workers=1&synchronous=true';
        const came = await call(`${url}/models?${query}`, { method: 'POST' });
        const answered = await call(`${url}/predictions/guest`, {
          method: 'POST',
          body: '{"image":[[1]]}',
          headers: { 'content-type': 'application/json' },
        });
        const went = await call(`${url}/models/guest`, { method: 'DELETE' });
        counts.registrations++;
        if ([came, answered, went].some(({ status }) => status !== 200)) counts.failed++;
      };
      const go = async (until) => {
        const work = async () => {
          while (Date.now() < until) await ask();
        };
        const churn = async () => {
          while (Date.now() < until) {
            await comeAndGo();
            await sleep(Math.min(5000, Math.max(0, until - Date.now())));
          }
        };
        await Promise.all([work(), work(), churn()]);
        // What has just ended may still be on its way out, and our own connections are no leak.
        http.globalAgent.destroy();
        await sleep(1000);
        return measure(site, pid);
      };
      const started = Date.now();
      const warm = await go(started + lasts * 400);
      const end = await go(started + lasts * 1000);
      const code = await stop();
      const left = filesOf(site);
      const grownMiB = Number((end.serverMiB - warm.serverMiB).toFixed(1));
      const passed =
        counts.failed === 0 &&
        grownMiB < 20 &&
        end.descriptors === warm.descriptors &&
        end.processes === warm.processes &&
        end.files === warm.files &&
        left.length === 0 &&
        code === 0;
      return {
        passed,
        lasted: `${lasts} s`,
        ...counts,
        grownMiB,
        descriptors: [warm.descriptors, end.descriptors],
        processes: [warm.processes, end.processes],
        files: [warm.files, end.files],
        left,
      };
    } finally {
      site.remove();
    }
  },
};
