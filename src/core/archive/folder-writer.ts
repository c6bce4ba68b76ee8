import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import type { ArchiveWriter } from './archive-writer.js';
import { contentBytes, streamContent } from './pack-content.js';
import { writeFully } from './zip-writer.js';

/** Writes entries as files under an existing empty folder. */
export function createFolderWriter(folder: string, onBytes: (count: number) => void = () => undefined): ArchiveWriter {
  return {
    async add(name, content) {
      const target = path.join(folder, ...name.split('/'));
      await mkdir(path.dirname(target), { recursive: true });
      const file = await open(target, 'wx', 0o644);
      const hash = createHash('sha256');
      try {
        let cursor = 0;
        await streamContent(content, (piece) => {
          hash.update(piece);
          onBytes(piece.length);
          const at = cursor;
          cursor += piece.length;
          return writeFully(file.fd, piece, at);
        });
        await file.sync();
      } finally {
        await file.close();
      }
      const bytes = contentBytes(content);
      return { name, bytes, storedBytes: bytes, sha256: hash.digest('hex') };
    },
    finish: async () => undefined,
  };
}
