import { freemem } from 'node:os';
import { LOOP_METADATA } from '../../.build/test/support/loop-model.js';
import { writeModelArchive } from '../../.build/test/support/model-archive.js';
import { hungryModel } from './lib-hostile-models.mjs';
import { addLoop, call, createSite, isGone, memoryOf, predict, serve, sleep, workersOf } from './lib-server.mjs';

const MiB = 2 ** 20;
const CEILING_MIB = 300;
/** What a worker can still take between two looks at its memory, and what a process has beside its tensors. */
const OVERSHOOT_MIB = 256;
const FLOATS_A_ROW = 2_500_000;

export default {
  number: 20,
  title: 'a worker that eats memory is ended at its ceiling; its request gets 507, the next one an answer',
  async run() {
    const site = createSite();
    try {
      const folder = `${site.folder}/model_store`;
      await writeModelArchive({ folder, name: 'eater', model: hungryModel(FLOATS_A_ROW), metadata: LOOP_METADATA });
      await addLoop(site, 'good', 1n);
      const { url, pid: server, stop } = await serve(site, { lines: [`worker_memory_limit=${CEILING_MIB * MiB}`] });
      const ask = (rows) =>
        call(`${url}/predictions/eater`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ image: Array.from({ length: rows }, () => [1]) }),
        });
      const small = await ask(1);
      const [{ pid }] = await workersOf(url, 'eater');
      const freeBefore = freemem();
      let [eating, peak, leastFree] = [true, 0, freeBefore];
      const watch = async () => {
        for (; eating; await sleep(10)) {
          if (!isGone(pid)) peak = Math.max(peak, memoryOf(pid));
          leastFree = Math.min(leastFree, freemem());
        }
      };
      const watching = watch();
      const greedy = await ask(1200);
      const [beside] = await Promise.all([predict(url, 'good')]);
      const started = Date.now();
      const after = await ask(1);
      const recoveryMs = Date.now() - started;
      eating = false;
      await watching;
      const gone = isGone(pid);
      const serverMiB = Math.round(memoryOf(server) / MiB);
      const code = await stop();
      const peakMiB = Math.round(peak / MiB);
      const hostTookMiB = Math.round((freeBefore - leastFree) / MiB);
      const passed =
        small.status === 200 &&
        greedy.status === 507 &&
        gone &&
        beside.status === 200 &&
        after.status === 200 &&
        recoveryMs < 2000 &&
        peakMiB < CEILING_MIB + OVERSHOOT_MIB &&
        hostTookMiB < CEILING_MIB + 2 * OVERSHOOT_MIB &&
        code === 0;
      return {
        passed,
        statuses: [small.status, greedy.status, beside.status, after.status],
        ceilingMiB: CEILING_MIB,
        peakMiB,
        wantedMiB: Math.round((1200 * FLOATS_A_ROW * 4) / MiB),
        hostTookMiB,
        replyMs: Math.round(greedy.elapsedMs),
        recoveryMs,
        serverMiB,
      };
    } finally {
      site.remove();
    }
  },
};
