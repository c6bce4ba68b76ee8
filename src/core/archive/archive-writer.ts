import type { PackContent } from './pack-content.js';

/** What was written for one entry. */
export interface WrittenEntry {
  readonly name: string;
  readonly bytes: number;
  readonly storedBytes: number;
  readonly sha256: string;
}

/** Writes the entries of one archive, whatever its format. */
export interface ArchiveWriter {
  add(name: string, content: PackContent, method: 'stored' | 'deflated'): Promise<WrittenEntry>;
  /** Writes what comes after the last entry; the archive is then whole. */
  finish(): Promise<void>;
}
