import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createContentHash } from '../../../src/core/archive/content-hash.js';

const MiB = 1024 * 1024;
const shared = (fill: number): Buffer => Buffer.from(new SharedArrayBuffer(MiB)).fill(fill);

describe('the SHA-256 of content', () => {
  it.each([
    ['short, here', 3 * MiB, [shared(1), shared(2), shared(3)]],
    ['long, in a thread', 100 * MiB, [shared(1), shared(2), shared(3)]],
    ['long, of memory that is not shared', 100 * MiB, [Buffer.alloc(MiB, 4).subarray(1), Buffer.alloc(0)]],
  ])('is the one of its pieces in order: %s', async (_, bytes, pieces) => {
    const hash = createContentHash(bytes);
    try {
      await Promise.all(pieces.map((piece) => hash.update(piece)));
      expect(await hash.digest()).toBe(createHash('sha256').update(Buffer.concat(pieces)).digest('hex'));
    } finally {
      await hash.close();
    }
  });

  it('fails, and does not wait for ever, when the thread ends before its time', async () => {
    const hash = createContentHash(100 * MiB);
    await hash.close();
    await expect(hash.update(shared(1))).rejects.toThrow('has ended');
    await expect(hash.digest()).rejects.toThrow('has ended');
  });
});
