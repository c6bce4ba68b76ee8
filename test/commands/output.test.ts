import { describe, expect, it } from '@jest/globals';
import { createOutput } from '../../src/commands/output.js';
import { renderJson } from '../../src/commands/render-json.js';
import { renderBytes, renderTable, showSafely } from '../../src/commands/render-table.js';
import { recordOutput } from '../support/record-output.js';

describe('output', () => {
  it('puts the result on stdout and the talk on stderr', () => {
    const { output, stdout, stderr } = recordOutput();
    output.say('talk');
    output.stage('stage');
    output.result({ a: 1 }, 'text');
    expect([stdout(), stderr()]).toEqual(['text\n', 'talk\nstage\n']);
  });

  it('gives data with --json', () => {
    const { output, stdout } = recordOutput({ json: true });
    output.result({ shape: [1, -1] }, 'text');
    expect(stdout()).toBe('{\n  "shape": [1, -1]\n}\n');
  });

  it('says nothing with --quiet, but keeps the result', () => {
    const { output, stdout, stderr } = recordOutput({ quiet: true });
    output.say('talk');
    output.stage('stage');
    output.result(1, 'text');
    expect([stdout(), stderr()]).toEqual(['text\n', '']);
  });

  it.each([
    ['a dumb terminal', { TERM: 'dumb' }, 80],
    ['a terminal without a width', { TERM: 'xterm' }, 0],
  ])('takes %s for none', (_what, env, columns) => {
    let text = '';
    const stream = {
      isTTY: true,
      columns,
      write: (part: string) => {
        text += part;
      },
    };
    const output = createOutput({}, { stdout: stream, stderr: stream, env, now: () => 0 });
    output.stage('working');
    output.endStages();
    expect(text).toBe('working\n');
  });
});

it('a table is aligned, and nothing in a cell steers the terminal', () => {
  expect(
    renderTable(
      ['a', 'b'],
      [
        ['x\u001b[2J', '\u202ey'],
        ['longer', ''],
      ],
    ),
  ).toBe('a       b\nx\u00b7[2J   \u00b7y\nlonger');
  expect(showSafely('a\nb\u200bc')).toBe('a\u00b7b\u00b7c');
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1_329_155, '1.3 MB'],
  [629_145_600, '629 MB'],
  [99_960_000, '100 MB'],
  [999_999, '1 MB'],
  [4e12, '4 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(renderBytes(bytes)).toBe(text);
});

it('JSON for people keeps plain lists on one line and says the same as JSON', () => {
  const value = { a: [1, null, 'x"'], b: [{ c: [] }, {}], d: {}, e: undefined, f: [[1], [2, 3]] };
  expect(JSON.parse(renderJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
  expect(renderJson(value)).toContain('"a": [1, null, "x\\""]');
});
