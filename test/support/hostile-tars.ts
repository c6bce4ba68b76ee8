import { gzipSync } from 'node:zlib';
import type { ErrorCode } from '../../src/core/errors/table.js';
import { paxMember, type RawMember, rawTar, rawTgz } from './raw-tar.js';

const GOOD: RawMember = { name: 'm/good.txt', data: 'good' };
const only = (member: RawMember): Buffer => rawTgz([GOOD, member]);
const size = (...bytes: number[]): Buffer => Buffer.concat([Buffer.from(bytes), Buffer.alloc(12 - bytes.length)]);

const spoilCrc = (bytes: Buffer): Buffer => bytes.fill(0, bytes.length - 8, bytes.length - 4);

/** Gzipped tars that must be refused: what each is, its code, its bytes. */
export const HOSTILE_TARS: readonly (readonly [string, ErrorCode, () => Buffer])[] = [
  ["a name that climbs out by '..'", 'MAR_NAME_TRAVERSAL', () => only({ name: '../x' })],
  ["a name that climbs out behind './'", 'MAR_NAME_TRAVERSAL', () => only({ name: './../x' })],
  ['an absolute name', 'MAR_NAME_ABSOLUTE', () => only({ name: '/etc/x' })],
  ['an absolute name in a prefix', 'MAR_NAME_ABSOLUTE', () => only({ name: 'x', prefix: '/etc' })],
  ['a backslash', 'MAR_NAME_BACKSLASH', () => only({ name: 'm\\x' })],
  ['a long name that climbs out', 'MAR_NAME_TRAVERSAL', () => rawTgz([GOOD, { type: 'L', data: 'm/../../x\0' }, {}])],
  ['a pax name that climbs out', 'MAR_NAME_TRAVERSAL', () => rawTgz([GOOD, paxMember({ path: '../x' }), {}])],
  ['a pax name with NUL', 'MAR_NAME_CONTROL', () => rawTgz([GOOD, paxMember({ path: 'm/a\0b' }), {}])],
  ['a symbolic link', 'MAR_LINK', () => only({ type: '2' })],
  ['a hard link', 'MAR_LINK', () => only({ type: '1' })],
  ['a long link name', 'MAR_LINK', () => rawTgz([GOOD, { type: 'K', data: '/etc/passwd' }, {}])],
  ['a pax link name', 'MAR_LINK', () => rawTgz([GOOD, paxMember({ linkpath: '/etc/passwd' }), {}])],
  ['a character device', 'MAR_SPECIAL_FILE', () => only({ type: '3' })],
  ['a block device', 'MAR_SPECIAL_FILE', () => only({ type: '4' })],
  ['a pipe', 'MAR_SPECIAL_FILE', () => only({ type: '6' })],
  ['a contiguous file', 'MAR_TAR_TYPE', () => only({ type: '7' })],
  ['a GNU sparse file', 'MAR_TAR_TYPE', () => only({ type: 'S' })],
  ['a volume label', 'MAR_TAR_TYPE', () => only({ type: 'V' })],
  ['a pax sparse file', 'MAR_TAR_PAX', () => rawTgz([GOOD, paxMember({ 'GNU.sparse.name': 'x' }), {}])],
  ['a set-uid bit', 'MAR_MODE', () => only({ mode: 0o4755 })],
  ['a negative size', 'MAR_TAR_SIZE', () => only({ size: Buffer.alloc(12, 0xff) })],
  ['a size of 2^80', 'MAR_TAR_SIZE', () => only({ size: size(0x80, 0, 1) })],
  ['a size that is no number', 'MAR_TAR_SIZE', () => only({ size: Buffer.from('12345678abc\0') })],
  ['a size of 5 GiB', 'MAR_ENTRY_TOO_LARGE', () => only({ size: size(0x80, 0, 0, 0, 0, 0, 0, 1, 0x40) })],
  ['two sizes', 'MAR_TAR_SIZE', () => rawTgz([GOOD, paxMember({ size: '2048' }), { data: 'x' }])],
  ['a pax size that is no number', 'MAR_TAR_SIZE', () => rawTgz([GOOD, paxMember({ size: '-1' }), {}])],
  ['a global pax name', 'MAR_TAR_PAX', () => rawTgz([GOOD, paxMember({ path: 'm/x' }, 'g'), {}])],
  ['a damaged pax header', 'MAR_TAR_PAX', () => rawTgz([GOOD, { type: 'x', data: '99 path=m\n' }, {}])],
  [
    'a pax header of 70,000 bytes',
    'MAR_TAR_PAX',
    () => rawTgz([GOOD, { type: 'x', data: Buffer.alloc(70_000, '0') }, {}]),
  ],
  [
    'two header extensions',
    'MAR_TAR_PAX',
    () => rawTgz([GOOD, { type: 'L', data: 'm/b' }, paxMember({ path: 'm/c' }), {}]),
  ],
  ['a header extension before nothing', 'MAR_TAR_PAX', () => rawTgz([GOOD, paxMember({ path: 'm/c' })])],
  ['a wrong checksum', 'MAR_TAR_HEADER', () => only({ checksum: 1 })],
  ['a gzip of something else', 'MAR_FORMAT', () => gzipSync(Buffer.alloc(2000, 'text '))],
  ['a gzip of less than a header', 'MAR_TAR_END', () => gzipSync('x')],
  ['the same name twice', 'MAR_DUPLICATE', () => rawTgz([GOOD, GOOD])],
  ['names that differ in letter case', 'MAR_DUPLICATE_FOLDED', () => only({ name: 'm/GOOD.txt' })],
  ['a file that is a folder too', 'MAR_FILE_AND_FOLDER', () => only({ name: 'm/good.txt/x' })],
  ['a folder with data', 'MAR_FOLDER_DATA', () => only({ name: 'm/d/', type: '5', data: 'x' })],
  ['a second top folder', 'MAR_TAR_LAYOUT', () => only({ name: 'n/x' })],
  ['a folder outside of the top folder', 'MAR_TAR_LAYOUT', () => only({ name: 'n/', type: '5' })],
  ['an entry beside the top folder', 'MAR_TAR_LAYOUT', () => only({ name: 'x' })],
  [
    'bytes after the end',
    'MAR_TAR_END',
    () => rawTgz([GOOD], Buffer.concat([Buffer.alloc(1024), rawTar([{ name: 'm/hidden.py' }])])),
  ],
  [
    'a header after one block of zeros',
    'MAR_TAR_END',
    () => rawTgz([GOOD], Buffer.concat([Buffer.alloc(512), rawTar([GOOD])])),
  ],
  ['no end mark', 'MAR_TAR_END', () => rawTgz([GOOD], Buffer.alloc(0))],
  ['content that is cut off', 'MAR_TAR_END', () => gzipSync(rawTar([{ ...GOOD, size: 5000 }], Buffer.alloc(0)))],
  ['a gzip stream that is cut off', 'MAR_GZIP', () => rawTgz([GOOD]).subarray(0, -12)],
  ['a gzip stream with a wrong CRC-32', 'MAR_GZIP', () => spoilCrc(rawTgz([GOOD]))],
  ['zeros after the gzip stream', 'MAR_TRAILING_BYTES', () => Buffer.concat([rawTgz([GOOD]), Buffer.alloc(100)])],
  ['other bytes after the gzip stream', 'MAR_GZIP', () => Buffer.concat([rawTgz([GOOD]), Buffer.from('junk')])],
  [
    'a thousandfold blow-up',
    'MAR_RATIO',
    () => rawTgz([GOOD, { name: 'm/zeros', data: Buffer.alloc(64 * 1024 * 1024) }]),
  ],
  [
    '1,001 entries',
    'MAR_TOO_MANY_ENTRIES',
    () => rawTgz(Array.from({ length: 1001 }, (_, index) => ({ name: `m/${index}` }))),
  ],
];
