// Puts the worker program and everything it loads at once into one file beside it, worker-main.cjs: a worker reads one file
// instead of two hundred, which is most of its start. The binding of the inference engine is part of it; its native library and
// the packages of rare formats stay where they are.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { EMPTY_IMPORT_META, keepPlaces } from './keep-places.mjs';

const program = path.resolve(import.meta.dirname, '..', 'dist', 'core', 'serving', 'worker', 'worker-main.js');

const findNativeLibrary = {
  // The binding looks for its library beside itself; in the bundle it has to ask where the package lies.
  name: 'find-native-library',
  setup({ onLoad }) {
    onLoad({ filter: /onnxruntime-node[\\/]dist[\\/]binding\.js$/ }, ({ path: file }) => {
      const text = readFileSync(file, 'utf8');
      const found = text.replace('require(`../bin/', 'require(`onnxruntime-node/bin/');
      if (found === text) throw new Error(`${file}: the line that loads the native library is not where it was`);
      return { contents: found, loader: 'js' };
    });
  },
};

await build({
  entryPoints: [program],
  outfile: program.replace(/\.js$/, '.cjs'),
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.20',
  external: ['sharp'],
  logLevel: 'warning',
  logOverride: EMPTY_IMPORT_META,
  plugins: [findNativeLibrary, keepPlaces(path.dirname(program))],
});
