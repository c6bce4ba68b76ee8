import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from '@jest/globals';

/** An empty folder of this test file's own, removed at its end. */
export function createScratchFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'eisen-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
