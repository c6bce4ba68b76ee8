import { addLoop, createSite, isGone, predict, serve, sleep, until, workersOf } from './lib-server.mjs';

const CLIENTS = 8;
const LASTS_MS = 60_000;

export default {
  number: 18,
  title: 'workers killed again and again under load: no hang, no exit, failures only of what they held',
  async run() {
    const site = createSite();
    try {
      await addLoop(site, 'm', 200n);
      const { url, server, stop } = await serve(site, { lines: ['default_workers_per_model=2'] });
      const end = Date.now() + LASTS_MS;
      const counts = { ok: 0, failed: 0, hung: 0 };
      const client = async () => {
        while (Date.now() < end) {
          const { status, elapsedMs } = await predict(url, 'm');
          if (elapsedMs > 10_000) counts.hung++;
          if (status === 200) counts.ok++;
          else counts.failed++;
        }
      };
      let kills = 0;
      const seen = new Set();
      // Only workers that have come up: one that is killed while it starts counts towards the breaker, as it should.
      const killer = async () => {
        while (Date.now() < end) {
          await sleep(200);
          const workers = await workersOf(url, 'm').catch(() => []);
          for (const { pid } of workers) seen.add(pid);
          const ready = workers.filter(({ status }) => status === 'READY');
          const victim = ready[Math.floor(Math.random() * ready.length)];
          if (victim === undefined || isGone(victim.pid)) continue;
          process.kill(victim.pid, 'SIGKILL');
          kills++;
        }
      };
      await Promise.all([...Array.from({ length: CLIENTS }, client), killer()]);
      const started = Date.now();
      const recovered = await until(async () => (await predict(url, 'm')).status === 200, 5000);
      const recoveryMs = Date.now() - started;
      const alive = server.child.exitCode === null;
      const code = await stop();
      const leaked = [...seen].filter((pid) => !isGone(pid)).length;
      // A worker holds one request; those that were sent ahead of it go back to the queue.
      const passed =
        alive &&
        recovered &&
        recoveryMs < 2000 &&
        counts.hung === 0 &&
        counts.failed <= kills &&
        leaked === 0 &&
        code === 0;
      return { passed, kills, ...counts, recoveryMs, leaked };
    } finally {
      site.remove();
    }
  },
};
