import http from 'node:http';
import { addLoop, call, createSite, LOOP_BODY, quantile, serve } from './lib-server.mjs';

const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });

function ask(url) {
  return call(`${url}/predictions/m`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: LOOP_BODY,
    agent,
  });
}

/** Answers a second with as many clients as the server likes best, and how long the last of them take. */
async function measurePeak(url, seconds) {
  const started = Date.now();
  const times = [];
  const client = async () => {
    while (Date.now() < started + seconds * 1000) {
      const { status, elapsedMs } = await ask(url);
      if (status === 200) times.push(elapsedMs);
    }
  };
  await Promise.all([client(), client(), client(), client()]);
  return { perSecond: times.length / ((Date.now() - started) / 1000), p99Ms: quantile(times, 0.99) };
}

/** Sends so many requests a second, whatever becomes of them. */
async function overload(url, rate, seconds) {
  const started = Date.now();
  const replies = [];
  while (Date.now() < started + seconds * 1000) {
    const due = ((Date.now() - started) / 1000) * rate;
    while (replies.length < due) replies.push(ask(url));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const all = await Promise.all(replies);
  return { all, perSecond: all.filter(({ status }) => status === 200).length / ((Date.now() - started) / 1000) };
}

const QUEUE = 8;
const ROUNDS = 3;

export default {
  number: 21,
  title: 'more load than there is room for: the rest is told when to come again, and the work goes on',
  async run({ seconds }) {
    const site = createSite();
    try {
      await addLoop(site, 'm', 4000n);
      const { url, stop } = await serve(site, { lines: [`job_queue_size=${QUEUE}`] });
      const warm = await measurePeak(url, 1);
      await overload(url, 5 * warm.perSecond, 1);
      // In turns, because the machine is not equally fast all the time: each overload stands between two peaks.
      const peaks = [await measurePeak(url, seconds / 4)];
      const all = [];
      const ratios = [];
      for (let round = 0; round < ROUNDS; round++) {
        const over = await overload(url, 5 * peaks.at(-1).perSecond, seconds / 2);
        peaks.push(await measurePeak(url, seconds / 4));
        all.push(...over.all);
        ratios.push(over.perSecond / ((peaks.at(-2).perSecond + peaks.at(-1).perSecond) / 2));
      }
      const code = await stop();
      agent.destroy();
      const ok = all.filter(({ status }) => status === 200).map(({ elapsedMs }) => elapsedMs);
      const refused = all.filter(({ status }) => status === 503);
      const refusals = refused.map(({ elapsedMs }) => elapsedMs);
      const peak = quantile(
        peaks.map(({ perSecond }) => perSecond),
        0.5,
      );
      const aloneP99Ms = quantile(
        peaks.map(({ p99Ms }) => p99Ms),
        0.5,
      );
      const boundMs = 2 * aloneP99Ms + (QUEUE * 1000) / peak;
      const goodput = quantile(ratios, 0.5);
      const figures = {
        peakPerSecond: Math.round(peak),
        goodput: Number(goodput.toFixed(2)),
        goodputs: ratios.map((ratio) => Number(ratio.toFixed(2))),
        sent: all.length,
        ok: ok.length,
        refused: refused.length,
        lost: all.length - ok.length - refused.length,
        withoutRetryAfter: refused.filter(({ headers }) => headers['retry-after'] === undefined).length,
        refusalP50Ms: Number(quantile(refusals, 0.5).toFixed(1)),
        refusalP99Ms: Number(quantile(refusals, 0.99).toFixed(1)),
        refusalMaxMs: Number(Math.max(...refusals).toFixed(1)),
        acceptedP99Ms: Math.round(quantile(ok, 0.99)),
        acceptedBoundMs: Math.round(boundMs),
      };
      const passed =
        goodput >= 0.9 &&
        figures.refused > 0 &&
        figures.lost === 0 &&
        figures.withoutRetryAfter === 0 &&
        figures.refusalMaxMs < 50 &&
        figures.acceptedP99Ms <= boundMs &&
        code === 0;
      return { passed, ...figures };
    } finally {
      site.remove();
    }
  },
};
