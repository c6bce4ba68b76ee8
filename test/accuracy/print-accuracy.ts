import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeAccuracyCases, packDemoModel, runAccuracyCase, TISSUES } from './accuracy-cases.js';

/** `npm run accuracy`: the table of the README, measured now. */
const folder = mkdtempSync(path.join(tmpdir(), 'eisen-accuracy-'));
try {
  const archive = await packDemoModel(folder);
  process.stdout.write(
    `| scan | compared with | ${TISSUES.join(' | ')} |\n|---|---|${TISSUES.map(() => '---|').join('')}\n`,
  );
  for (const one of makeAccuracyCases()) {
    const { name, against, dice } = await runAccuracyCase(archive, one);
    process.stdout.write(`| ${name} | ${against} | ${dice.map((value) => value.toFixed(3)).join(' | ')} |\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
