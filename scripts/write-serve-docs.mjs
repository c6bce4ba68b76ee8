// Writes the table of configuration keys into docs/serve.md. Run `npm run docs` after a build.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CONFIG_KEYS } from '../dist/core/serving/config/config-keys.js';

const file = path.resolve(import.meta.dirname, '..', 'docs', 'serve.md');
const rows = [...CONFIG_KEYS.values()].map(
  ({ name, verdict, env, note }) => `| \`${name}\` | ${verdict} | ${env === null ? '' : `\`${env}\``} | ${note} |`,
);
const table = ['| key | verdict | variable | what it does |', '|---|---|---|---|', ...rows].join('\n');
const text = readFileSync(file, 'utf8').replace(
  /<!-- keys -->[\s\S]*<!-- \/keys -->/,
  () => `<!-- keys -->\n${table}\n<!-- /keys -->`,
);
writeFileSync(file, text);
