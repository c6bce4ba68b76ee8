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

/** Answers a second with as many clients as the server likes best. */
async function measurePeak(url, seconds) {
  const end = Date.now() + seconds * 1000;
  let ok = 0;
  const client = async () => {
    while (Date.now() < end) if ((await ask(url)).status === 200) ok++;
  };
  await Promise.all([client(), client(), client(), client()]);
  return ok / seconds;
}

/** Sends so many requests a second, whatever becomes of them. */
async function overload(url, rate, seconds) {
  const started = Date.now();
  const replies = [];
  let [sent, accepted] = [0, 0];
  while (Date.now() < started + seconds * 1000) {
    const due = ((Date.now() - started) / 1000) * rate;
    for (; sent < due; sent++) replies.push(ask(url));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const all = await Promise.all(replies);
  accepted = all.filter(({ status }) => status === 200).length;
  const refused = all.filter(({ status }) => status === 503);
  return {
    sent,
    ok: accepted,
    okPerSecond: accepted / ((Date.now() - started) / 1000),
    refused: refused.length,
    lost: all.length - accepted - refused.length,
    withoutRetryAfter: refused.filter(({ headers }) => headers['retry-after'] === undefined).length,
    refusalP50Ms: Number(
      quantile(
        refused.map(({ elapsedMs }) => elapsedMs),
        0.5,
      ).toFixed(1),
    ),
  };
}

export default {
  number: 21,
  title: 'more load than there is room for: the rest is told when to come again, and the work goes on',
  async run({ seconds }) {
    const site = createSite();
    try {
      await addLoop(site, 'm', 4000n);
      const { url, stop } = await serve(site, { lines: ['job_queue_size=8'] });
      await measurePeak(url, 1);
      const before = await measurePeak(url, seconds / 2);
      const { okPerSecond, ...over } = await overload(url, 5 * before, seconds);
      const after = await measurePeak(url, seconds / 2);
      const code = await stop();
      agent.destroy();
      const goodput = okPerSecond / Math.min(before, after);
      const passed =
        goodput >= 0.9 && over.refused > 0 && over.lost === 0 && over.withoutRetryAfter === 0 && code === 0;
      return { passed, peakPerSecond: Math.round(before), goodput: Number(goodput.toFixed(2)), ...over };
    } finally {
      site.remove();
    }
  },
};
