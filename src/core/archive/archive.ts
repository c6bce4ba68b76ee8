import type { Manifest } from './manifest.js';

/** One file of an archive. Folders are no entries; names use '/'. */
export interface ArchiveEntry {
  readonly name: string;
  /** Bytes of the content. */
  readonly bytes: number;
  /** Bytes that it takes in the archive. */
  readonly storedBytes: number;
  readonly method: 'stored' | 'deflated';
  /** CRC-32 of the content as the archive claims it; null where the format has none (tgz, folder). */
  readonly crc32: number | null;
}

/** Where the content of a stored entry lies as plain bytes, to be mapped in place. */
export interface EntryLocation {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * An open archive whose structure has passed the policy of docs/archives.md. Content is checked (length, CRC-32) when it
 * is read. Nothing in it has been executed, unpickled or written to disk.
 */
export interface Archive {
  readonly path: string;
  readonly format: 'zip' | 'tgz' | 'folder';
  /** null when the archive carries none. */
  readonly manifest: Manifest | null;
  /** In the order in which they stand in the archive. */
  readonly entries: readonly ArchiveEntry[];
  /** The content of an entry; throws MAR_NO_ENTRY, LIMIT_EXCEEDED past `limitBytes`, MAR_CRC, MAR_DATA, MAR_SIZE. */
  readEntry(name: string, options?: { readonly limitBytes?: number }): Promise<Uint8Array>;
  /** The content of an entry in pieces; the same errors, the last piece comes only after the checks have passed. */
  streamEntry(name: string): AsyncGenerator<Uint8Array>;
  /** null when the entry is compressed or the format does not keep plain bytes. */
  locateEntry(name: string): EntryLocation | null;
  /** True while `path` still names the file that was opened: false once it has been replaced by a rename. */
  isCurrent(): boolean;
  close(): Promise<void>;
}
