// Writes the table of codes in docs/archives.md from the source. Run `npm run docs` after a build.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ARCHIVE_CODES } from '../dist/core/errors/codes/archive.js';

const file = path.resolve(import.meta.dirname, '..', 'docs', 'archives.md');
const head = '| code | the archive is refused because |\n|---|---|\n';
const rows = Object.entries(ARCHIVE_CODES).map(([code, { means }]) => `| \`${code}\` | ${means} |`);
const text = readFileSync(file, 'utf8');
writeFileSync(file, `${text.slice(0, text.indexOf(head))}${head}${rows.join('\n')}\n`);
