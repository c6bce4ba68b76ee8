// Compiles assembly/volume.ts to WebAssembly and writes it as base64 into the source tree, so that neither installing nor
// building the package needs a compiler. `npm run build:kernels -- --check` only says whether the two agree.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { main } from 'assemblyscript/asc';

const root = path.resolve(import.meta.dirname, '..');
const target = path.join(root, 'src/core/imaging/kernels/volume-module.ts');
const OPTIONS = ['--enable', 'simd', '--runtime', 'stub', '--noAssert', '-O3'];

export async function renderModule() {
  let binary;
  const result = await main(['volume.ts', '--outFile', 'volume.wasm', ...OPTIONS], {
    readFile: (name) => (name === 'volume.ts' ? readFileSync(path.join(root, 'assembly/volume.ts'), 'utf8') : null),
    writeFile: (name, data) => {
      if (name.endsWith('.wasm')) binary = data;
    },
    listFiles: () => [],
  });
  if (result.error) throw new Error(`${result.error.message}\n${result.stderr.toString()}`);
  const lines = Buffer.from(binary)
    .toString('base64')
    .match(/.{1,100}/g);
  return `// Made by \`npm run build:kernels\` from assembly/volume.ts; do not edit.\nexport const VOLUME_MODULE =\n  '${lines.join("' +\n  '")}';\n`;
}

if (process.argv[1] === import.meta.filename) {
  const text = await renderModule();
  const same = text === readFileSync(target, { encoding: 'utf8', flag: 'a+' });
  process.stdout.write(`kernels: ${text.length} characters, ${same ? 'unchanged' : 'CHANGED'}\n`);
  if (process.argv.includes('--check')) process.exitCode = same ? 0 : 1;
  else writeFileSync(target, text);
}
