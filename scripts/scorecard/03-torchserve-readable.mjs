import { statSync } from 'node:fs';
import path from 'node:path';
import { listByJava, listByUs, sortListing } from '../../.build/test/interop/zip-readers.js';
import { writeModelArchive } from '../../.build/test/support/model-archive.js';
import { packArchive } from '../../dist/core/archive/pack-archive.js';
import { notRun } from './lib-tools.mjs';

const MiB = 1024 * 1024;

export default {
  number: 3,
  title: "archives that we write are read to the last byte by Java's stream reader, the one of TorchServe",
  async run({ room }) {
    const missing = notRun('java');
    if (missing !== null) return missing;
    const piece = Buffer.alloc(64 * MiB, 'weights');
    const small = [
      { name: 'deflated.txt', content: [Buffer.alloc(70_000, 'text ')] },
      { name: 'empty.txt', content: [] },
      { name: 'größe/模型.txt', content: [Buffer.from('ü')] },
      ...Array.from({ length: 300 }, (_, n) => ({ name: `many/${n}.bin`, content: [Buffer.alloc(n, n)] })),
    ];
    const gigabyte = [{ name: 'weights.bin', content: Array.from({ length: 16 }, () => piece) }, ...small];
    const pack = async (name, format, entries) => {
      const target = path.join(room, name);
      await packArchive({ entries, manifest: '{"model":{}}', format, modelName: 'm', target, force: false });
      return target;
    };
    const files = [
      await writeModelArchive({ folder: room }),
      await pack('small.mar', 'default', small),
      await pack('stored.mar', 'zip-store', small),
      await pack('gigabyte.mar', 'default', gigabyte),
    ];
    const [ours, theirs] = [await Promise.all(files.map(listByUs)), listByJava(files)];
    const wrong = files.filter(
      (_, n) => JSON.stringify(sortListing(ours[n])) !== JSON.stringify(sortListing(theirs[n])),
    );
    const largestMiB = Math.round(Math.max(...files.map((file) => statSync(file).size)) / MiB);
    const entries = ours.reduce((sum, listing) => sum + listing.length, 0);
    return { passed: wrong.length === 0 && entries > 900, archives: files.length, entries, largestMiB, wrong };
  },
};
