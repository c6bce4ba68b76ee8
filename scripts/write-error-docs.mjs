// Writes docs/errors.md from the table of error codes. Run `npm run docs` after a build.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ERROR_TABLE } from '../dist/core/errors/table.js';

const root = path.resolve(import.meta.dirname, '..');
const rows = Object.entries(ERROR_TABLE)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([code, { http, exit, means }]) => `| \`${code}\` | ${http} | ${exit} | ${means} |`);

writeFileSync(
  path.join(root, 'docs', 'errors.md'),
  `# Error codes

Every failure has one stable code. Match the code, not the sentence: sentences get better over time.

- On the command line it stands in square brackets behind the message, and the exit code follows from it.
- With \`--json\` a failure is one object on stdout, \`{"error": {"code", "message", "where", "expected", "found", "hint", "exitCode"}}\`: code, message and
  exitCode always, the others where they are known. The words for people stay on stderr.
- Over HTTP it is \`detail.code\` of the JSON body; \`code\`, \`type\` and \`message\` beside it are TorchServe's.
- In the library it is \`error.code\` of an \`EisenError\`; \`error.details\` says where, what was expected and found, what to do.

Exit codes: 0 all done · 1 a fault of the program · 2 wrong usage · 3 bad input · 4 bad package · 5 server unreachable or refused ·
75 try again later. \`serve\` alone keeps 0 and 1 of TorchServe: [its page](serve.md) says where.

This list is made from the table in the source by \`npm run docs\`; a test holds it against the table.

| code | HTTP | exit | it means that |
|---|---|---|---|
${rows.join('\n')}
`,
);
