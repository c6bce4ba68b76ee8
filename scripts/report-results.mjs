// Adds up what the test runs wrote (scripts/jest-results.mjs) and says it in one plain line; the argument is the number of
// other steps that failed.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '..', '.build', 'results');
const stepsFailed = Number(process.argv[2] ?? 0);
let files = [];
try {
  files = readdirSync(folder).filter((name) => name.endsWith('.json'));
} catch {
  process.stdout.write('no test run has left its results\n');
}

let [passed, failed, skipped] = [0, 0, 0];
for (const name of files.sort()) {
  const counts = JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
  process.stdout.write(
    `${name.replace('.json', '')}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped in ${counts.files} files\n`,
  );
  passed += counts.passed;
  failed += counts.failed;
  skipped += counts.skipped;
}
// A failed test fails its step too: what counts beside the tests is a step that fails without one.
const others = Math.max(
  0,
  stepsFailed - files.filter((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')).failed > 0).length,
);
if (others > 0) process.stdout.write(`${others} other step(s) failed\n`);
if (skipped > 0) process.stdout.write(`${skipped} skipped\n`);
failed += others + (files.length === 0 ? 1 : 0);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
