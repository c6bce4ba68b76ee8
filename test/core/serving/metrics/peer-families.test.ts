import { describe, expect, it } from '@jest/globals';
import { type MetricLine, parseMetricLine } from '../../../../src/core/serving/metrics/metric-line.js';
import { parseMetricsFile } from '../../../../src/core/serving/metrics/metrics-file.js';
import { explainUnfilled } from '../../../../src/core/serving/metrics/peer-families.js';
import { createServerMetrics } from '../../../../src/core/serving/metrics/server-metrics.js';

const SPECS = parseMetricsFile(
  `
ts_metrics:
  counter:
    - {name: Requests2XX, unit: Count, dimensions: [Level, Hostname]}
    - {name: ts_inference_requests_total, unit: Thing, dimensions: [m, v, h]}
  gauge:
    - {name: QueueTime, unit: Milliseconds, dimensions: [Hostname, Level]}
    - {name: CPUUtilization, unit: Share, dimensions: [Level]}
  histogram:
    - {name: WorkerThreadTime, unit: Milliseconds, dimensions: [Level, Hostname]}
    - {name: NobodyKnows, unit: foo, dimensions: []}
model_metrics:
  counter:
    - {name: Granted, unit: count, dimensions: [ModelName, Level]}
  gauge:
    - {name: Swapped, unit: count, dimensions: [Level, ModelName]}
    - {name: Never, unit: ms, dimensions: [ModelName]}
  histogram:
    - {name: WishTime, unit: ms, dimensions: [ModelName, Level]}
`,
  'm.yaml',
);

function create(autoDetect = false, mode: 'prometheus' | 'legacy' = 'prometheus') {
  return createServerMetrics({ mode, autoDetect, specs: SPECS, hostname: 'h', now: () => 0 });
}

const report = (name: string, value: number, kind: string, dimensions = 'ModelName:m,Level:Model'): MetricLine =>
  parseMetricLine(`[METRICS]${name}.Count:${value}|#${dimensions}|#type:${kind}|#hostname:vm,1795355036,id`)!;

const linesOf = (text: string, name: string): string[] => text.split('\n').filter((line) => line.startsWith(name));

describe('the families of a metrics file', () => {
  it('are there from the start in its own words, beside ours and without those that it does not name', () => {
    const text = create().render();
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    expect(types.filter((type) => !type.startsWith('eisen_'))).toEqual([
      'Requests2XX counter',
      'ts_inference_requests_total counter',
      'QueueTime gauge',
      'CPUUtilization gauge',
      'WorkerThreadTime histogram',
      'NobodyKnows histogram',
      'Granted counter',
      'Swapped gauge',
      'Never gauge',
      'WishTime histogram',
    ]);
    expect(types).toContain('eisen_total_seconds histogram');
    expect(text).toContain('# HELP WishTime Torchserve prometheus histogram metric with unit: ms\n');
    expect([...linesOf(text, 'Never'), ...linesOf(text, 'Granted')]).toEqual([]);
    expect(linesOf(text, 'NobodyKnows_count')).toEqual(['NobodyKnows_count 0.0']);
  });

  it("take the server's values by the places of their dimensions, whatever these are called", () => {
    const metrics = create();
    metrics.countReply(200);
    metrics.countReply(404);
    const predictions = metrics.predictionsOf('m', '1.0');
    predictions.count();
    predictions.observe({ queueMs: 2, workerMs: 5 }, 20);
    const text = metrics.render();
    expect(linesOf(text, 'Requests')).toEqual(['Requests2XX{Level="Host",Hostname="h",} 1.0']);
    expect(linesOf(text, 'ts_inference_')).toEqual(['ts_inference_requests_total{m="m",v="default",h="h",} 1.0']);
    expect(linesOf(text, 'QueueTime')).toEqual(['QueueTime{Hostname="Host",Level="h",} 2.0']);
    expect(linesOf(text, 'WorkerThreadTime_sum')).toEqual(['WorkerThreadTime_sum{Level="Host",Hostname="h",} 13.0']);
  });

  it('stay empty where the server has more or fewer values than dimensions, and the operator is told', () => {
    const metrics = create();
    expect(metrics.observeSystem({ CPUUtilization: 5 })).toEqual([
      'CPUUtilization.Share:5.0|#Level:Host|#hostname:h,timestamp:0',
    ]);
    expect(linesOf(metrics.render(), 'CPUUtilization')).toEqual([]);
    expect(explainUnfilled(SPECS)).toEqual([
      'metrics_config: CPUUtilization of ts_metrics stays without samples: it has 1 dimensions; expected 2, for Level, Hostname.',
      'metrics_config: NobodyKnows of ts_metrics stays without samples: the server measures nothing of this name.',
    ]);
  });

  it('hold what handlers report in the kind and order of the file, not of the line', () => {
    const metrics = create();
    for (const line of [
      report('Granted', 7, 'GAUGE'),
      report('Granted', 7, 'COUNTER'),
      report('Swapped', 6, 'GAUGE'),
      report('WishTime', 0.3, 'GAUGE'),
    ]) {
      metrics.observeReported(line);
    }
    const text = metrics.render();
    expect(linesOf(text, 'Granted')).toEqual(['Granted{ModelName="m",Level="Model",Hostname="vm",} 14.0']);
    expect(linesOf(text, 'Swapped')).toEqual(['Swapped{Level="m",ModelName="Model",Hostname="vm",} 6.0']);
    const labels = 'ModelName="m",Level="Model",Hostname="vm",';
    expect(linesOf(text, 'WishTime')).toHaveLength(17);
    for (const [bound, count] of [
      ['0.25', 0],
      ['0.5', 1],
      ['1.0', 1],
      ['+Inf', 1],
    ] as const) {
      expect(text).toContain(`WishTime_bucket{${labels}le="${bound}",} ${count}.0\n`);
    }
    expect(text).toContain(`WishTime_sum{${labels}} 0.3\nWishTime_count{${labels}} 1.0\n`);
  });

  it.each([
    ['a metric that the file does not name', report('Unnamed', 1, 'COUNTER')],
    ["one that TorchServe's own list would name", report('PredictionTime', 1, 'GAUGE')],
    ['one with fewer dimensions than the file gives it', report('Granted', 1, 'COUNTER', 'ModelName:m')],
    ["one under the name of the server's own", report('Requests2XX', 9, 'COUNTER')],
  ])('drop %s', (_, line) => {
    const metrics = create();
    const before = metrics.render();
    metrics.observeReported(line);
    expect(metrics.render()).toBe(before);
  });

  it('do not let a counter go back', () => {
    const metrics = create();
    for (const value of [2, -7]) metrics.observeReported(report('Granted', value, 'COUNTER'));
    expect(linesOf(metrics.render(), 'Granted')).toEqual(['Granted{ModelName="m",Level="Model",Hostname="vm",} 2.0']);
  });

  it('are joined by others of handlers when these are to be detected, histograms among them', () => {
    const metrics = create(true);
    for (const name of ['Unnamed', 'Requests2XX', 'eisen_total_seconds'])
      metrics.observeReported(report(name, 3, 'HISTOGRAM'));
    metrics.observeReported(report('Unnamed', 3, 'HISTOGRAM', 'ModelName:m'));
    const text = metrics.render();
    expect(linesOf(text, 'Unnamed_count')).toEqual(['Unnamed_count{ModelName="m",Level="Model",Hostname="vm",} 1.0']);
    expect(linesOf(text, '# TYPE Requests2XX')).toEqual(['# TYPE Requests2XX counter']);
    expect(linesOf(text, '# TYPE eisen_total_seconds')).toHaveLength(1);
  });

  it('show only those of the models in legacy mode', () => {
    expect(
      [
        ...create(false, 'legacy')
          .render()
          .matchAll(/# TYPE (\S+)/g),
      ].map((match) => match[1]),
    ).toEqual(['ts_inference_requests_total']);
  });
});
