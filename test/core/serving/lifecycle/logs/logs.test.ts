import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EisenError } from '../../../../../src/core/errors/error.js';
import { openLogFile } from '../../../../../src/core/serving/lifecycle/logs/log-file.js';
import {
  asOneLine,
  JSON_FORM,
  renderLocalTime,
  TEXT_FORM,
} from '../../../../../src/core/serving/lifecycle/logs/log-lines.js';
import { renderModelMetric } from '../../../../../src/core/serving/lifecycle/logs/model-metric-line.js';
import { openServerLogs } from '../../../../../src/core/serving/lifecycle/logs/server-logs.js';
import { parseMetricLine } from '../../../../../src/core/serving/metrics/metric-line.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'logs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const TIME = new Date(2026, 10, 22, 8, 5, 7, 9);
const STAMP = '2026-11-22T08:05:07,009';
const ACCESS = {
  remote: '127.0.0.1:64003',
  method: 'GET',
  target: '/ping',
  protocol: 'HTTP/1.1',
  status: 200,
  elapsedMs: 1.4,
  requestId: 'r-1',
};

describe('log lines', () => {
  it('have the forms of the peer', () => {
    expect(renderLocalTime(TIME)).toBe(STAMP);
    expect(TEXT_FORM.access(ACCESS, TIME)).toBe(`${STAMP} - /127.0.0.1:64003 "GET /ping HTTP/1.1" 200 1`);
    expect(TEXT_FORM.server({ level: 'WARN', message: 'm' }, TIME)).toBe(`${STAMP} [WARN ] main eisen.serve - m`);
    expect(TEXT_FORM.worker({ worker: 'W-9000-brain_1.0', stream: 'stderr', line: 'boom' }, TIME)).toBe(
      `${STAMP} [WARN ] W-9000-brain_1.0-stderr MODEL_LOG - boom`,
    );
    expect(TEXT_FORM.metric('CPUUtilization.Percent:1.0|#Level:Host|#hostname:h,timestamp:1', TIME)).toBe(
      `${STAMP} - CPUUtilization.Percent:1.0|#Level:Host|#hostname:h,timestamp:1`,
    );
  });

  it('tell the time right when lines of two seconds alternate', () => {
    const next = new Date(2026, 10, 23, 0, 0, 0, 10);
    const stamps = [TIME, next, TIME].map(renderLocalTime);
    expect(stamps).toEqual([STAMP, '2026-11-23T00:00:00,010', STAMP]);
  });

  it('carry the request id and the code of an error, and a stack only for faults', () => {
    const known = new EisenError('QUEUE_FULL', 'no room');
    expect(TEXT_FORM.server({ level: 'ERROR', message: 'm', requestId: 'r-1', cause: known }, TIME)).toBe(
      `${STAMP} [ERROR] main eisen.serve - m [request r-1] no room [QUEUE_FULL]`,
    );
    expect(TEXT_FORM.server({ level: 'ERROR', message: 'm', cause: new TypeError('x') }, TIME)).toContain('\\n    at');
  });

  it('are one JSON object each when asked', () => {
    expect(JSON.parse(JSON_FORM.access(ACCESS, TIME))).toEqual({ time: TIME.toISOString(), log: 'access', ...ACCESS });
    expect(JSON.parse(JSON_FORM.server({ level: 'INFO', message: 'a\nb', cause: 'c' }, TIME))).toMatchObject({
      log: 'server',
      message: 'a\nb',
      cause: 'c',
    });
    expect(JSON.parse(JSON_FORM.worker({ worker: 'W', stream: 'stdout', line: 'l' }, TIME))).toMatchObject({
      line: 'l',
    });
  });

  it('cannot be forged by a client or a handler', () => {
    expect(asOneLine('a\r\n2026 forged\u2028\u001b[31m')).toBe('a\\u000d\\n2026 forged\\u2028\\u001b[31m');
    expect(TEXT_FORM.access({ ...ACCESS, target: '/a\nb' }, TIME)).not.toContain('\n');
  });
});

describe('a log file', () => {
  it('keeps every line in order and appends to what is there', async () => {
    const file = path.join(folder, 'deep', 'x.log');
    for (const run of ['a', 'b']) {
      const log = openLogFile(file, { rotateBytes: 10 ** 6, rotateFiles: 2 });
      for (let i = 0; i < 500; i++) log.write(`${run}${i}`);
      await log.close();
    }
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines).toEqual(['a', 'b'].flatMap((run) => Array.from({ length: 500 }, (_, i) => `${run}${i}`)));
  });

  it('has every line soon after it was written, also while it stays open', async () => {
    const file = path.join(folder, 'open.log');
    const log = openLogFile(file, { rotateBytes: 1e6, rotateFiles: 2 });
    const expected = Array.from({ length: 20 }, (_, n) => `line ${n}`);
    for (const line of expected) {
      log.write(line);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    let lines: string[] = [];
    while (lines.length < expected.length) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    }
    expect(lines).toEqual(expected);
    await log.close();
  });

  it('keeps the last line of one that was silent for a while before it is closed', async () => {
    const faults: Error[] = [];
    const files = Array.from({ length: 20 }, (_, n) => path.join(folder, `${n}.log`));
    const onFault = (error: Error): void => void faults.push(error);
    const logs = files.map((file) => openLogFile(file, { rotateBytes: 1e6, rotateFiles: 2, onFault }));
    for (const log of logs) log.write('draining');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await Promise.all(
      logs.map((log) => {
        log.write('stopped');
        return log.close();
      }),
    );
    expect(faults).toEqual([]);
    expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(files.map(() => 'draining\nstopped\n'));
  });

  it('tells of a full disk once, on the console, and goes on', async () => {
    // The device that is always full stands in for the disk.
    symlinkSync('/dev/full', path.join(folder, 'access_log.log'));
    symlinkSync('/dev/full', path.join(folder, 'model_log.log'));
    const config = { folder, metricsFolder: folder, form: 'text', rotateBytes: 1e9, rotateFiles: 1 } as const;
    const echoed: string[] = [];
    const logs = openServerLogs(config, (line) => echoed.push(line));
    for (let n = 0; n < 3; n += 1) {
      logs.access(ACCESS);
      logs.worker({ worker: 'W', stream: 'stdout', line: 'x' });
      await new Promise((resolve) => setTimeout(resolve, 80));
    }
    logs.server({ level: 'INFO', message: 'still here' });
    await logs.close();
    expect(echoed).toEqual([
      expect.stringMatching(
        /\[ERROR\] main eisen\.serve - the logs in .* cannot be written \(the disk is full\): lines are dropped/,
      ),
      expect.stringContaining('still here'),
    ]);
    expect(readFileSync(path.join(folder, 'ts_log.log'), 'utf8')).toContain('still here');
  });

  it('is rotated by size and keeps so many old ones', async () => {
    const file = path.join(folder, 'x.log');
    const log = openLogFile(file, { rotateBytes: 4096, rotateFiles: 2 });
    for (let i = 0; i < 8; i++) {
      log.write(`${i}`.repeat(3000));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await log.close();
    expect(readdirSync(folder).sort()).toEqual(['x.log', 'x.log.1', 'x.log.2']);
    const all = ['x.log.2', 'x.log.1', 'x.log'].map((name) => readFileSync(path.join(folder, name), 'utf8')).join('');
    expect(all).toContain('7777');
    expect(all).not.toContain('0000');
  });

  it('puts the five logs where the peer has them and echoes server messages', async () => {
    const echoed: string[] = [];
    const metricsFolder = path.join(folder, 'm');
    const logs = openServerLogs({ folder, metricsFolder, form: 'text', rotateBytes: 10 ** 6, rotateFiles: 1 }, (line) =>
      echoed.push(line),
    );
    logs.access(ACCESS);
    logs.server({ level: 'INFO', message: 'hello' });
    logs.worker({ worker: 'W-9000-m_1', stream: 'stdout', line: 'from the worker' });
    logs.hostMetric('host');
    logs.modelMetric('model');
    await logs.close();
    const read = (...name: string[]): string => readFileSync(path.join(folder, ...name), 'utf8');
    expect(read('access_log.log')).toContain('"GET /ping HTTP/1.1" 200 1\n');
    expect(read('ts_log.log')).toContain('hello\n');
    expect(read('model_log.log')).toContain('from the worker\n');
    expect(read('m', 'ts_metrics.log')).toContain('- host\n');
    expect(read('m', 'model_metrics.log')).toContain('- model\n');
    expect(echoed).toEqual([expect.stringContaining('hello')]);
  });
});

describe('a metric of a model', () => {
  it('is a line of the form of the peer', () => {
    const metric = parseMetricLine(
      '[METRICS]PredictionTime.Milliseconds:0.05|#ModelName:m,Level:Model|#type:GAUGE|#hostname:h,1795355036,r-1',
    )!;
    expect(renderModelMetric(metric, new Date(1_795_355_036_000))).toBe(
      'PredictionTime.Milliseconds:0.05|#ModelName:m,Level:Model|#hostname:h,requestID:r-1,timestamp:1795355036',
    );
  });
});
