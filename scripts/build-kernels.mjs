// Compiles the files of assembly/ to WebAssembly and writes them as base64 into the source tree, so that neither installing
// nor building the package needs a compiler. `npm run build:kernels -- --check` only says whether they agree.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { main } from 'assemblyscript/asc';

const root = path.resolve(import.meta.dirname, '..');
const NAMES = ['volume', 'resample'];
const OPTIONS = ['--enable', 'simd', '--enable', 'bulk-memory', '--runtime', 'stub', '--noAssert', '-O3'];

export async function renderModule(source) {
  let binary;
  const file = `${source}.ts`;
  const result = await main([file, '--outFile', 'module.wasm', ...OPTIONS], {
    readFile: (name) => {
      const at = path.join(root, 'assembly', name);
      return existsSync(at) ? readFileSync(at, 'utf8') : null;
    },
    writeFile: (name, data) => {
      if (name.endsWith('.wasm')) binary = data;
    },
    listFiles: () => [],
  });
  if (result.error) throw new Error(`${result.error.message}\n${result.stderr.toString()}`);
  const lines = Buffer.from(binary)
    .toString('base64')
    .match(/.{1,100}/g);
  const constant = `${source.toUpperCase()}_MODULE`;
  return `// Made by \`npm run build:kernels\` from assembly/${file}; do not edit.\nexport const ${constant} =\n  '${lines.join("' +\n  '")}';\n`;
}

if (process.argv[1] === import.meta.filename) {
  for (const name of NAMES) {
    const text = await renderModule(name);
    const target = path.join(root, `src/core/imaging/kernels/${name}-module.ts`);
    const same = text === readFileSync(target, { encoding: 'utf8', flag: 'a+' });
    process.stdout.write(`kernels: ${name}, ${text.length} characters, ${same ? 'unchanged' : 'CHANGED'}\n`);
    if (!process.argv.includes('--check')) writeFileSync(target, text);
    else if (!same) process.exitCode = 1;
  }
}
