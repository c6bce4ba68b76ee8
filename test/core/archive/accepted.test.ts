import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { Archive } from '../../../src/core/archive/archive.js';
import { openArchive } from '../../../src/core/archive/open-archive.js';
import { codeOfAsync } from '../../support/codes.js';
import { paxMember, rawTgz } from '../../support/raw-tar.js';
import { block, dataDescriptor, rawZip, unicodePath, wide, zip64Records } from '../../support/raw-zip.js';
import { createScratchFolder } from '../../support/scratch-folder.js';

const folder = createScratchFolder();
let count = 0;

async function open(bytes: Buffer): Promise<Archive> {
  count += 1;
  const file = path.join(folder, `${count}.mar`);
  writeFileSync(file, bytes);
  return openArchive(file, { verify: true });
}

const read = async (archive: Archive, name: string): Promise<string> =>
  Buffer.from(await archive.readEntry(name)).toString();
const OLD_MANIFEST =
  '{"modelServerVersion":"1.0","implementationVersion":"1.0","specificationVersion":"1.0","runtime":"python","model":{"modelName":"old","handler":"handlers.py","modelVersion":"1"}}';
const CRC = crc32(Buffer.from('data'));
const PACKED = deflateRawSync('data').length;
const STREAMED = { name: 'a.txt', data: 'data', flags: 8, local: { flags: 8, crc: 0, stored: 0, bytes: 0 } };
const WIDE_DESCRIPTOR = Buffer.concat([
  Buffer.from('PK\x07\x08', 'latin1'),
  Buffer.from(Uint32Array.of(CRC).buffer),
  wide(PACKED, 4),
]);

describe('zip archives of honest writers are accepted:', () => {
  it.each<[string, Buffer]>([
    ['stored', rawZip({ entries: [{ name: 'a.txt', data: 'data', method: 0 }] })],
    ['deflated', rawZip({ entries: [{ name: 'a.txt', data: 'data' }] })],
    [
      "Java's stream, sizes after the data",
      rawZip({ entries: [{ ...STREAMED, descriptor: dataDescriptor(CRC, PACKED, 4) }] }),
    ],
    [
      'sizes after the data without their mark',
      rawZip({ entries: [{ ...STREAMED, descriptor: dataDescriptor(CRC, PACKED, 4, false) }] }),
    ],
    [
      "Python's stream, 64-bit sizes in the local header only",
      rawZip({
        entries: [
          {
            ...STREAMED,
            local: { flags: 8, crc: 0, stored: 0xffffffff, bytes: 0xffffffff, extra: block(1, wide(0, 0)) },
            descriptor: WIDE_DESCRIPTOR,
          },
        ],
      }),
    ],
    ['64-bit end records', rawZip({ entries: [{ name: 'a.txt', data: 'data' }], zip64: zip64Records() })],
    [
      '64-bit end records behind a narrow one that gives way',
      rawZip({
        entries: [{ name: 'a.txt', data: 'data' }],
        zip64: zip64Records(),
        end: { entries: 0xffff, directoryBytes: 0xffffffff, directoryOffset: 0xffffffff },
      }),
    ],
    [
      '64-bit sizes in both places',
      rawZip({
        entries: [
          { name: 'a.txt', data: 'data', stored: 0xffffffff, bytes: 0xffffffff, extra: block(1, wide(4, PACKED)) },
        ],
      }),
    ],
    ['a short comment', rawZip({ entries: [{ name: 'a.txt', data: 'data' }], comment: Buffer.from('made by hand') })],
    [
      'folder entries',
      rawZip({
        entries: [
          { name: 'd/', method: 0, central: { mode: 0o040755 } },
          { name: 'a.txt', data: 'data' },
        ],
      }),
    ],
    [
      'folder entries that were deflated',
      rawZip({
        entries: [
          { name: 'd/', central: { mode: 0o040755 } },
          { name: 'a.txt', data: 'data' },
        ],
      }),
    ],
    ['no modes at all', rawZip({ entries: [{ name: 'a.txt', data: 'data', central: { mode: 0, madeBy: 20 } }] })],
    [
      'a Unicode path field that agrees',
      rawZip({ entries: [{ name: 'a.txt', data: 'data', extra: unicodePath('a.txt') }] }),
    ],
    [
      'time stamps in extra fields',
      rawZip({
        entries: [
          {
            name: 'a.txt',
            data: 'data',
            local: { extra: block(0x5455, Buffer.alloc(13)) },
            central: { extra: block(0x5455, Buffer.alloc(5)) },
          },
        ],
      }),
    ],
    [
      'a directory in another order than the data',
      rawZip({ entries: [{ name: 'a.txt', data: 'data' }, { name: 'b.txt' }] }),
    ],
  ])('%s', async (_title, bytes) => {
    const archive = await open(bytes);
    expect(await read(archive, 'a.txt')).toBe('data');
    expect(archive.manifest).toBeNull();
    await archive.close();
  });

  it('an old manifest, without createdOn', async () => {
    const archive = await open(rawZip({ entries: [{ name: 'MAR-INF/MANIFEST.json', data: OLD_MANIFEST }] }));
    expect(archive.manifest).toEqual({
      runtime: 'python',
      model: { modelName: 'old', handler: 'handlers.py', modelVersion: '1' },
    });
  });

  it('an empty zip', async () => {
    expect((await open(rawZip({ entries: [] }))).entries).toEqual([]);
  });
});

describe('tar archives of honest writers are accepted:', () => {
  const LONG = `m/${'long'.repeat(40)}.txt`;
  it.each<[string, Buffer, string]>([
    [
      'under one folder',
      rawTgz([
        { name: 'm/', type: '5' },
        { name: 'm/a.txt', data: 'data' },
      ]),
      'a.txt',
    ],
    [
      "made by 'tar -C folder .'",
      rawTgz([
        { name: './', type: '5' },
        { name: './a.txt', data: 'data' },
      ]),
      'a.txt',
    ],
    [
      'flat, with a manifest',
      rawTgz([
        { name: 'a.txt', data: 'data' },
        { name: 'MAR-INF/MANIFEST.json', data: OLD_MANIFEST },
      ]),
      'a.txt',
    ],
    [
      'GNU long names',
      rawTgz([
        { type: 'L', name: '././@LongLink', data: `${LONG}\0`, magic: 'ustar  ' },
        { name: LONG.slice(0, 100), data: 'data', magic: 'ustar  ' },
      ]),
      LONG.slice(2),
    ],
    ['pax names', rawTgz([paxMember({ path: LONG, mtime: '1.5' }), { name: 'm/x', data: 'data' }]), LONG.slice(2)],
    ['a name split over the prefix', rawTgz([{ prefix: 'm/deep', name: 'a.txt', data: 'data' }]), 'deep/a.txt'],
    [
      'a remark for all entries',
      rawTgz([paxMember({ comment: 'abc' }, 'g'), { name: 'm/a.txt', data: 'data' }]),
      'a.txt',
    ],
    ['the oldest form', rawTgz([{ name: 'm/a.txt', data: 'data', magic: '', type: '\0' }]), 'a.txt'],
    ['an end padded to a record', rawTgz([{ name: 'm/a.txt', data: 'data' }], Buffer.alloc(10_240)), 'a.txt'],
  ])('%s', async (_title, bytes, name) => {
    const archive = await open(bytes);
    expect(archive.format).toBe('tgz');
    expect(await read(archive, name)).toBe('data');
  });
});

describe('model folders', () => {
  const make = (name: string): string => {
    const root = path.join(folder, name);
    mkdirSync(path.join(root, 'lib'), { recursive: true });
    writeFileSync(path.join(root, 'a.txt'), 'data');
    writeFileSync(path.join(root, 'lib', 'b.txt'), 'more');
    return root;
  };

  it('are archives like the others', async () => {
    const archive = await openArchive(make('plain'));
    expect(archive).toMatchObject({ format: 'folder' });
    expect(archive.entries.map((entry) => entry.name)).toEqual(['a.txt', 'lib/b.txt']);
    expect(await read(archive, 'lib/b.txt')).toBe('more');
  });

  it('may lie in one more folder', async () => {
    make('outer/inner');
    expect((await openArchive(path.join(folder, 'outer'))).entries.map((entry) => entry.name)).toEqual([
      'a.txt',
      'lib/b.txt',
    ]);
  });

  it.each<[string, string, (root: string) => void]>([
    ['a symbolic link', 'MAR_LINK', (root) => symlinkSync('/etc/passwd', path.join(root, 'x'))],
    ['a symbolic link to a folder', 'MAR_LINK', (root) => symlinkSync('/etc', path.join(root, 'x'))],
    ['a hard link', 'MAR_LINK', (root) => linkSync(path.join(root, 'a.txt'), path.join(folder, `link-${count++}`))],
    ['a hidden file', 'MAR_NAME_EDGE', (root) => writeFileSync(path.join(root, '.netrc'), '')],
    ['names that differ in letter case', 'MAR_DUPLICATE_FOLDED', (root) => writeFileSync(path.join(root, 'A.txt'), '')],
    [
      'a manifest that points outside',
      'MAR_MANIFEST_PATH',
      (root) => {
        mkdirSync(path.join(root, 'MAR-INF'));
        writeFileSync(path.join(root, 'MAR-INF', 'MANIFEST.json'), '{"model":{"serializedFile":"../../etc/passwd"}}');
      },
    ],
  ])('with %s are refused: %s', async (title, code, spoil) => {
    const root = make(title.replace(/\W/g, '-'));
    spoil(root);
    expect(await codeOfAsync(openArchive(root))).toBe(code);
  });
});

describe('openArchive', () => {
  it('does not trust the name of a file', async () => {
    expect((await open(rawTgz([{ name: 'm/a.txt' }]))).format).toBe('tgz');
  });

  it.each<[string, Buffer, string]>([
    ['an empty file', Buffer.alloc(0), 'MAR_INVALID'],
    ['a text', Buffer.from('hello'), 'MAR_FORMAT'],
  ])('refuses %s', async (_title, bytes, code) => {
    expect(await codeOfAsync(open(bytes))).toBe(code);
  });

  it('names a file that is not there', async () => {
    expect(await codeOfAsync(openArchive(path.join(folder, 'nowhere.mar')))).toBe('FILE_NOT_FOUND');
  });

  it('refuses a device', async () => {
    expect(await codeOfAsync(openArchive('/dev/zero'))).toBe('MAR_INVALID');
  });
});
