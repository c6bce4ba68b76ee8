// An esbuild plugin for bundles that lie in another folder than the modules they were made from: `import.meta` keeps telling the
// place of the module, so that programs, threads and packages are found where the compiler put or npm sees them.
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A module or package whose `import.meta` the plugin does not reach ends the build: it would be empty in the bundle. */
export const EMPTY_IMPORT_META = { 'empty-import-meta': 'error' };

/** `folder` is where the bundle will lie. */
export const keepPlaces = (folder) => ({
  name: 'keep-places',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]dist[\\/].*\.js$/ }, ({ path: file }) => {
      const text = readFileSync(file, 'utf8');
      if (file.includes('node_modules') || !text.includes('import.meta.')) return undefined;
      const place = JSON.stringify(path.relative(folder, file).split(path.sep).join('/'));
      const found = `module.require("node:path").join(__dirname, ${place})`;
      const contents = text
        .replaceAll('import.meta.dirname', `module.require("node:path").dirname(${found})`)
        .replaceAll('import.meta.url', `module.require("node:url").pathToFileURL(${found}).href`);
      if (contents.includes('import.meta.'))
        throw new Error(`${file}: import.meta can tell dirname and url in a bundle only`);
      return { contents, loader: 'js' };
    });
  },
});
