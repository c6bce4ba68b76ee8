// Bundles what every start of the command line loads (src/cli.ts, src/cli/, commander) into dist/start.cjs, and what a server
// loads beyond that into dist/serve.cjs: one file instead of ten, or of two hundred, is most of the time to --help and half of a
// server's start. Whatever else a command imports when it runs stays where the compiler put it.
import path from 'node:path';
import { build } from 'esbuild';
import { EMPTY_IMPORT_META, keepPlaces } from './keep-places.mjs';

const dist = path.resolve(import.meta.dirname, '..', 'dist');

/** Modules that start.cjs imports when `serve` runs, and that serve.cjs exports together. */
const SERVE_MODULES = ['commands/serve/serve.js', 'cli/signals.js'];

const inDist = (file) => path.relative(dist, file).split(path.sep).join('/');

const leaveOutChildProcess = {
  // commander loads child_process for subcommands that are programs of their own; we have none, and it costs milliseconds.
  name: 'leave-out-child-process',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?child_process$/ }, () => ({ path: 'none', namespace: 'left-out' }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const leaveLazyImports = {
  name: 'leave-lazy-imports',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/serve\.cjs$/ }, ({ path: name }) => ({ path: name, external: true }));
    onResolve({ filter: /^\.\.?\// }, ({ kind, path: name, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const target = inDist(path.resolve(resolveDir, name));
      if (SERVE_MODULES.includes(target)) return { path: 'serve', namespace: 'serve-bundle' };
      return { path: `./${target}`, external: true };
    });
    onLoad({ filter: /.*/, namespace: 'serve-bundle' }, () => ({
      contents: 'module.exports = require("./serve.cjs");',
    }));
  },
};

const COMMON = {
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true,
  minifyIdentifiers: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.20',
  logLevel: 'warning',
  logOverride: EMPTY_IMPORT_META,
};

await build({
  ...COMMON,
  stdin: {
    contents: "export { main } from './cli.js'; export { mainAsTorchserve } from './cli/torchserve.js';",
    resolveDir: dist,
  },
  outfile: path.join(dist, 'start.cjs'),
  plugins: [leaveOutChildProcess, leaveLazyImports],
});
await build({
  ...COMMON,
  stdin: {
    contents: SERVE_MODULES.map((file) => `export * from './${file}';`).join('\n'),
    resolveDir: dist,
  },
  outfile: path.join(dist, 'serve.cjs'),
  // Names in a stack trace are worth more than the bytes that they take.
  minifyIdentifiers: false,
  plugins: [keepPlaces(dist)],
});
