import { describe, expect, it } from '@jest/globals';
import { LIMITS } from '../../../../src/core/limits.js';
import { renderLabels, renderNumber } from '../../../../src/core/serving/metrics/family.js';
import { createHistogramFamily } from '../../../../src/core/serving/metrics/histogram.js';
import { parseMetricLine } from '../../../../src/core/serving/metrics/metric-line.js';
import { createServerMetrics } from '../../../../src/core/serving/metrics/server-metrics.js';
import { cpuPercent, createSystemMetricsReader } from '../../../../src/core/serving/metrics/system-metrics.js';

function create(mode: 'prometheus' | 'legacy' | 'log' = 'prometheus', autoDetect = false) {
  return createServerMetrics({ mode, autoDetect, hostname: 'h', now: () => 1_717_105_307_000 });
}

/** The value of a sample by its whole label text. */
function sampleOf(text: string, sample: string): number | undefined {
  const line = text.split('\n').find((row) => row.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
}

describe('the text form', () => {
  it.each([
    [8, '8.0'],
    [0, '0.0'],
    [-1, '-1.0'],
    [0.5, '0.5'],
    [22232.09765625, '22232.09765625'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NaN, 'NaN'],
  ])('writes %d as %s', (value, text) => expect(renderNumber(value)).toBe(text));

  it('ends labels with a comma and quotes what must be quoted', () => {
    expect(renderLabels(['a', 'b'], ['x"y', 'c\\d\n'])).toBe('{a="x\\"y",b="c\\\\d\\n",}');
    expect(renderLabels([], [])).toBe('');
  });

  it('names kind and unit of a family, with samples or without', () => {
    const counter = [
      '# HELP Requests2XX Torchserve prometheus counter metric with unit: Count',
      '# TYPE Requests2XX counter',
      'Requests2XX{Level="Host",Hostname="h",} 0.0',
    ].join('\n');
    const empty = [
      '# HELP GPUUtilization Torchserve prometheus gauge metric with unit: Percent',
      '# TYPE GPUUtilization gauge',
    ].join('\n');
    const metrics = create();
    expect(metrics.render()).toContain(`${counter}\n`);
    expect(metrics.render()).toContain(`${empty}\n`);
    // Asked for by name, a family without samples is left out, as by the peer.
    expect(metrics.render(['GPUUtilization', 'Requests2XX'])).toBe(`${counter}\n`);
  });
});

describe('the counters', () => {
  it.each([
    [200, 'Requests2XX'],
    [204, 'Requests2XX'],
    [404, 'Requests4XX'],
    [500, 'Requests5XX'],
    [302, 'Requests5XX'],
  ])('put a %i among %s', (status, name) => {
    const metrics = create();
    metrics.countReply(status);
    expect(sampleOf(metrics.render(), `${name}{Level="Host",Hostname="h",}`)).toBe(1);
  });

  it('know a model at zero from its registration on', () => {
    const metrics = create();
    metrics.watchModel('m', '1.0');
    const text = metrics.render();
    expect(sampleOf(text, 'ts_inference_requests_total{model_name="m",model_version="default",hostname="h",}')).toBe(0);
    expect(sampleOf(text, 'eisen_total_seconds_count{model_name="m",model_version="1.0",}')).toBe(0);
  });

  it('sum latencies in microseconds under the version that the URL named', () => {
    const metrics = create();
    const predictions = metrics.predictionsOf('m', '1.0', '1.0');
    predictions.count();
    predictions.observe({ queueMs: 2, workerMs: 5, preProcessMs: 1, inferenceMs: 3, postProcessMs: 1 }, 8);
    const text = metrics.render();
    const labels = '{model_name="m",model_version="1.0",hostname="h",}';
    expect(sampleOf(text, `ts_inference_requests_total${labels}`)).toBe(1);
    expect(sampleOf(text, `ts_inference_latency_microseconds${labels}`)).toBe(8000);
    expect(sampleOf(text, `ts_queue_latency_microseconds${labels}`)).toBe(2000);
    expect(sampleOf(text, 'QueueTime{Level="Host",Hostname="h",}')).toBe(2);
    expect(sampleOf(text, 'WorkerThreadTime{Level="Host",Hostname="h",}')).toBe(1);
    for (const stage of ['queue', 'pre_process', 'inference', 'post_process', 'total']) {
      expect(sampleOf(text, `eisen_${stage}_seconds_count{model_name="m",model_version="1.0",}`)).toBe(1);
    }
    expect(sampleOf(text, 'eisen_inference_seconds_sum{model_name="m",model_version="1.0",}')).toBeCloseTo(0.003);
  });

  it('make no time up that a handler did not tell', () => {
    const metrics = create();
    metrics.predictionsOf('m', '1').observe({ queueMs: 0, workerMs: 1 }, 1);
    const text = metrics.render();
    expect(sampleOf(text, 'eisen_total_seconds_count{model_name="m",model_version="1",}')).toBe(1);
    expect(sampleOf(text, 'eisen_inference_seconds_count{model_name="m",model_version="1",}')).toBe(0);
  });

  it('keep predictions by the default version and by a named one apart, and the stages of both together', () => {
    const metrics = create();
    metrics.predictionsOf('m', '1').count();
    metrics.predictionsOf('m', '1', '1').count();
    metrics.predictionsOf('m', '1', '1').count();
    for (const asked of [undefined, '1'])
      metrics.predictionsOf('m', '1', asked).observe({ queueMs: 0, workerMs: 1 }, 1);
    const text = metrics.render();
    const requests = (version: string): number | undefined =>
      sampleOf(text, `ts_inference_requests_total{model_name="m",model_version="${version}",hostname="h",}`);
    expect([requests('default'), requests('1')]).toEqual([1, 2]);
    expect(sampleOf(text, 'eisen_total_seconds_count{model_name="m",model_version="1",}')).toBe(2);
    expect(metrics.statistics.of('m', '1').inferenceCount).toBe(2);
  });

  it('start anew for a model that is registered again while a prediction with the old one is under way', () => {
    const metrics = create();
    const old = metrics.predictionsOf('m', '1');
    metrics.forgetModel('m', '1');
    old.observe({ queueMs: 0, workerMs: 1 }, 1);
    expect(metrics.render(['eisen_total_seconds'])).not.toContain('model_name="m"');
    metrics.watchModel('m', '1');
    const count = 'eisen_total_seconds_count{model_name="m",model_version="1",}';
    expect(sampleOf(metrics.render(), count)).toBe(0);
    metrics.predictionsOf('m', '1').observe({ queueMs: 0, workerMs: 1 }, 1);
    expect(sampleOf(metrics.render(), count)).toBe(1);
  });

  it('forget the stages of a model that has gone', () => {
    const metrics = create();
    metrics.watchModel('m', '1');
    metrics.forgetModel('m', '1');
    expect(metrics.render(['eisen_total_seconds'])).not.toContain('model_name="m"');
  });
});

describe('a histogram', () => {
  it('counts a value in its bucket and in all above, the bound included', () => {
    const family = createHistogramFamily({ name: 't', help: 'x', labels: [] }, [1, 2]);
    for (const value of [0.5, 1, 1.5, 9]) family.at().record(value);
    expect(family.render().split('\n').slice(2, -1)).toEqual([
      't_bucket{le="1",} 2.0',
      't_bucket{le="2",} 3.0',
      't_bucket{le="+Inf",} 4.0',
      't_sum 12.0',
      't_count 4.0',
    ]);
  });
});

describe('the modes', () => {
  it('log shows nothing, legacy only the three of the models', () => {
    expect(create('log').render()).toBe('');
    const names = [
      ...create('legacy')
        .render()
        .matchAll(/# TYPE (\S+)/g),
    ].map((match) => match[1]);
    expect(names).toEqual([
      'ts_inference_requests_total',
      'ts_inference_latency_microseconds',
      'ts_queue_latency_microseconds',
    ]);
  });
});

const LINE =
  '[METRICS]PredictionTime.Milliseconds:0.05|#ModelName:m,Level:Model|#type:GAUGE|#hostname:vm,1795355036,id-1';

describe('a metric line of a worker', () => {
  it('tells name, unit, value, dimensions, kind and request', () => {
    expect(parseMetricLine(LINE)).toEqual({
      name: 'PredictionTime',
      unit: 'Milliseconds',
      value: 0.05,
      dimensions: new Map([
        ['ModelName', 'm'],
        ['Level', 'Model'],
      ]),
      kind: 'GAUGE',
      hostname: 'vm',
      requestId: 'id-1',
    });
  });

  it.each([
    '',
    'hello',
    '[METRICS]',
    '[METRICS]X.Y:z|#|#hostname:h,1',
    `[METRICS]${'A'.repeat(5000)}.ms:1|#|#hostname:h,1`,
  ])('is not %j', (line) => expect(parseMetricLine(line)).toBeNull());

  it('reaches its family, and an unknown one only when that is asked for', () => {
    const own = '[METRICS]Voxels.Count:7|#ModelName:m|#type:COUNTER|#hostname:vm,1795355036,id-1';
    const strict = create();
    for (const line of [LINE, own]) strict.observeReported(parseMetricLine(line)!);
    expect(sampleOf(strict.render(), 'PredictionTime{ModelName="m",Level="Model",Hostname="vm",}')).toBe(0.05);
    expect(strict.render()).not.toContain('Voxels');
    const open = create('prometheus', true);
    for (const line of [own, own]) open.observeReported(parseMetricLine(line)!);
    expect(sampleOf(open.render(), 'Voxels{ModelName="m",Hostname="vm",}')).toBe(14);
  });

  it('cannot fill the memory with new names', () => {
    const metrics = create('prometheus', true);
    for (let at = 0; at < 1000; at += 1)
      metrics.observeReported(parseMetricLine(`[METRICS]N${at}.Count:1|#|#type:GAUGE|#hostname:h,1,x`)!);
    expect([...metrics.render().matchAll(/# TYPE N\d+/g)]).toHaveLength(LIMITS.metricFamiliesDetected);
  });

  it.each([
    ['a family of the list', 'PredictionTime', 'ModelName:ID,Level:Model'],
    ['a family of its own', 'Own', 'RequestId:ID'],
  ])('cannot fill the memory with new dimensions of %s, and the operator is told once', (_, name, dimensions) => {
    const warnings: string[] = [];
    const metrics = createServerMetrics({
      ...{ mode: 'prometheus', autoDetect: true, hostname: 'h' },
      warn: (message) => warnings.push(message),
    });
    const measure = (id: number, value: number): void =>
      metrics.observeReported(
        parseMetricLine(
          `[METRICS]${name}.ms:${value}|#${dimensions.replace('ID', `r${id}`)}|#type:GAUGE|#hostname:h,1,x`,
        )!,
      );
    for (let id = 0; id < LIMITS.metricSeries + 50; id += 1) measure(id, 1);
    measure(0, 7);
    const samples = metrics
      .render()
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`));
    expect(samples).toHaveLength(LIMITS.metricSeries);
    expect(samples[0]).toMatch(/"r0".* 7\.0$/);
    expect(warnings).toEqual([expect.stringContaining(`metric ${name} of a handler`)]);
  });
});

describe('the metrics of the machine', () => {
  it('become samples and lines for the log', () => {
    const metrics = create();
    expect(metrics.observeSystem({ CPUUtilization: 12.5, MemoryUsed: 100 })).toEqual([
      'CPUUtilization.Percent:12.5|#Level:Host|#hostname:h,timestamp:1717105307',
      'MemoryUsed.Megabytes:100.0|#Level:Host|#hostname:h,timestamp:1717105307',
    ]);
    expect(sampleOf(metrics.render(), 'CPUUtilization{Level="Host",Hostname="h",}')).toBe(12.5);
  });

  it('are within their ranges here and now', async () => {
    const found = await createSystemMetricsReader('/')();
    expect(found.MemoryUtilization).toBeGreaterThan(0);
    expect(found.MemoryUtilization).toBeLessThan(100);
    expect(found.DiskAvailable).toBeGreaterThanOrEqual(0);
    expect(cpuPercent({ busy: 10, total: 100 }, { busy: 60, total: 200 })).toBe(50);
    expect(cpuPercent({ busy: 1, total: 1 }, { busy: 1, total: 1 })).toBe(0);
  });
});
