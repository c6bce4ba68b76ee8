import { crc32, deflateRawSync } from 'node:zlib';
import type { ErrorCode } from '../../src/core/errors/table.js';
import { block, dataDescriptor, rawZip, unicodePath, wide, zip64Records } from './raw-zip.js';

export interface HostileArchive {
  /** What is wrong with it. */
  readonly title: string;
  readonly code: ErrorCode;
  readonly make: () => Buffer;
}

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
const GOOD = { name: 'good.txt', data: 'good' };
const one = (name: string, entry: object = {}) => rawZip({ entries: [{ name, data: 'evil', ...entry }] });
const named = (title: string, name: string, code: ErrorCode): HostileArchive => ({
  title,
  code,
  make: () => one(name),
});
const CRC = crc32(utf8('evil'));

/** 200 entries of 10 MiB each that are one and the same stream. */
function overlappingEntries(): Buffer {
  const data = Buffer.alloc(10 * 1024 * 1024);
  const [crc, stored] = [crc32(data), deflateRawSync(data).length];
  const entries = Array.from({ length: 200 }, (_, index) => ({
    rawName: utf8('a000'),
    data: index === 0 ? data : '',
    isGhost: index > 0,
    crc,
    stored,
    bytes: data.length,
    central: { rawName: utf8(`a${String(index).padStart(3, '0')}`), offset: 0 },
  }));
  return rawZip({ entries });
}

function bomb(): Buffer {
  const zeros = Buffer.alloc(64 * 1024 * 1024);
  return rawZip({ entries: [{ name: 'bomb.bin', data: zeros }] });
}

/** Many names and no content. */
function crowd(): Buffer {
  const entries = Array.from({ length: 60_000 }, (_, index) => ({ name: `e${index}`, method: 0 }));
  return rawZip({ entries });
}

/** Weaknesses that archives of the wild have used against other readers. */
export const HOSTILE_ZIPS: readonly HostileArchive[] = [
  named("a name that climbs out by '..'", '../x', 'MAR_NAME_TRAVERSAL'),
  named("a name that climbs out by '..' in its middle", 'a/../../x', 'MAR_NAME_TRAVERSAL'),
  named('a name that climbs out by a backslash', '..\\x', 'MAR_NAME_BACKSLASH'),
  named('an absolute name', '/etc/x', 'MAR_NAME_ABSOLUTE'),
  named('a name with a drive letter', 'C:x', 'MAR_NAME_DRIVE'),
  {
    title: "a Unicode path field with '..'",
    code: 'MAR_NAME_UNICODE_FIELD',
    make: () => one('x', { extra: unicodePath('../x') }),
  },
  {
    title: 'a Unicode path field with another name',
    code: 'MAR_NAME_UNICODE_FIELD',
    make: () => one('safe.txt', { extra: unicodePath('handler.py') }),
  },
  {
    title: 'a Unicode path field in the local header only',
    code: 'MAR_NAME_UNICODE_FIELD',
    make: () => one('safe.txt', { local: { extra: unicodePath('handler.py') } }),
  },
  { title: 'a size that is smaller than the content', code: 'MAR_SIZE', make: () => one('x', { bytes: 2 }) },
  { title: 'a size that is larger than the content', code: 'MAR_SIZE', make: () => one('x', { bytes: 9 }) },
  {
    title: 'a stored size of another length than its content',
    code: 'MAR_SIZE',
    make: () => one('x', { method: 0, bytes: 9 }),
  },
  { title: 'a size of 4 GiB', code: 'MAR_RATIO', make: () => one('x', { bytes: 0xfffffffe }) },
  {
    title: 'a size of 2^53',
    code: 'MAR_ENTRY_TOO_LARGE',
    make: () => one('x', { bytes: 0xffffffff, central: { extra: block(1, wide(2 ** 53 - 1)) } }),
  },
  { title: 'an encrypted entry', code: 'MAR_ENCRYPTED', make: () => one('x', { flags: 1 }) },
  { title: 'a strongly encrypted entry', code: 'MAR_ENCRYPTED', make: () => one('x', { flags: 1 << 6 }) },
  { title: 'an entry encrypted by AES', code: 'MAR_ENCRYPTED', make: () => one('x', { method: 99 }) },
  { title: 'masked local headers', code: 'MAR_ENCRYPTED', make: () => one('x', { flags: 1 << 13 }) },
  {
    title: 'bytes after the end',
    code: 'MAR_TRAILING_BYTES',
    make: () => rawZip({ entries: [GOOD], trailing: utf8('junk') }),
  },
  { title: 'no end record', code: 'MAR_END_RECORD', make: () => rawZip({ entries: [GOOD] }).subarray(0, -5) },
  { title: 'no zip at all', code: 'MAR_FORMAT', make: () => Buffer.alloc(1000, 'x') },
  {
    title: 'a comment that is cut off',
    code: 'MAR_END_RECORD',
    make: () => rawZip({ entries: [GOOD], end: { commentBytes: 10 } }),
  },
  {
    title: 'the same name twice',
    code: 'MAR_DUPLICATE',
    make: () => rawZip({ entries: [GOOD, { ...GOOD, data: 'evil' }] }),
  },
  {
    title: 'names that differ in letter case',
    code: 'MAR_DUPLICATE_FOLDED',
    make: () => rawZip({ entries: [GOOD, { name: 'GOOD.txt' }] }),
  },
  {
    title: 'names that differ in a ligature',
    code: 'MAR_DUPLICATE_FOLDED',
    make: () => rawZip({ entries: [{ name: 'file' }, { name: 'ﬁle' }] }),
  },
  {
    title: 'names that differ by sharp s',
    code: 'MAR_DUPLICATE_FOLDED',
    make: () => rawZip({ entries: [{ name: 'straße' }, { name: 'STRASSE' }] }),
  },
  {
    title: 'folders that differ in letter case',
    code: 'MAR_DUPLICATE_FOLDED',
    make: () => rawZip({ entries: [{ name: 'lib/a' }, { name: 'LIB/b' }] }),
  },
  {
    title: 'names that differ in the normal form',
    code: 'MAR_NAME_NOT_NFC',
    make: () => rawZip({ entries: [{ name: 'é' }, { name: 'e\u0301' }] }),
  },
  {
    title: 'one name before the data, another in the directory',
    code: 'MAR_LOCAL_NAME',
    make: () => one('model.onnx', { local: { rawName: utf8('handler.py') } }),
  },
  {
    title: 'an entry that only a stream reader sees',
    code: 'MAR_HIDDEN_ENTRY',
    make: () => rawZip({ entries: [{ name: 'handler.py', data: 'evil', isHidden: true }, GOOD] }),
  },
  {
    title: 'an entry that hides between two others',
    code: 'MAR_HIDDEN_ENTRY',
    make: () => rawZip({ entries: [GOOD, { name: 'handler.py', isHidden: true }, { name: 'b' }] }),
  },
  {
    title: 'fewer entries in the end record than in the directory',
    code: 'MAR_ENTRY_COUNT',
    make: () => rawZip({ entries: [GOOD, { name: 'b' }], end: { entries: 1 } }),
  },
  {
    title: 'more entries in the end record than in the directory',
    code: 'MAR_DIRECTORY',
    make: () => rawZip({ entries: [GOOD], end: { entries: 2 } }),
  },
  {
    title: 'two numbers of entries',
    code: 'MAR_ENTRY_COUNT',
    make: () => rawZip({ entries: [GOOD], end: { onDisk: 2, entries: 1 } }),
  },
  {
    title: 'two zips joined',
    code: 'MAR_JOINED',
    make: () => Buffer.concat([rawZip({ entries: [{ name: 'handler.py' }] }), rawZip({ entries: [GOOD] })]),
  },
  {
    title: 'a zip hidden in front, offsets put right',
    code: 'MAR_JOINED',
    make: () => rawZip({ prefix: rawZip({ entries: [{ name: 'handler.py' }] }), entries: [GOOD] }),
  },
  {
    title: 'a wrong CRC-32 in the directory',
    code: 'MAR_LOCAL_MISMATCH',
    make: () => one('x', { central: { crc: 1 } }),
  },
  { title: 'a wrong CRC-32 in both places', code: 'MAR_CRC', make: () => one('x', { crc: 1 }) },
  { title: 'a symbolic link', code: 'MAR_LINK', make: () => one('x', { central: { mode: 0o120777 } }) },
  {
    title: 'a symbolic link made on DOS',
    code: 'MAR_LINK',
    make: () => one('x', { central: { mode: 0o120777, madeBy: 20 } }),
  },
  { title: 'a pipe', code: 'MAR_SPECIAL_FILE', make: () => one('x', { central: { mode: 0o010644 } }) },
  { title: 'a device', code: 'MAR_SPECIAL_FILE', make: () => one('x', { central: { mode: 0o020644 } }) },
  {
    title: 'a file that claims to be a folder',
    code: 'MAR_SPECIAL_FILE',
    make: () => one('x', { central: { mode: 0o040755 } }),
  },
  { title: 'a set-uid bit', code: 'MAR_MODE', make: () => one('x', { central: { mode: 0o104755 } }) },
  named('NUL in a name', 'safe.txt\0.py', 'MAR_NAME_CONTROL'),
  named('a line break in a name', 'a\nb', 'MAR_NAME_CONTROL'),
  named('a terminal escape in a name', '\x1b[2Jx', 'MAR_NAME_CONTROL'),
  named('a C1 control in a name', 'a\u009bx', 'MAR_NAME_CONTROL'),
  { title: 'an empty name', code: 'MAR_NAME_EMPTY', make: () => one('', { rawName: Buffer.alloc(0) }) },
  named("a './' in a name", './a', 'MAR_NAME_SEGMENT'),
  named('an empty segment in a name', 'a//b', 'MAR_NAME_SEGMENT'),
  named('a name of 60,000 bytes', 'n'.repeat(60_000), 'MAR_NAME_TOO_LONG'),
  named('a name of 17 levels', `${'a/'.repeat(16)}b`, 'MAR_NAME_TOO_DEEP'),
  {
    title: 'a name that is not UTF-8',
    code: 'MAR_NAME_ENCODING',
    make: () => one('', { rawName: Buffer.of(0xff, 0x61), flags: 1 << 11 }),
  },
  { title: 'a name that is not marked as UTF-8', code: 'MAR_NAME_ENCODING', make: () => one('größe', { flags: 0 }) },
  {
    title: 'a file that is a folder too',
    code: 'MAR_FILE_AND_FOLDER',
    make: () => rawZip({ entries: [{ name: 'a' }, { name: 'a/b' }] }),
  },
  {
    title: 'bytes before the first entry',
    code: 'MAR_PREFIX_BYTES',
    make: () => Buffer.concat([utf8('#!/bin/sh\n'), rawZip({ entries: [GOOD] })]),
  },
  {
    title: 'bytes before the first entry, offsets put right',
    code: 'MAR_PREFIX_BYTES',
    make: () => rawZip({ prefix: utf8('#!/bin/sh\n'), entries: [GOOD] }),
  },
  {
    title: 'bytes between the entries',
    code: 'MAR_GAP',
    make: () => rawZip({ entries: [GOOD, { name: 'b', gap: Buffer.alloc(40) }] }),
  },
  {
    title: 'bytes before the directory',
    code: 'MAR_GAP',
    make: () => rawZip({ entries: [GOOD], gapBeforeDirectory: utf8('junk') }),
  },
  {
    title: 'bytes before the end record',
    code: 'MAR_GAP',
    make: () => rawZip({ entries: [GOOD], gapBeforeEnd: utf8('junk') }),
  },
  { title: '200 entries over one stream', code: 'MAR_RATIO', make: overlappingEntries },
  {
    title: 'two entries over one stream',
    code: 'MAR_OVERLAP',
    make: () => rawZip({ entries: [GOOD, { name: 'b.txt', data: 'good', isGhost: true, central: { offset: 0 } }] }),
  },
  {
    title: 'an entry that runs into the next',
    code: 'MAR_OVERLAP',
    make: () => rawZip({ entries: [{ ...GOOD, stored: 60 }, { name: 'b' }] }),
  },
  { title: 'an entry that runs into the directory', code: 'MAR_OVERLAP', make: () => one('x', { stored: 60 }) },
  { title: 'a thousandfold blow-up', code: 'MAR_RATIO', make: bomb },
  { title: '60,000 entries', code: 'MAR_TOO_MANY_ENTRIES', make: crowd },
  {
    title: 'a directory that would lie past the end',
    code: 'MAR_DIRECTORY',
    make: () => rawZip({ entries: [GOOD], end: { directoryOffset: 0x7fffffff } }),
  },
  {
    title: 'a directory of another kind of bytes',
    code: 'MAR_DIRECTORY',
    make: () => {
      const zip = rawZip({ entries: [GOOD] });
      return zip.fill('x', zip.indexOf('PK\x01\x02'), zip.indexOf('PK\x01\x02') + 4);
    },
  },
  {
    title: 'an entry header where there is none',
    code: 'MAR_LOCAL_HEADER',
    make: () => rawZip({ entries: [{ ...GOOD, isGhost: true }, { name: 'b' }] }).fill(0, 0, 4),
  },
  {
    title: 'an entry header in the directory',
    code: 'MAR_LOCAL_HEADER',
    make: () => one('x', { central: { offset: 60 } }),
  },
  {
    title: 'one of several disks',
    code: 'MAR_DISKS',
    make: () => rawZip({ entries: [GOOD], end: { disk: 1, directoryDisk: 1 } }),
  },
  { title: 'an entry on another disk', code: 'MAR_DISKS', make: () => one('x', { central: { disk: 2 } }) },
  { title: 'a method that nobody needs', code: 'MAR_METHOD', make: () => one('x', { method: 12 }) },
  {
    title: 'another method before the data',
    code: 'MAR_LOCAL_MISMATCH',
    make: () => one('x', { local: { method: 0 } }),
  },
  { title: 'other flags before the data', code: 'MAR_LOCAL_MISMATCH', make: () => one('x', { local: { flags: 2 } }) },
  { title: 'another size before the data', code: 'MAR_LOCAL_MISMATCH', make: () => one('x', { local: { bytes: 3 } }) },
  {
    title: 'another stored size before the data',
    code: 'MAR_LOCAL_MISMATCH',
    make: () => one('x', { local: { stored: 3 } }),
  },
  { title: 'unknown flags', code: 'MAR_FLAGS', make: () => one('x', { flags: 1 << 4 }) },
  {
    title: 'a comment of 2 KiB',
    code: 'MAR_COMMENT',
    make: () => rawZip({ entries: [GOOD], comment: Buffer.alloc(2048, 'c') }),
  },
  {
    title: 'an end record in the comment',
    code: 'MAR_DIRECTORY',
    make: () => rawZip({ entries: [GOOD], comment: rawZip({ entries: [], end: { directoryOffset: 9999 } }) }),
  },
  {
    title: 'the mark of a record in the comment',
    code: 'MAR_COMMENT',
    make: () => rawZip({ entries: [GOOD], comment: utf8('see PK\x03\x04') }),
  },
  {
    title: 'an extra field past its end',
    code: 'MAR_DIRECTORY',
    make: () => one('x', { central: { extra: Buffer.of(1, 2, 99, 0) } }),
  },
  {
    title: 'an extra field past its end before the data',
    code: 'MAR_EXTRA_FIELD',
    make: () => one('x', { local: { extra: Buffer.of(1, 2, 99, 0) } }),
  },
  {
    title: 'two Unicode path fields',
    code: 'MAR_EXTRA_FIELD',
    make: () => one('x', { local: { extra: Buffer.concat([unicodePath('x'), unicodePath('y')]) } }),
  },
  { title: 'a folder with data', code: 'MAR_FOLDER_DATA', make: () => one('a/', { central: { mode: 0o040755 } }) },
  {
    title: 'a stored entry that tells its size afterwards',
    code: 'MAR_STORED_DESCRIPTOR',
    make: () =>
      one('x', { method: 0, flags: 8, local: { crc: 0, stored: 0, bytes: 0 }, descriptor: dataDescriptor(CRC, 4, 4) }),
  },
  {
    title: 'another size after the data',
    code: 'MAR_DESCRIPTOR',
    make: () => one('x', { flags: 8, descriptor: dataDescriptor(CRC, 6, 5) }),
  },
  {
    title: 'another CRC-32 after the data',
    code: 'MAR_DESCRIPTOR',
    make: () => one('x', { flags: 8, descriptor: dataDescriptor(1, 6, 4) }),
  },
  { title: 'no sizes after the data', code: 'MAR_DESCRIPTOR', make: () => one('x', { flags: 8 }) },
  {
    title: 'data behind the end of the compressed stream',
    code: 'MAR_DATA',
    make: () =>
      rawZip({
        entries: [{ name: 'x', data: 'evil', stored: deflateRawSync('evil').length + 4, descriptor: utf8('more') }],
      }),
  },
  {
    title: 'compressed bytes that are none',
    code: 'MAR_DATA',
    make: () =>
      rawZip({ entries: [{ name: 'x', data: 'evil', method: 0, local: { method: 8 }, central: { method: 8 } }] }),
  },
  {
    title: 'a zip64 locator that points elsewhere',
    code: 'MAR_ZIP64',
    make: () => rawZip({ entries: [GOOD], zip64: zip64Records({ locator: 0 }) }),
  },
  {
    title: 'a zip64 record of another size',
    code: 'MAR_ZIP64',
    make: () => rawZip({ entries: [GOOD], zip64: zip64Records({ size: 60 }) }),
  },
  {
    title: 'a zip64 record with another number of entries',
    code: 'MAR_ENTRY_COUNT',
    make: () => rawZip({ entries: [GOOD], zip64: zip64Records({ entries: 2 }) }),
  },
  {
    title: 'zip64 sizes that are promised and missing',
    code: 'MAR_ZIP64',
    make: () => one('x', { local: { bytes: 0xffffffff } }),
  },
  {
    title: 'end record and zip64 record that disagree',
    code: 'MAR_ZIP64',
    make: () => rawZip({ entries: [GOOD], zip64: zip64Records(), end: { directoryOffset: 7 } }),
  },
  { title: 'a version of the future', code: 'MAR_VERSION', make: () => one('x', { central: { version: 148 } }) },
  {
    title: 'a version of the future before the data',
    code: 'MAR_VERSION',
    make: () => one('x', { local: { version: 148 } }),
  },
  {
    title: 'a name beyond ASCII that is marked as made on DOS',
    code: 'MAR_NAME_ENCODING',
    make: () => one('größe.txt', { central: { madeBy: 20 } }),
  },
  named('a device of Windows', 'con.json', 'MAR_NAME_DEVICE'),
  named('a device of Windows with a superscript', 'com¹', 'MAR_NAME_DEVICE'),
  named('a direction-changing character', 'ab\u202Egnp.exe', 'MAR_NAME_INVISIBLE'),
  named('a zero-width character', 'model\u200b.onnx', 'MAR_NAME_INVISIBLE'),
  named('a soft hyphen', 'mo\u00addel.onnx', 'MAR_NAME_INVISIBLE'),
  named('a Hangul filler', 'a\u3164b', 'MAR_NAME_INVISIBLE'),
  named('a byte order mark', '\ufeffmodel.onnx', 'MAR_NAME_INVISIBLE'),
  named('a trailing dot', 'a.', 'MAR_NAME_EDGE'),
  named('a trailing space', 'a ', 'MAR_NAME_EDGE'),
  named('a leading dot', '.bashrc', 'MAR_NAME_EDGE'),
  named('a leading space in a folder', ' a/b', 'MAR_NAME_EDGE'),
  named('a colon (an alternate stream)', 'model.onnx:evil', 'MAR_NAME_CHARACTER'),
  named('a quote', 'a"b', 'MAR_NAME_CHARACTER'),
  named('a no-break space', 'a\u00a0b', 'MAR_NAME_CHARACTER'),
  named('an unassigned character', 'a\u0378b', 'MAR_NAME_CHARACTER'),
];
