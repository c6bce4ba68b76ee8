import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type ContentCache, openContentCache } from '../../../src/core/archive/content-cache.js';
import { openArchive } from '../../../src/core/archive/open-archive.js';
import { EisenError } from '../../../src/core/errors/error.js';
import { type ModelLoadPlan, planModelLoad } from '../../../src/core/model/load-plan.js';
import { SPLIT_BYTES } from '../../../src/core/onnx/external-data.js';
import { readOnnxGraph } from '../../../src/core/onnx/read-graph.js';
import { rawZip } from '../../support/raw-zip.js';
import { createScratchFolder } from '../../support/scratch-folder.js';
import { addModel, encodeTinyModel } from '../../support/tiny-onnx.js';

const folder = createScratchFolder();
const COUNT = SPLIT_BYTES / 4;
/** Numbers that deflate does not shrink two hundred times. */
const fill = (index: number): number => (index * 2_654_435_761) % 4096;
let model: Uint8Array;
beforeAll(() => {
  model = addModel(COUNT, fill);
});

let count = 0;
const room = (): string => {
  count += 1;
  const made = path.join(folder, String(count));
  mkdirSync(made);
  return made;
};

/** As another tool writes it: the whole model in one entry. */
function foreign(where: string, method: 0 | 8, bytes: Uint8Array = model): string {
  const file = path.join(where, 'm.mar');
  writeFileSync(file, rawZip({ entries: [{ name: 'net.onnx', data: Buffer.from(bytes), method }] }));
  return file;
}

/** Opens the cache at `where`, and counts what is asked of it. */
function counted(where: string): { open: () => Promise<ContentCache>; puts: () => number } {
  let puts = 0;
  return {
    puts: () => puts,
    open: async () => {
      const cache = await openContentCache({ folder: path.join(where, 'cache') });
      return {
        ...cache,
        put: (content) => {
          puts += 1;
          return cache.put(content);
        },
      };
    },
  };
}

async function plan(file: string, openCache?: () => Promise<ContentCache>): Promise<ModelLoadPlan> {
  const archive = await openArchive(file);
  try {
    return await planModelLoad(archive, openCache === undefined ? {} : { openCache });
  } finally {
    await archive.close();
  }
}

function weightAt(made: ModelLoadPlan, index: number): number {
  const [data] = readOnnxGraph(made.model).externalData;
  return readFileSync(path.join(made.weightsFolder!, data!.location)).readFloatLE(data!.offset + 4 * index);
}

describe('big weights inside the graph of another tool’s archive', () => {
  it.each([
    ['stored', 0],
    ['deflated', 8],
  ] as const)('go, %s, through the cache and are mapped from there', async (_, method) => {
    const where = room();
    const cache = counted(where);
    const made = await plan(foreign(where, method), cache.open);
    expect(made).toMatchObject({ entry: 'net.onnx', mapWeights: true, notes: [] });
    expect(made.model.length).toBeLessThan(1000);
    expect(weightAt(made, COUNT - 1)).toBe(fill(COUNT - 1));
    expect(made.isCurrent()).toBe(true);
  });

  it('are read once: the second load, in any process, finds them', async () => {
    const where = room();
    const cache = counted(where);
    const file = foreign(where, 8);
    const first = await plan(file, cache.open);
    for (let load = 0; load < 3; load += 1) {
      const again = await plan(file, cache.open);
      expect(Buffer.from(again.model).equals(Buffer.from(first.model))).toBe(true);
    }
    expect(cache.puts()).toBe(1);
  });

  it('are one file for two workers that start at once, read by one of them, and share its pages', async () => {
    const where = room();
    const cache = counted(where);
    const file = foreign(where, 0);
    const plans = await Promise.all([plan(file, cache.open), plan(file, cache.open)]);
    const files = plans.map((made) =>
      path.join(made.weightsFolder!, readOnnxGraph(made.model).externalData[0]!.location),
    );
    expect(statSync(files[0]!).ino).toBe(statSync(files[1]!).ino);
    // The second waits for the receipt of the first instead of passing over the model, too.
    expect(cache.puts()).toBe(1);
    expect(readdirSync(path.join(where, 'cache')).filter((name) => !name.endsWith('.receipt'))).toHaveLength(1);
  });

  it('are looked for again when the archive is another file, and kept once for equal content', async () => {
    const where = room();
    const cache = counted(where);
    const one = await plan(foreign(where, 0), cache.open);
    const other = await plan(foreign(where, 8), cache.open);
    expect(cache.puts()).toBe(2);
    expect(Buffer.from(other.model).equals(Buffer.from(one.model))).toBe(true);
  });

  it.each([
    [
      'somebody wrote into the cached file',
      (file: string) => {
        chmodSync(file, 0o600);
        writeFileSync(file, Buffer.alloc(SPLIT_BYTES, 1));
        utimesSync(file, new Date(), new Date(Date.now() + 5000));
      },
    ],
    [
      'the cached file was cut off',
      (file: string) => {
        chmodSync(file, 0o600);
        writeFileSync(file, 'x');
      },
    ],
  ])('are made anew when %s', async (_, damage) => {
    const where = room();
    const cache = counted(where);
    const file = foreign(where, 0);
    const first = await plan(file, cache.open);
    damage(path.join(first.weightsFolder!, readOnnxGraph(first.model).externalData[0]!.location));
    expect(weightAt(await plan(file, cache.open), 12_345)).toBe(fill(12_345));
    expect(cache.puts()).toBe(2);
  });

  it('are not believed from a receipt that is damaged', async () => {
    const where = room();
    const cache = counted(where);
    const file = foreign(where, 0);
    await plan(file, cache.open);
    const [receipt] = readdirSync(path.join(where, 'cache')).filter((name) => name.endsWith('.receipt'));
    chmodSync(path.join(where, 'cache', receipt!), 0o600);
    writeFileSync(path.join(where, 'cache', receipt!), '{"format":"eisen-receipt/1","file":"../../x","stamp":"1"}\nx');
    expect(weightAt(await plan(file, cache.open), 7)).toBe(fill(7));
    expect(cache.puts()).toBe(2);
  });

  it.each([
    ['below 16 MiB', () => addModel(COUNT / 2, fill)],
    [
      'that are not raw bytes',
      () =>
        encodeTinyModel({
          inputs: [{ name: 'image', shape: ['b', COUNT] }],
          outputs: [{ name: 'prediction', shape: ['b', COUNT] }],
          nodes: [{ op: 'Add', inputs: ['image', 'w'], outputs: ['prediction'] }],
          initializers: [{ name: 'w', dims: [COUNT], floats: Array.from({ length: COUNT }, (_, n) => fill(n)) }],
        }),
    ],
  ])('%s stay in the graph', async (_, make) => {
    const where = room();
    const bytes = make();
    const made = await plan(foreign(where, 0, bytes), counted(where).open);
    expect(made.weightsFolder).toBeUndefined();
    expect(Buffer.from(made.model).equals(Buffer.from(bytes))).toBe(true);
  });

  it('stay in the graph, with a line for the log, when the cache cannot take them', async () => {
    const where = room();
    const refuse = async (): Promise<ContentCache> => {
      throw new EisenError('NOT_WRITABLE', '/nowhere: cannot be written (EROFS).');
    };
    const made = await plan(foreign(where, 0), refuse);
    expect(made.weightsFolder).toBeUndefined();
    expect(made.notes).toEqual([expect.stringContaining('/nowhere: cannot be written (EROFS).')]);
  });

  it('are checked before they are kept: a wrong CRC-32 leaves nothing', async () => {
    const where = room();
    const file = path.join(where, 'm.mar');
    writeFileSync(file, rawZip({ entries: [{ name: 'net.onnx', data: Buffer.from(model), method: 0, crc: 1 }] }));
    await expect(plan(file, counted(where).open)).rejects.toMatchObject({ code: 'MAR_CRC' });
    expect(readdirSync(path.join(where, 'cache'))).toEqual([]);
  });
});
