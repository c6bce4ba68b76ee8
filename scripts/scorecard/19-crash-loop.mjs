import { renameSync } from 'node:fs';
import {
  addLoop,
  call,
  childrenOf,
  createSite,
  isGone,
  predict,
  serve,
  sleep,
  until,
  workersOf,
} from './lib-server.mjs';

export default {
  number: 19,
  title: 'a worker that dies at each start is given up after a few; the other model does not notice',
  async run({ long }) {
    const site = createSite();
    try {
      const archive = await addLoop(site, 'broken', 1n);
      await addLoop(site, 'good', 1n);
      const { url, pid, stop } = await serve(site);
      await predict(url, 'broken');
      const known = new Set(childrenOf(pid));
      const [{ pid: first }] = await workersOf(url, 'broken');
      renameSync(archive, `${archive}.away`);
      process.kill(first, 'SIGKILL');
      const started = Date.now();
      const [spawned, beside] = [new Set(), { asked: 0, failed: 0, slowestMs: 0 }];
      let [watching, refused] = [true, { status: 0, headers: {} }];
      const watchChildren = async () => {
        for (; watching; await sleep(20))
          for (const child of childrenOf(pid)) if (!known.has(child)) spawned.add(child);
      };
      const askBeside = async () => {
        for (; watching; await sleep(200)) {
          const { status, elapsedMs } = await predict(url, 'good');
          beside.asked++;
          if (status !== 200) beside.failed++;
          beside.slowestMs = Math.round(Math.max(beside.slowestMs, elapsedMs));
        }
      };
      const watchers = Promise.all([watchChildren(), askBeside()]);
      await until(async () => {
        await sleep(200);
        refused = await predict(url, 'broken');
        return refused.status === 503 && Number(refused.headers['retry-after']) > 10;
      }, 40_000);
      const openAfterMs = Date.now() - started;
      // The whole minute that the rule is about; with --long the recovery at the next probe, too.
      await sleep(Math.max(0, 60_000 - openAfterMs));
      watching = false;
      await watchers;
      const watchedMs = Date.now() - started;
      const health = await call(`${url}/ping`);
      renameSync(`${archive}.away`, archive);
      const recovered = !long || (await until(async () => (await predict(url, 'broken')).status === 200, 40_000));
      const code = await stop();
      const left = [...spawned].filter((child) => !isGone(child)).length;
      const passed =
        refused.status === 503 &&
        // The next attempt is half a minute away: to come back sooner is in vain.
        Number(refused.headers['retry-after']) > 10 &&
        spawned.size <= 6 &&
        spawned.size > 0 &&
        beside.failed === 0 &&
        beside.asked > 0 &&
        recovered &&
        left === 0 &&
        code === 0;
      return {
        passed,
        spawns: spawned.size,
        watchedMs,
        openAfterMs,
        status: refused.status,
        retryAfter: refused.headers['retry-after'],
        ping: health.status,
        beside,
        recovered: long ? recovered : 'not waited for',
        code,
      };
    } finally {
      site.remove();
    }
  },
};
