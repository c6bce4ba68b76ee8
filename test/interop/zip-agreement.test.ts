import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packArchive } from '../../src/core/archive/pack-archive.js';
import { HOSTILE_ZIPS } from '../support/hostile-zips.js';
import { createScratchFolder } from '../support/scratch-folder.js';
import {
  isRefused,
  type Listing,
  listByJava,
  listByPython,
  listByUs,
  readByInfoZip,
  readByUs,
  sortListing,
} from './zip-readers.js';

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

/** A small generator of the same numbers on every machine. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

/** One change of a kind that breaks or bends archives: a bit, a byte, a field set to an extreme, bytes moved, cut or doubled. */
function mutate(honest: Buffer, random: (below: number) => number): Buffer {
  const bytes = Buffer.from(honest);
  const records = ['PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06'].flatMap((mark) => {
    const found: number[] = [];
    for (let at = bytes.indexOf(mark, 0, 'latin1'); at >= 0; at = bytes.indexOf(mark, at + 1, 'latin1')) found.push(at);
    return found;
  });
  const inRecord = records[random(records.length)]! + random(46);
  const at = random(4) === 0 ? random(bytes.length) : Math.min(inRecord, bytes.length - 4);
  switch (random(6)) {
    case 0:
      bytes[at]! ^= 1 << random(8);
      return bytes;
    case 1:
      bytes[at] = random(256);
      return bytes;
    case 2:
      bytes.writeUInt16LE([0, 1, 8, 0xffff, 0x0800][random(5)]!, Math.min(at, bytes.length - 2));
      return bytes;
    case 3:
      return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(1 + random(8)), bytes.subarray(at)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(8))]);
    default:
      return Buffer.concat([bytes, bytes.subarray(random(bytes.length))]);
  }
}

/** How many of the files we accept; what Java, Python or Info-ZIP see differently is put into `disagreements`. */
async function compare(files: readonly string[], disagreements: string[]): Promise<number> {
  const accepted: { file: string; listing: Listing }[] = [];
  for (const file of files) {
    const listing = await listByUs(file);
    if (!isRefused(listing)) accepted.push({ file, listing: sortListing(listing) });
  }
  const names = accepted.map(({ file }) => file);
  const [java, python] = [listByJava(names), listByPython(names)];
  for (const [index, { file, listing }] of accepted.entries()) {
    const report = (reader: string, seen: unknown): void => {
      disagreements.push(`${path.basename(file)}: ${reader}: ${JSON.stringify(seen).slice(0, 200)}`);
    };
    for (const [reader, seen] of [
      ['java', java[index]!],
      ['python', python[index]!],
    ] as const) {
      if (JSON.stringify(sortListing(seen)) !== JSON.stringify(listing)) report(reader, seen);
    }
    const infoZip = readByInfoZip(file);
    if (JSON.stringify(infoZip) !== JSON.stringify(await readByUs(file))) report('Info-ZIP', infoZip);
  }
  return accepted.length;
}

describe("Java's stream, Python's zipfile and Info-ZIP see what we see", () => {
  it('in the archives that we write', async () => {
    const big = [{ name: 'big.bin', content: [Buffer.alloc(200 * 1024 * 1024, 7)] }, ...ENTRIES];
    const files = [
      await pack('a.mar', 'default'),
      await pack('b.mar', 'zip-store'),
      await pack('c.mar', 'zip-store', big),
    ];
    const disagreements: string[] = [];
    expect(await compare(files, disagreements)).toBe(3);
    expect(disagreements).toEqual([]);
  }, 120_000);

  it('in every one of 2,000 mutated archives that we accept', async () => {
    const honest = [await pack('d.mar', 'default'), await pack('e.mar', 'zip-store')].map((file) => readFileSync(file));
    const random = createRandom(42);
    const files = Array.from({ length: 2000 }, (_, index) => {
      const file = path.join(folder, `mutant-${index}.mar`);
      writeFileSync(file, mutate(honest[index % 2]!, random));
      return file;
    });
    const disagreements: string[] = [];
    const accepted = await compare(files, disagreements);
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
