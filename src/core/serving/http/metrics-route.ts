import type { ServerMetrics } from '../metrics/server-metrics.js';
import type { Route } from './exchange.js';

/** `/metrics[?name[]=A&name[]=B]`, with any method and whatever stands behind it in the path. */
export function createMetricsRoute(metrics: ServerMetrics, refresh: () => Promise<void>): Route {
  return {
    api: 'metrics',
    matches: ({ target }) => target.segments[0] === 'metrics',
    async answer({ target }) {
      await refresh();
      const text = metrics.render(target.query.getAll('name[]'));
      return {
        status: 200,
        headers: [['content-type', 'text/plain; version=0.0.4; charset=utf-8']],
        body: [Buffer.from(text, 'utf8')],
      };
    },
  };
}
