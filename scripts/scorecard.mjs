// npm run scorecard [-- --only 1,11 --long --json file --docs]: runs the reliability tests of scripts/scorecard/ on this checkout and prints
// one JSON line each: number, title, passed, seconds, and the figures that were seen. Exit code 1 when one of them fails.
//
// A test is a file NN-name.mjs with `export default { number, title, run }`; `run({ seconds, room, long })` does the work in a
// private folder, for about so many seconds where it hammers a server, and resolves to { passed, ...figures }. A test that lacks a
// program on this machine resolves to { passed: false, notRun: reason }: it does not count as passed. `--docs` writes the table of a
// whole run into docs/scorecard.md.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { renderRun } from './scorecard/lib-table.mjs';

const { values } = parseArgs({
  options: { only: { type: 'string' }, long: { type: 'boolean' }, json: { type: 'string' }, docs: { type: 'boolean' } },
});
/** How long the tests that hammer a server do so. */
const SECONDS = values.long ? 60 : 6;
const TOTAL = 25;
const KEPT = '<!-- run -->';

const folder = path.join(import.meta.dirname, 'scorecard');
const files = readdirSync(folder).filter((name) => /^\d\d-.*\.mjs$/.test(name));
const wanted = values.only?.split(',').map(Number);
const base = mkdtempSync(path.join(tmpdir(), 'scorecard-'));
const results = [];

for (const file of files) {
  const { default: test } = await import(path.join(folder, file));
  if (wanted !== undefined && !wanted.includes(test.number)) continue;
  const room = path.join(base, String(test.number));
  mkdirSync(room);
  const started = performance.now();
  let outcome;
  try {
    outcome = await test.run({ seconds: SECONDS, room, long: values.long === true });
  } catch (error) {
    outcome = { passed: false, error: error instanceof Error ? error.message : String(error) };
  }
  const { passed, ...figures } = outcome;
  const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
  const line = { number: test.number, title: test.title, passed, seconds, ...figures };
  results.push(line);
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

rmSync(base, { recursive: true, force: true });
const passed = results.filter((line) => line.passed).length;
const notRun = results.filter((line) => line.notRun !== undefined).length;
const missing = TOTAL - files.length;
process.stdout.write(
  `${JSON.stringify({ passed, ran: results.length - notRun, notRun, of: TOTAL, notWritten: missing })}\n`,
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
if (values.docs) {
  if (results.length < TOTAL) throw new Error('--docs wants all tests of one run');
  const page = path.join(import.meta.dirname, '..', 'docs', 'scorecard.md');
  const [before, , after] = readFileSync(page, 'utf8').split(KEPT);
  const table = renderRun(results, { long: values.long === true, total: TOTAL });
  writeFileSync(page, `${before}${KEPT}\n${table}\n${KEPT}${after}`);
}
if (passed < results.length) process.exitCode = 1;
