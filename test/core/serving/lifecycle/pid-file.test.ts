import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readCommandLine } from '../../../../src/core/serving/lifecycle/command-line-of.js';
import {
  claimPidFile,
  judgePidFile,
  readPidFile,
  releasePidFile,
} from '../../../../src/core/serving/lifecycle/pid-file.js';
import { codeOf } from '../../../support/codes.js';

describe('the pid file', () => {
  it.each([
    ['nothing', null, 'none'],
    ['a living server', '42', 'running'],
    ['a living server with a line end', '42\n', 'running'],
    ['a stranger with the number', '43', 'orphan'],
    ['a number nobody has', '44', 'orphan'],
    ['junk', 'hello', 'orphan'],
    ['emptiness', '', 'orphan'],
    ['a negative number', '-42', 'orphan'],
    ['process zero', '0', 'orphan'],
    ['a fraction', '42.5', 'orphan'],
  ])('with %s is judged', (_, text, kind) => {
    const table = new Map([
      [42, 'eisen-deploy serve'],
      [43, 'vim eisen-deploy serve'],
    ]);
    expect(judgePidFile(text, (pid) => table.get(pid) ?? null).kind).toBe(kind);
  });

  it('tells the command line of a living process and of no dead one', () => {
    expect(readCommandLine(process.pid)).toContain('node');
    expect(readCommandLine(2 ** 22 + 1)).toBeNull();
  });

  describe('on disk', () => {
    let folder: string;
    let file: string;
    beforeEach(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'pid-'));
      file = path.join(folder, '.model_server.pid');
    });
    afterEach(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    it('is claimed whole, leaves nothing beside it and is given back', () => {
      expect(claimPidFile(file)).toEqual({ removedOrphan: false });
      expect(readdirSync(folder)).toEqual(['.model_server.pid']);
      expect(readFileSync(file, 'utf8')).toBe(String(process.pid));
      releasePidFile(file);
      expect(readdirSync(folder)).toEqual([]);
    });

    it('leaves nothing of a claim on a full disk, and names file and remedy', () => {
      const full = (beside: string): never => {
        writeFileSync(beside, '');
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
      };
      const claim = (): unknown => claimPidFile(file, readCommandLine, full as typeof writeFileSync);
      expect(claim).toThrow(/^the file with the process id of the server: .*model_server\.pid: the disk is full/);
      expect(codeOf(claim)).toBe('DISK_FULL');
      expect(readdirSync(folder)).toEqual([]);
    });

    it.each([
      ['is not there', 'none/.model_server.pid', claimPidFile],
      ['is a file', 'stone/.model_server.pid', claimPidFile],
      ['is a file, when it is read', 'stone/.model_server.pid', readPidFile],
    ])('is refused with its path where the temporary folder %s', (_, name, work) => {
      writeFileSync(path.join(folder, 'stone'), '');
      expect(codeOf(() => work(path.join(folder, name)))).toBe('NOT_WRITABLE');
      expect(() => work(path.join(folder, name))).toThrow(`${path.join(folder, name)}: cannot be written there`);
      expect(readdirSync(folder)).toEqual(['stone']);
    });

    it('replaces a stale one', () => {
      writeFileSync(file, '99999999');
      expect(readPidFile(file)).toEqual({ kind: 'orphan' });
      expect(claimPidFile(file)).toEqual({ removedOrphan: true });
    });

    it('is refused while another server holds it', () => {
      writeFileSync(file, String(process.pid));
      expect(() => claimPidFile(file, () => 'eisen-deploy serve')).toThrow(
        expect.objectContaining({ code: 'SERVER_RUNNING' }),
      );
      expect(readdirSync(folder)).toEqual(['.model_server.pid']);
    });

    it('of somebody else is not removed at the end', () => {
      writeFileSync(file, '12345');
      releasePidFile(file);
      expect(readdirSync(folder)).toEqual(['.model_server.pid']);
      rmSync(file);
      expect(() => releasePidFile(file)).not.toThrow();
    });
  });
});
