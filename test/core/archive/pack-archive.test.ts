import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openArchive } from '../../../src/core/archive/open-archive.js';
import { ARCHIVE_FORMATS, type ArchiveFormat, packArchive } from '../../../src/core/archive/pack-archive.js';
import type { PackEntry } from '../../../src/core/archive/pack-content.js';

const MANIFEST = JSON.stringify({ runtime: 'python', model: { modelName: 'brain', handler: 'h.py' } });
const TARGETS: Record<ArchiveFormat, string> = {
  default: 'brain.mar',
  'zip-store': 'brain.mar',
  tgz: 'brain.tar.gz',
  'no-archive': 'brain',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'eisen-pack-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function freshTarget(format: ArchiveFormat): string {
  return path.join(mkdtempSync(path.join(folder, 'store-')), TARGETS[format]);
}

const text = (value: string): Uint8Array => Buffer.from(value);

const weights = new Uint8Array(new Float32Array(300_000).map((_, index) => Math.sin(index)).buffer);

const ENTRIES: readonly PackEntry[] = [
  { name: 'model.onnx', content: [text('graph'), weights, text('tail')] },
  { name: 'metadata.json', content: [text('{"inputs":[],"outputs":[]}')] },
  { name: 'pkg/empty.txt', content: [] },
  { name: `deep/${'long-name-'.repeat(15)}.txt`, content: [text('long')] },
  { name: 'größe.txt', content: [text('ümlaut')] },
];

const contentOf = (entry: PackEntry): Buffer => Buffer.concat(entry.content as Uint8Array[]);

describe.each(ARCHIVE_FORMATS)('packArchive, format %s', (format) => {
  it('writes what openArchive reads back, byte for byte', async () => {
    const target = freshTarget(format);
    await packArchive({ entries: ENTRIES, manifest: MANIFEST, format, modelName: 'brain', target, force: false });
    const archive = await openArchive(target);
    for (const entry of ENTRIES) {
      expect(Buffer.from(await archive.readEntry(entry.name)).equals(contentOf(entry))).toBe(true);
    }
    expect(archive.entries.map((entry) => entry.name).sort()).toEqual(
      [...ENTRIES.map((entry) => entry.name), 'MAR-INF/INTEGRITY.json', 'MAR-INF/MANIFEST.json'].sort(),
    );
    expect(archive.manifest?.model).toEqual({ modelName: 'brain', handler: 'h.py' });
    await archive.close();
  });

  it('gives sizes and SHA-256 of what it wrote', async () => {
    const target = freshTarget(format);
    const packed = await packArchive({
      entries: ENTRIES,
      manifest: MANIFEST,
      format,
      modelName: 'brain',
      target,
      force: false,
    });
    const model = packed.entries.find((entry) => entry.name === 'model.onnx');
    expect(model).toMatchObject({
      bytes: weights.length + 9,
      sha256: createHash('sha256').update(contentOf(ENTRIES[0]!)).digest('hex'),
    });
  });

  it('leaves an existing archive alone unless force is given', async () => {
    const target = freshTarget(format);
    const options = { entries: ENTRIES, manifest: MANIFEST, format, modelName: 'brain', target };
    await packArchive({ ...options, force: false });
    await expect(packArchive({ ...options, entries: [], force: false })).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect((await openArchive(target)).entries).toHaveLength(ENTRIES.length + 2);
    await packArchive({ ...options, entries: ENTRIES.slice(0, 1), force: true });
    expect((await openArchive(target)).entries).toHaveLength(3);
    expect(readdirSync(path.dirname(target))).toEqual([TARGETS[format]]);
  });

  it('leaves nothing when an input cannot be read', async () => {
    const target = freshTarget(format);
    const missing = { name: 'a.bin', content: [{ path: path.join(folder, 'missing'), offset: 0, bytes: 10 }] };
    await expect(
      packArchive({
        entries: [...ENTRIES, missing],
        manifest: MANIFEST,
        format,
        modelName: 'brain',
        target,
        force: false,
      }),
    ).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    expect(readdirSync(path.dirname(target))).toEqual([]);
  });

  it('leaves nothing when it is cancelled in the middle', async () => {
    const target = freshTarget(format);
    const abort = new AbortController();
    const packing = packArchive({
      entries: ENTRIES,
      manifest: MANIFEST,
      format,
      modelName: 'brain',
      target,
      force: false,
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await expect(packing).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(readdirSync(path.dirname(target))).toEqual([]);
  });
});

describe('packArchive', () => {
  it('stores weights at a multiple of 4096 so that they can be mapped in place', async () => {
    const target = freshTarget('default');
    await packArchive({
      entries: ENTRIES,
      manifest: MANIFEST,
      format: 'default',
      modelName: 'brain',
      target,
      force: false,
    });
    const archive = await openArchive(target);
    const location = archive.locateEntry('model.onnx')!;
    expect(location.offset % 4096).toBe(0);
    const inPlace = readFileSync(target).subarray(location.offset, location.offset + location.bytes);
    expect(inPlace.equals(contentOf(ENTRIES[0]!))).toBe(true);
    expect(archive.locateEntry('metadata.json')).toBeNull();
  });

  it('copies ranges of files without reading the rest', async () => {
    const source = path.join(folder, 'source.bin');
    writeFileSync(source, 'abcdefghij');
    const target = freshTarget('default');
    const content = [{ path: source, offset: 2, bytes: 3 }, text('-'), { path: source, offset: 8, bytes: 2 }];
    await packArchive({
      entries: [{ name: 'x.txt', content }],
      manifest: MANIFEST,
      format: 'default',
      modelName: 'brain',
      target,
      force: false,
    });
    expect(Buffer.from(await (await openArchive(target)).readEntry('x.txt')).toString()).toBe('cde-ij');
  });

  it('refuses names that its own reader would refuse, before it writes', async () => {
    const target = freshTarget('default');
    await expect(
      packArchive({
        entries: [{ name: '../x', content: [] }],
        manifest: MANIFEST,
        format: 'default',
        modelName: 'b',
        target,
        force: false,
      }),
    ).rejects.toMatchObject({ code: 'MAR_NAME_TRAVERSAL' });
    expect(readdirSync(path.dirname(target))).toEqual([]);
  });

  it('names a target folder that does not exist', async () => {
    const target = path.join(folder, 'nowhere', 'brain.mar');
    await expect(
      packArchive({ entries: [], manifest: MANIFEST, format: 'default', modelName: 'brain', target, force: false }),
    ).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  });

  it('sweeps what killed runs have left, but nothing of a run that is alive or of another host', async () => {
    const target = freshTarget('default');
    const store = path.dirname(target);
    const host = (await import('node:os'))
      .hostname()
      .toLowerCase()
      .replace(/[^0-9a-z-]/g, '-');
    const orphan = `.brain.mar.eisen-${host}.4194305.0123456789ab.tmp`;
    const alive = `.brain.mar.eisen-${host}.${process.pid}.0123456789ab.tmp`;
    const foreign = '.brain.mar.eisen-elsewhere.4194305.0123456789ab.tmp';
    mkdirSync(path.join(store, orphan));
    for (const name of [alive, foreign, '.brain.mar.tmp']) writeFileSync(path.join(store, name), 'x');
    await packArchive({ entries: [], manifest: MANIFEST, format: 'default', modelName: 'brain', target, force: false });
    expect(readdirSync(store).sort()).toEqual(['.brain.mar.tmp', alive, foreign, 'brain.mar'].sort());
  });

  it('is cancelled in the middle of long content without an error that nobody hears of: that would end the program', async () => {
    const unheard: unknown[] = [];
    const listen = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', listen);
    try {
      for (const format of ARCHIVE_FORMATS) {
        const target = freshTarget(format);
        const controller = new AbortController();
        const content = [new Uint8Array(40_000_000)];
        const packing = packArchive({
          ...{ entries: [{ name: 'weights.bin', content }], manifest: MANIFEST, format, modelName: 'brain', target },
          ...{ force: false, signal: controller.signal, onProgress: () => controller.abort() },
        });
        await expect(packing).rejects.toMatchObject({ code: 'CANCELLED' });
        expect(readdirSync(path.dirname(target))).toEqual([]);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(unheard).toEqual([]);
    } finally {
      process.off('unhandledRejection', listen);
    }
  });
});
