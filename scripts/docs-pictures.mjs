// Draws the pictures of docs/: the demo scan as published, and the same scan on an oblique grid. Run by hand after a
// change of the model or of the drawing: npm run build && npm run build:test && node scripts/docs-pictures.mjs
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeAccuracyCases, packDemoModel, runAccuracyCase, TISSUES } from '../.build/test/accuracy/accuracy-cases.js';
import { readNifti } from '../dist/core/imaging/nifti/read.js';
import { renderOverlay } from '../dist/core/imaging/overlay.js';
import { encodePng } from '../dist/core/imaging/png.js';
import { wrapNdArray } from '../dist/core/tensor/ndarray.js';

const PICTURES = new Map([
  ['Colin 27, as published', 'overlay.png'],
  ['Colin 27, oblique LAS 1×1×1.2 mm, int16 with scl_slope', 'overlay-oblique.png'],
]);
const docs = path.resolve(import.meta.dirname, '..', 'docs');
const folder = mkdtempSync(path.join(tmpdir(), 'eisen-pictures-'));
try {
  const archive = await packDemoModel(folder);
  for (const one of makeAccuracyCases()) {
    const file = PICTURES.get(one.name);
    if (file === undefined) continue;
    const { array } = readNifti({ bytes: one.file, name: one.name });
    const { labels, affine } = await runAccuracyCase(archive, one);
    const picture = renderOverlay({
      image: array,
      labels: wrapNdArray('uint8', array.shape, labels, 'F'),
      affine,
      names: new Map(TISSUES.map((name, n) => [n + 1, name.toUpperCase()])),
    });
    writeFileSync(path.join(docs, file), encodePng(picture));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
