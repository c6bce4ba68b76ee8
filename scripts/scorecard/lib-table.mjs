// The table of a run, as docs/scorecard.md shows it.
import { spawnSync } from 'node:child_process';
import { ROOT } from './lib-tools.mjs';

const UNITS = { Ms: 'ms', MiB: 'MiB', PerSecond: 'a second' };

/** `slowestBesideMs` and 79 as `slowest beside 79 ms`. */
function renderFigure(name, value) {
  const [, stem, unit = ''] = /^(.*?)(Ms|MiB|PerSecond)?$/.exec(name);
  // Codes of errors are keys, too.
  const words = /^[A-Z]/.test(stem)
    ? stem
    : stem.replace(/[A-Z]+(?![a-z])|[A-Z]/g, (letters) => ` ${letters.toLowerCase()}`).trim();
  return `${words} ${renderValue(value)}${unit === '' ? '' : ` ${UNITS[unit]}`}`.trim();
}

function renderValue(value) {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : `(${value.map(renderValue).join(', ')})`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object' || value === null) return String(value);
  return `(${Object.entries(value)
    .map(([name, item]) => renderFigure(name, item))
    .join(', ')})`;
}

function renderRow({ number, title, passed, seconds, notRun, ...figures }) {
  const result = passed ? 'passed' : notRun === undefined ? '**failed**' : 'not run';
  const told = Object.entries(notRun === undefined ? figures : { because: notRun }).map((pair) =>
    renderFigure(...pair),
  );
  return `| ${number} | ${title} | ${result} | ${told.join(', ').replaceAll('|', '\\|')} | ${Math.round(seconds)} |`;
}

/** The score with its date and commit, and a row a test. */
export function renderRun(results, { long, total }) {
  const passed = results.filter((line) => line.passed).length;
  const { stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' });
  const day = new Date().toISOString().slice(0, 10);
  const form = long ? 'the long form' : 'the short form';
  return [
    `**${passed} of ${total}** on ${day}, commit \`${stdout.trim()}\`, ${form}. Every line is of this one run.`,
    '',
    '| # | what holds | result | figures | seconds |',
    '|---|---|---|---|---|',
    ...results.map(renderRow),
  ].join('\n');
}
