import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { createServerMetrics } from '../../../../src/core/serving/metrics/server-metrics.js';

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

const FILE = path.resolve(import.meta.dirname, '../../../../../docs/grafana-dashboard.json');

it('the Grafana dashboard asks only for metrics that the server has', () => {
  const metrics = createServerMetrics({ mode: 'prometheus', autoDetect: false });
  const families = new Set([...metrics.render().matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]!));
  const { panels } = JSON.parse(readFileSync(FILE, 'utf8')) as Dashboard;
  const asked = panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) =>
      [...expr.matchAll(/\b((?:eisen|ts)_\w+|[A-Z]\w+(?:XX|Utilization|Time))\b/g)].map((match) => match[1]!),
    ),
  );
  const unknown = asked.filter((name) => !families.has(name.replace(/_(bucket|sum|count)$/, '')));
  expect(asked.length).toBeGreaterThan(20);
  expect(unknown).toEqual([]);
});
