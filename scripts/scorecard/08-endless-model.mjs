import { addLoop, createSite, isGone, predict, quantile, serve, until, workersOf } from './lib-server.mjs';

const ROUNDS = 4;
const ALONE_MS = 2000;

/** Asks one call after another until it is over; the time of each. */
async function timeCalls(url, isOver) {
  const times = [];
  while (!isOver()) {
    const { status, elapsedMs } = await predict(url, 'quick');
    if (status !== 200) throw new Error(`the other model answered ${status}`);
    times.push(elapsedMs);
  }
  return times;
}

async function findWorker(url) {
  let found;
  await until(async () => {
    const [worker] = await workersOf(url, 'endless');
    if (worker.status === 'READY' && !isGone(worker.pid)) found = worker.pid;
    return found !== undefined;
  }, 10_000);
  return found;
}

const round = (ms) => Number(ms.toFixed(1));

export default {
  number: 8,
  title: 'a model that never ends costs its own request only',
  async run() {
    const site = createSite();
    try {
      await addLoop(site, 'endless', 2n ** 62n);
      await addLoop(site, 'quick', 1n);
      const { url, stop } = await serve(site, { lines: ['default_response_timeout=2'] });
      const [alone, beside, replies, gone] = [[], [], [], []];
      const after = (ms) => {
        const end = Date.now() + ms;
        return () => Date.now() > end;
      };
      await timeCalls(url, after(ALONE_MS));
      // In turns, because the machine is not equally fast all the time.
      for (let turn = 0; turn < ROUNDS; turn++) {
        const pid = await findWorker(url);
        alone.push(...(await timeCalls(url, after(ALONE_MS))));
        let answered = false;
        const hanging = predict(url, 'endless').finally(() => {
          answered = true;
        });
        beside.push(...(await timeCalls(url, () => answered)));
        replies.push(await hanging);
        gone.push(await until(() => isGone(pid), 1000));
      }
      const code = await stop();
      const [aloneP99, besideP99] = [quantile(alone, 0.99), quantile(beside, 0.99)];
      const replyMs = Math.round(Math.max(...replies.map(({ elapsedMs }) => elapsedMs)));
      return {
        passed:
          replies.every(({ status }) => status === 500) &&
          replyMs <= 2500 &&
          gone.every(Boolean) &&
          besideP99 <= 1.1 * aloneP99 &&
          code === 0,
        statuses: replies.map(({ status }) => status),
        replyMs,
        calls: [alone.length, beside.length],
        p99AloneMs: round(aloneP99),
        p99BesideMs: round(besideP99),
        medianAloneMs: round(quantile(alone, 0.5)),
        medianBesideMs: round(quantile(beside, 0.5)),
      };
    } finally {
      site.remove();
    }
  },
};
