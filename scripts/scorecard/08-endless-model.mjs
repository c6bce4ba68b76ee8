import { addLoop, createSite, isGone, predict, quantile, serve, until, workersOf } from './lib-server.mjs';

export default {
  number: 8,
  title: 'a model that never ends costs its own request only',
  async run() {
    const site = createSite();
    try {
      await addLoop(site, 'endless', 2n ** 62n);
      await addLoop(site, 'quick', 1n);
      const { url, stop } = await serve(site, { lines: ['default_response_timeout=2'] });
      const [{ pid }] = await workersOf(url, 'endless');
      const alone = [];
      for (let i = 0; i < 20; i++) alone.push((await predict(url, 'quick')).elapsedMs);
      const hanging = predict(url, 'endless');
      const beside = [];
      for (let i = 0; i < 20; i++) beside.push((await predict(url, 'quick')).elapsedMs);
      const { status, elapsedMs } = await hanging;
      const gone = await until(() => isGone(pid), 1000);
      const code = await stop();
      return {
        passed: status === 500 && elapsedMs <= 2500 && gone && code === 0,
        status,
        replyMs: Math.round(elapsedMs),
        medianAloneMs: Number(quantile(alone, 0.5).toFixed(1)),
        medianBesideMs: Number(quantile(beside, 0.5).toFixed(1)),
      };
    } finally {
      site.remove();
    }
  },
};
