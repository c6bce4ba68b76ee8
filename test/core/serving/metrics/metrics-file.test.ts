import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { LIMITS } from '../../../../src/core/limits.js';
import { parseMetricsFile, readMetricsFile } from '../../../../src/core/serving/metrics/metrics-file.js';

const folder = mkdtempSync(path.join(tmpdir(), 'metrics-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GAUGE = 'model_metrics:\n  gauge:\n    - ';
const withGauge = (metric: string): string => GAUGE + metric;

describe('a metrics file', () => {
  it('lists what the server counts and what handlers report, with dimensions in its order and named by anchors', () => {
    const text = `
dimensions:
  - &level "Level"
ts_metrics:
  counter:
    - name: Requests2XX
      unit: Count
      dimensions: [*level, "Hostname"]
  histogram:
    - {name: QueueTime, unit: Milliseconds, dimensions: [Hostname, *level]}
model_metrics:
  gauge:
    - {name: Voxels, unit: count, dimensions: [ModelName, *level]}
`;
    expect(parseMetricsFile(text, 'm.yaml')).toEqual([
      { name: 'Requests2XX', unit: 'Count', kind: 'counter', section: 'server', labels: ['Level', 'Hostname'] },
      { name: 'QueueTime', unit: 'Milliseconds', kind: 'histogram', section: 'server', labels: ['Hostname', 'Level'] },
      { name: 'Voxels', unit: 'count', kind: 'gauge', section: 'model', labels: ['ModelName', 'Level', 'Hostname'] },
    ]);
  });

  it.each([
    ['one section alone', 'model_metrics:\n  counter:\n    - {name: A, unit: ms, dimensions: []}\n', 1],
    ['a type without metrics', 'ts_metrics:\nmodel_metrics:\n  gauge:\n', 0],
  ])('may have %s', (_, text, count) => expect(parseMetricsFile(text, 'm.yaml')).toHaveLength(count));

  it('may use one anchor as often as it has metrics', () => {
    const rows = Array.from({ length: 500 }, (_, at) => `    - {name: M${at}, unit: ms, dimensions: [*a]}`);
    const text = `dimensions: [&a A]\nmodel_metrics:\n  gauge:\n${rows.join('\n')}\n`;
    expect(parseMetricsFile(text, 'm.yaml')).toHaveLength(500);
  });

  it.each([
    ['no YAML', 'a: [1', 'm.yaml: no YAML: Flow sequence'],
    ['nothing', '', 'm.yaml: the file is empty'],
    ['a list', '- 1', 'm.yaml: no mapping; expected dimensions, ts_metrics, model_metrics.'],
    ['another section', 'other: 1', "m.yaml: found the key 'other'"],
    [
      'another type',
      'ts_metrics:\n  summary: []',
      "m.yaml: ts_metrics: found the key 'summary'; expected one of counter",
    ],
    ['a key that would reach the prototype', 'ts_metrics:\n  __proto__: []', "found the key '__proto__'"],
    ['metrics that are no list', 'ts_metrics:\n  gauge: {a: 1}', 'm.yaml: ts_metrics.gauge: no list.'],
    ['a metric that is a word', withGauge('word'), 'm.yaml: model_metrics.gauge[0]: no mapping'],
    ['another key', withGauge('{name: A, unit: ms, dimensions: [], help: x}'), "found the key 'help'"],
    ['no name', withGauge('{unit: ms, dimensions: []}'), 'model_metrics.gauge[0]: the name is missing'],
    ['a name that the text form cannot carry', withGauge('{name: a-b, unit: ms, dimensions: []}'), 'the name is "a-b"'],
    ['a number for a name', withGauge('{name: 5, unit: ms, dimensions: []}'), 'the name is 5'],
    ['no unit', withGauge('{name: A, dimensions: []}'), 'model_metrics.gauge[0] (A): the unit is missing'],
    ['an empty unit', withGauge('{name: A, unit: "", dimensions: []}'), 'the unit is ""'],
    ['a unit of two lines', withGauge('{name: A, unit: "a\\nb", dimensions: []}'), 'the unit is "a\\nb"'],
    ['no dimensions', withGauge('{name: A, unit: ms}'), '(A).dimensions: no list of dimensions; [] is none.'],
    ['a word for dimensions', withGauge('{name: A, unit: ms, dimensions: B}'), 'no list of dimensions'],
    ['a bad dimension', withGauge('{name: A, unit: ms, dimensions: [B, a-b]}'), 'dimensions[1]: found "a-b"'],
    ['a dimension twice', withGauge('{name: A, unit: ms, dimensions: [B, B]}'), 'dimensions: B is there twice.'],
    [
      'the host, which is added anyway',
      withGauge('{name: A, unit: ms, dimensions: [Hostname]}'),
      'Hostname is there twice',
    ],
    [
      'the label of buckets',
      'ts_metrics:\n  histogram:\n    - {name: A, unit: ms, dimensions: [le]}',
      'le is the label of a histogram',
    ],
    [
      'a name twice',
      `ts_metrics:\n  counter:\n    - {name: A, unit: ms, dimensions: []}\n${withGauge('{name: A, unit: s, dimensions: []}')}`,
      'm.yaml: A is there twice',
    ],
    ['a name of ours', withGauge('{name: eisen_total_seconds, unit: s, dimensions: []}'), "the server's own"],
  ])('with %s is refused, and the message leads to the place', (_, text, message) => {
    expect(() => parseMetricsFile(text, 'm.yaml')).toThrow(
      expect.objectContaining({ code: 'METRICS_FILE_INVALID', message: expect.stringContaining(message) }),
    );
  });

  it('cannot fill the memory by its number of metrics or by aliases of aliases', () => {
    const rows = Array.from(
      { length: LIMITS.metricFamilies + 1 },
      (_, at) => `    - {name: M${at}, unit: s, dimensions: []}`,
    );
    expect(() => parseMetricsFile(`ts_metrics:\n  gauge:\n${rows.join('\n')}`, 'm.yaml')).toThrow(
      'more than 1000 metrics',
    );
    const bomb = Array.from({ length: 30 }, (_, at) => {
      const item = at === 0 ? 'x' : `*a${at - 1}`;
      return `- &a${at} [${Array.from({ length: 9 }, () => item).join(', ')}]`;
    });
    expect(() => parseMetricsFile(`dimensions:\n${bomb.map((line) => `  ${line}`).join('\n')}\n`, 'm.yaml')).toThrow(
      'alias',
    );
  });

  it.each([
    ['is not there', () => path.join(folder, 'none.yaml'), 'cannot be read'],
    ['is a folder', () => folder, 'metrics_config names no file.'],
    [
      'is too large',
      () => {
        const file = path.join(folder, 'large.yaml');
        writeFileSync(file, '#'.repeat(LIMITS.metricsFileBytes + 1));
        return file;
      },
      'This is no metrics file.',
    ],
  ])('that %s is told by its path', (_, make, message) => {
    const file = make();
    expect(() => readMetricsFile(file)).toThrow(
      expect.objectContaining({ code: 'METRICS_FILE_INVALID', message: expect.stringContaining(message) }),
    );
    expect(() => readMetricsFile(file)).toThrow(file);
  });

  it('is read from the disk', () => {
    const file = path.join(folder, 'm.yaml');
    writeFileSync(file, withGauge('{name: A, unit: ms, dimensions: []}'));
    expect(readMetricsFile(file)).toEqual([
      { name: 'A', unit: 'ms', kind: 'gauge', section: 'model', labels: ['Hostname'] },
    ]);
  });
});
