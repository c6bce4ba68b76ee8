import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  checkIntegrity,
  INTEGRITY_NAME,
  parseIntegrity,
  renderIntegrity,
} from '../../../src/core/archive/integrity.js';
import { openArchive } from '../../../src/core/archive/open-archive.js';
import { packArchive } from '../../../src/core/archive/pack-archive.js';
import { checkArchive } from '../../../src/core/packaging/check-archive.js';
import { codeOf, codeOfAsync } from '../../support/codes.js';
import { rawZip } from '../../support/raw-zip.js';
import { createScratchFolder } from '../../support/scratch-folder.js';
import { identityModel } from '../../support/tiny-onnx.js';

const folder = createScratchFolder();
const HASH = 'a'.repeat(64);

async function pack(name: string): Promise<string> {
  const target = path.join(folder, name);
  const weights = Buffer.alloc(100_000, 'weights');
  const entries = [
    { name: 'w.bin', content: [weights] },
    { name: 'a.txt', content: [Buffer.from('text')] },
  ];
  await packArchive({ entries, manifest: '{"model":{}}', format: 'default', modelName: 'm', target, force: true });
  return target;
}

describe('the integrity list', () => {
  it('has one form whatever the order of its rows', () => {
    const rows = [
      { name: 'b', bytes: 1, sha256: HASH },
      { name: 'a', bytes: 2, sha256: HASH },
    ];
    expect(renderIntegrity(rows)).toBe(renderIntegrity([...rows].reverse()));
    expect(parseIntegrity(Buffer.from(renderIntegrity(rows)), 'x').map((row) => row.name)).toEqual(['a', 'b']);
  });

  it.each([
    ['no JSON', 'hello'],
    ['another form', '{"format":"other","entries":[]}'],
    ['rows without a hash', '{"format":"eisen-integrity/1","entries":[{"name":"a","bytes":1}]}'],
    ['a row that is no object', '{"format":"eisen-integrity/1","entries":[7]}'],
    ['a duplicate key', '{"format":"eisen-integrity/1","format":"x","entries":[]}'],
  ])('refuses %s', (_title, text) => {
    expect(codeOf(() => parseIntegrity(Buffer.from(text), 'x'))).toBe('MAR_INTEGRITY');
  });

  it('refuses an archive with an entry too many, one missing, one changed or one listed twice', async () => {
    const archive = await openArchive(await pack('list.mar'));
    const rows = parseIntegrity(await archive.readEntry(INTEGRITY_NAME), 'x');
    await checkIntegrity(archive, rows, 'x');
    for (const wrong of [
      rows.slice(1),
      [...rows, { name: 'z', bytes: 1, sha256: HASH }],
      rows.map((row) => ({ ...row, sha256: HASH })),
      rows.map((row) => ({ ...row, bytes: row.bytes + 1 })),
      [...rows, rows[0]!],
    ]) {
      expect(await codeOfAsync(checkIntegrity(archive, wrong, 'x'))).toBe('MAR_INTEGRITY');
    }
  });

  it('lets no flipped bit of an archive pass', async () => {
    const bytes = readFileSync(await pack('flip.mar'));
    const target = path.join(folder, 'flipped.mar');
    let seed = 7;
    for (let round = 0; round < 150; round += 1) {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      const flipped = Buffer.from(bytes);
      flipped[seed % bytes.length]! ^= 1 << (round % 8);
      writeFileSync(target, flipped);
      const outcome = await checkArchive(target).then(
        () => `byte ${seed % bytes.length} bit ${round % 8} passed`,
        () => 'refused',
      );
      // Times, versions and paddings mean nothing: a flip there may pass when every entry still has its bytes.
      if (outcome !== 'refused') expect(await isHarmless(target, bytes)).toBe(true);
    }
  });
});

async function isHarmless(file: string, honest: Buffer): Promise<boolean> {
  writeFileSync(path.join(folder, 'honest.mar'), honest);
  const [a, b] = [await openArchive(file), await openArchive(path.join(folder, 'honest.mar'))];
  if (a.entries.length !== b.entries.length) return false;
  for (const { name } of b.entries) {
    if (!Buffer.from(await a.readEntry(name)).equals(Buffer.from(await b.readEntry(name)))) return false;
  }
  return true;
}

describe('checkArchive', () => {
  it.each<[string, object]>([
    ['a model that is not there', { serializedFile: 'm.pt' }],
    ['a handler that is not there', { handler: 'h.py' }],
    ['requirements that are not there', { requirementsFile: 'r.txt' }],
  ])('refuses a manifest that names %s', async (title, model) => {
    const file = path.join(folder, `${title.replace(/\W/g, '-')}.mar`);
    writeFileSync(file, rawZip({ entries: [{ name: 'MAR-INF/MANIFEST.json', data: JSON.stringify({ model }) }] }));
    expect(await codeOfAsync(checkArchive(file))).toBe('MAR_MANIFEST_PATH');
  });

  it('refuses an archive whose chains are Python pickles, and leaves them shut', async () => {
    const file = path.join(folder, 'pickled.mar');
    const entries = [
      { name: 'model.onnx', data: Buffer.from(identityModel()) },
      { name: 'pre_process_tform.pkl', data: "cos\nsystem\n(S'touch /tmp/evil'\ntR." },
    ];
    writeFileSync(file, rawZip({ entries }));
    expect(await codeOfAsync(checkArchive(file))).toBe('MAR_LEGACY_PICKLE');
  });

  it('says what is missing from an archive that is whole all the same', async () => {
    const file = path.join(folder, 'bare.mar');
    writeFileSync(
      file,
      rawZip({
        entries: [
          { name: 'model.pt', data: 'weights' },
          { name: 'c.pkl', data: 'pickle' },
        ],
      }),
    );
    const report = await checkArchive(file);
    expect(report).toMatchObject({ isSealed: false, isOnnx: false, manifest: null });
    expect(report.warnings).toHaveLength(3);
    expect(report.entries.map((entry) => entry.kind)).toEqual(['weights', 'Python pickle (never opened)']);
  });
});
