import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packArchive } from '../../src/core/archive/pack-archive.js';
import { HOSTILE_ZIPS } from '../support/hostile-zips.js';
import { createScratchFolder } from '../support/scratch-folder.js';
import { compareReaders } from './zip-comparison.js';
import { createRandom, mutateZip } from './zip-mutants.js';
import { listByJava, listByPython, sortListing } from './zip-readers.js';

const folder = createScratchFolder();
const ENTRIES = [
  { name: 'weights.bin', content: [Buffer.alloc(70_000, 'weights')] },
  { name: 'empty.txt', content: [] },
  { name: 'größe.txt', content: [Buffer.from('ümlaut')] },
  { name: 'lib/deep/[a](b)+c=d,e@f.txt', content: [Buffer.from('x'.repeat(5000))] },
];

async function pack(name: string, format: 'default' | 'zip-store', entries = ENTRIES): Promise<string> {
  const target = path.join(folder, name);
  await packArchive({ entries, manifest: '{"model":{}}', format, modelName: 'm', target, force: false });
  return target;
}

describe("Java's stream, Python's zipfile and Info-ZIP see what we see", () => {
  it('in the archives that we write', async () => {
    const big = [{ name: 'big.bin', content: [Buffer.alloc(200 * 1024 * 1024, 7)] }, ...ENTRIES];
    const files = [
      await pack('a.mar', 'default'),
      await pack('b.mar', 'zip-store'),
      await pack('c.mar', 'zip-store', big),
    ];
    expect(await compareReaders(files)).toEqual({ accepted: 3, disagreements: [] });
  }, 120_000);

  it('in every one of 2,000 mutated archives that we accept', async () => {
    const honest = [await pack('d.mar', 'default'), await pack('e.mar', 'zip-store')].map((file) => readFileSync(file));
    const random = createRandom(42);
    const files = Array.from({ length: 2000 }, (_, index) => {
      const file = path.join(folder, `mutant-${index}.mar`);
      writeFileSync(file, mutateZip(honest[index % 2]!, random));
      return file;
    });
    const { accepted, disagreements } = await compareReaders(files);
    expect(disagreements).toEqual([]);
    // Dates, versions and the like may change: an archive that nobody accepts any more would prove nothing.
    expect(accepted).toBeGreaterThan(20);
    expect(accepted).toBeLessThan(1000);
  }, 300_000);

  it('while at least one of them is misled by archives that we refuse', () => {
    const files = HOSTILE_ZIPS.filter(({ title }) => !/60,000|200 entries|thousandfold/.test(title)).map(
      ({ title, make }) => {
        const file = path.join(folder, `${title.replace(/\W/g, '-')}.mar`);
        writeFileSync(file, make());
        return file;
      },
    );
    const [java, python] = [listByJava(files), listByPython(files)];
    const differing = files.filter(
      (_, index) => JSON.stringify(sortListing(java[index]!)) !== JSON.stringify(sortListing(python[index]!)),
    );
    expect(differing.length).toBeGreaterThan(10);
  }, 120_000);
});
