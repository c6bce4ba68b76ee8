import { describeContent } from '../files/file-kind.js';
import { checkEntryMode } from './entry-mode.js';
import { decodeEntryName } from './entry-name.js';
import { checkEntryCount, checkEntrySize } from './entry-set.js';
import { refuse, showText } from './refuse.js';
import { looksLikeTar, parseTarHeader, TAR_BLOCK, type TarHeader, untilNul } from './tar-header.js';
import { type PaxOverride, parsePax } from './tar-pax.js';

/** A member of a tar as it stands there; `offset` is the place of its content in the uncompressed stream. */
export interface TarMember {
  readonly name: string;
  readonly isFolder: boolean;
  readonly bytes: number;
  readonly offset: number;
}

/** Pulls exact counts of bytes out of a stream of pieces. */
interface TarInput {
  readonly offset: number;
  take(count: number): Promise<Buffer>;
  skip(count: number): Promise<void>;
  /** True when the stream has ended. */
  isDone(): Promise<boolean>;
}

const LONG_TEXT_BYTES = 64 * 1024;

function createTarInput(pieces: AsyncIterable<Uint8Array>, where: string): TarInput {
  const iterator = pieces[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  const fill = async (): Promise<boolean> => {
    while (rest.length === 0) {
      const next = await iterator.next();
      if (next.done === true) return false;
      rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
    }
    return true;
  };
  const each = async (count: number, use: (piece: Buffer) => void): Promise<void> => {
    for (let left = count; left > 0; ) {
      if (!(await fill())) throw refuse('MAR_TAR_END', where, 'the tar is cut off.');
      const piece = rest.subarray(0, left);
      use(piece);
      rest = rest.subarray(piece.length);
      left -= piece.length;
      offset += piece.length;
    }
  };
  return {
    get offset() {
      return offset;
    },
    async take(count) {
      const taken: Buffer[] = [];
      await each(count, (piece) => taken.push(piece));
      return taken.length === 1 ? taken[0]! : Buffer.concat(taken);
    },
    skip: (count) => each(count, () => undefined),
    isDone: async () => !(await fill()),
  };
}

async function takeText(input: TarInput, header: TarHeader, where: string): Promise<Buffer> {
  if (header.bytes > LONG_TEXT_BYTES)
    throw refuse('MAR_TAR_PAX', where, `a header extension has ${header.bytes} bytes.`);
  const padded = await input.take(Math.ceil(header.bytes / TAR_BLOCK) * TAR_BLOCK);
  return padded.subarray(0, header.bytes);
}

async function checkEnd(input: TarInput, where: string): Promise<void> {
  const second = await input.take(TAR_BLOCK);
  if (second.some((byte) => byte !== 0)) throw refuse('MAR_TAR_END', where, 'a tar header follows a block of zeros.');
  while (!(await input.isDone())) {
    const block = await input.take(TAR_BLOCK);
    if (block.some((byte) => byte !== 0)) throw refuse('MAR_TAR_END', where, 'bytes follow the end of the tar.');
  }
}

function toMember(header: TarHeader, override: PaxOverride, offset: number, where: string): TarMember {
  const name = override.name ?? header.name;
  const at = `${where}: entry '${showText(name)}'`;
  if (header.type === '1' || header.type === '2') throw refuse('MAR_LINK', at, 'it is a link.');
  if ('346'.includes(header.type)) throw refuse('MAR_SPECIAL_FILE', at, 'it is a device or a pipe.');
  if (header.type !== '0' && header.type !== '5') {
    throw refuse('MAR_TAR_TYPE', at, `it is of the tar type '${showText(header.type)}'.`, {
      expected: 'files and folders',
    });
  }
  // A size that two readers take from two places makes them see two archives.
  if (override.bytes !== undefined && override.bytes !== header.bytes) {
    throw refuse('MAR_TAR_SIZE', at, `its header gives ${header.bytes} bytes, its pax header ${override.bytes}.`);
  }
  const isFolder = header.type === '5' || name.endsWith('/');
  if (isFolder && header.bytes !== 0) throw refuse('MAR_FOLDER_DATA', at, 'the folder carries data.');
  checkEntryMode(header.mode & 0o7777, isFolder, at);
  return { name: name.replace(/\/$/, ''), isFolder, bytes: header.bytes, offset };
}

/**
 * Walks a tar of the ustar, GNU (long names) or pax form and gives its members as they come; content is skipped. Sizes
 * and counts are held against the limits before they are believed.
 */
export async function* walkTar(pieces: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<TarMember> {
  const input = createTarInput(pieces, where);
  let override: PaxOverride & { source?: string } = {};
  let [count, totalBytes] = [0, 0];
  for (;;) {
    if (await input.isDone()) throw refuse('MAR_TAR_END', where, 'the tar has no end mark.');
    const block = await input.take(TAR_BLOCK);
    if (block.every((byte) => byte === 0)) {
      if (override.source !== undefined)
        throw refuse('MAR_TAR_PAX', where, 'a header extension stands before no entry.');
      return checkEnd(input, where);
    }
    if (input.offset === TAR_BLOCK && !looksLikeTar(block)) {
      const found = describeContent(block);
      throw refuse('MAR_FORMAT', where, `it is no archive but a gzip file that holds ${found}; expected a tar.`, {
        found,
      });
    }
    const header = parseTarHeader(block, where);
    if ('LKxg'.includes(header.type)) {
      const text = await takeText(input, header, where);
      if (header.type === 'K') throw refuse('MAR_LINK', where, 'a long link name stands in the tar.');
      if (header.type === 'g') {
        parsePax(text, true, where);
        continue;
      }
      if (override.source !== undefined) throw refuse('MAR_TAR_PAX', where, 'an entry has two header extensions.');
      override =
        header.type === 'L'
          ? { source: 'L', name: decodeEntryName(untilNul(text), true, where) }
          : { source: 'x', ...parsePax(text, false, where) };
      continue;
    }
    const member = toMember(header, override, input.offset, where);
    override = {};
    count += 1;
    totalBytes += member.bytes;
    checkEntryCount(count, where);
    checkEntrySize({ name: member.name, bytes: member.bytes, storedBytes: member.bytes }, totalBytes, where);
    const padded = Math.ceil(member.bytes / TAR_BLOCK) * TAR_BLOCK;
    yield member;
    await input.skip(padded);
  }
}
