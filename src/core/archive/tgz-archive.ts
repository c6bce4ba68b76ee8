import { createGunzip } from 'node:zlib';
import { isSameFile } from '../files/same-file.js';
import { LIMITS } from '../limits.js';
import type { Archive } from './archive.js';
import type { ArchiveFile } from './archive-file.js';
import { openEntries } from './collect.js';
import { readPieces, throughZlib } from './entry-data.js';
import { checkEntryName } from './entry-name.js';
import { checkEntrySet } from './entry-set.js';
import { MANIFEST_NAME } from './manifest.js';
import { refuse, showText } from './refuse.js';
import { type TarMember, walkTar } from './tar-walk.js';

const MiB = 1024 * 1024;

async function* gunzipFile(fd: number, fileBytes: number, where: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  const damaged = (cause: unknown): Error =>
    refuse('MAR_GZIP', where, 'the gzip stream is damaged or cut off.', { cause });
  let inflated = 0;
  for await (const piece of throughZlib(readPieces(fd, 0, fileBytes, where), gunzip, damaged)) {
    inflated += piece.length;
    if (inflated > MiB && inflated > gunzip.bytesWritten * LIMITS.archiveRatio) {
      throw refuse('MAR_RATIO', where, `${gunzip.bytesWritten} bytes blow up to ${inflated} and more.`);
    }
    yield piece;
  }
  if (gunzip.bytesWritten !== fileBytes) {
    throw refuse('MAR_TRAILING_BYTES', where, `${fileBytes - gunzip.bytesWritten} bytes follow the gzip stream.`);
  }
}

/**
 * The archiver puts everything under one folder, which readers take off again; `tar -C folder .` gives './'. Without such
 * a folder the manifest must lie at the root, else nobody knows where the archive begins.
 */
function stripTopFolder(members: readonly TarMember[], where: string): TarMember[] {
  for (const member of members) if (member.name !== '.') checkEntryName(member.name.replace(/^\.\//, ''), where);
  const files = members.filter((member) => !member.isFolder);
  const tops = new Set(files.map((member) => member.name.split('/')[0]!));
  const top = [...tops][0];
  const isNested = tops.size === 1 && top !== 'MAR-INF' && files.every((member) => member.name.includes('/'));
  if (!isNested) {
    if (files.some((member) => member.name === MANIFEST_NAME)) return [...members];
    throw refuse('MAR_TAR_LAYOUT', where, 'its entries do not lie under one folder.');
  }
  return members.flatMap((member) => {
    if (member.name === top) return [];
    if (!member.name.startsWith(`${top}/`)) {
      throw refuse(
        'MAR_TAR_LAYOUT',
        where,
        `the folder '${showText(member.name)}' lies outside of '${showText(top!)}'.`,
      );
    }
    return [{ ...member, name: member.name.slice(top!.length + 1) }];
  });
}

async function* cutPieces(
  pieces: AsyncIterable<Uint8Array>,
  start: number,
  length: number,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const piece of pieces) {
    const from = Math.max(0, start - at);
    const to = Math.min(piece.length, start + length - at);
    if (from < to) yield piece.subarray(from, to);
    at += piece.length;
    if (at >= start + length) return;
  }
}

/** Opens a gzipped tar: one pass over the whole file checks it, later reads unpack from the start again. */
export async function openTgzArchive({ path, where, fd, opened, close }: ArchiveFile): Promise<Archive> {
  const unpack = (): AsyncGenerator<Buffer> => gunzipFile(fd, opened.size, where);
  const found: TarMember[] = [];
  for await (const member of walkTar(unpack(), where)) found.push(member);
  const members = stripTopFolder(found, where);
  checkEntrySet(
    members.map((member) => ({ ...member, storedBytes: member.bytes })),
    where,
  );
  const entries = members
    .filter((member) => !member.isFolder)
    .map((member) => ({ ...member, storedBytes: member.bytes, method: 'deflated' as const, crc32: null }));
  const { access } = await openEntries(where, entries, (entry) => cutPieces(unpack(), entry.offset, entry.bytes));
  return {
    path,
    format: 'tgz',
    ...access,
    locateEntry: () => null,
    isCurrent: () => isSameFile(path, opened),
    close,
  };
}
