// Writes docs/golden.md: how many golden cases every transform has, counted in the committed files. Part of npm run docs.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

const root = path.join(import.meta.dirname, '..');
const golden = path.join(root, 'fixtures', 'golden');

function readCases(file) {
  const bytes = gunzipSync(readFileSync(file));
  return JSON.parse(bytes.toString('utf8', 4, 4 + bytes.readUInt32LE(0)));
}

const files = readdirSync(golden, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.golden.gz'))
  .sort()
  .map((name) => ({ name: name.split(path.sep).join('/'), cases: readCases(path.join(golden, name)) }));

const counts = new Map();
for (const { cases } of files) {
  for (const { steps } of cases) {
    const used = new Set((steps ?? []).map(({ type }) => type.split('.').at(-1)));
    for (const type of used) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
}

const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
const total = files.reduce((sum, { cases }) => sum + cases.length, 0);

writeFileSync(
  path.join(root, 'docs', 'golden.md'),
  `# Golden cases

What the Python originals give is committed as arrays under fixtures/golden, ${total} cases in all. \`npm test\` replays every one;
\`npm run golden:check\` makes them again with the pinned originals (the READMEs there name the versions) and says whether anything
changed. This page is counted from the files by \`npm run docs\`.

## By transform

A case that runs several transforms counts for each of them.

${table(
  ['transform', 'cases'],
  [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([type, count]) => [type, count]),
)}

## By file

${table(
  ['file', 'cases'],
  files.map(({ name, cases }) => [name, cases.length]),
)}
`,
);
