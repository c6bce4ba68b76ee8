// Puts the worker program and everything it loads at once into one file, in its own place: a worker reads one file instead of
// two hundred, which is most of its start. Packages, the inference engine among them, stay where they are.
import path from 'node:path';
import { build } from 'esbuild';

const program = path.resolve(import.meta.dirname, '..', 'dist', 'core', 'serving', 'worker', 'worker-main.js');

await build({
  entryPoints: [program],
  outfile: program,
  allowOverwrite: true,
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.20',
  packages: 'external',
  logLevel: 'warning',
});
