import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { openArchive } from '../../../../src/core/archive/open-archive.js';
import { type ArchiveFormat, packArchive } from '../../../../src/core/archive/pack-archive.js';
import { EisenError } from '../../../../src/core/errors/error.js';
import { guardArchive } from '../../../../src/core/serving/pool/archive-guard.js';
import { codeOf, codeOfAsync } from '../../../support/codes.js';
import { createScratchFolder } from '../../../support/scratch-folder.js';
import { until } from '../../../support/until.js';
import { createScriptedLauncher, createScriptedPool, textOf } from '../../../support/workers/scripted-pool.js';

// Processes start here: a busy machine may take its time.
jest.setTimeout(120_000);

const folder = createScratchFolder();

async function pack(name: string, content: string, format: ArchiveFormat = 'default'): Promise<string> {
  const target = path.join(folder, name);
  const entries = [{ name: 'model.onnx', content: [Buffer.from(content)] }];
  await packArchive({ entries, manifest: '{"model":{}}', format, modelName: 'm', target, force: true });
  return target;
}

const changes: [string, ArchiveFormat, (file: string) => Promise<void> | void][] = [
  ['replaced by a rename', 'default', async (file) => renameSync(await pack('next.mar', 'other'), file)],
  ['replaced by a rename', 'tgz', async (file) => renameSync(await pack('next.tgz', 'other', 'tgz'), file)],
  ['written into', 'default', (file) => writeFileSync(file, 'PK longer or shorter')],
  ['removed', 'default', (file) => rmSync(file)],
  ['written into', 'no-archive', (file) => writeFileSync(path.join(file, 'model.onnx'), 'other!')],
  ['removed', 'no-archive', (file) => rmSync(file, { recursive: true })],
];

describe('an archive that is registered', () => {
  it.each(changes)('is told apart once it was %s (%s)', async (_how, format, change) => {
    const file = await pack(`a-${changes.findIndex(([, , other]) => other === change)}`, 'first', format);
    const archive = await openArchive(file);
    const guard = guardArchive(archive);
    expect(guard()).toBeNull();
    await archive.close();
    await change(archive.path);
    expect(guard()?.code).toBe('ARCHIVE_REPLACED');
    // A folder's own files are looked at from here on only.
    if (format !== 'no-archive') expect(codeOf(() => guardArchive(archive))).toBe('ARCHIVE_REPLACED');
  });

  it('may get a neighbour and a copy', async () => {
    const file = await pack('kept.mar', 'first');
    const archive = await openArchive(file);
    const guard = guardArchive(archive);
    mkdirSync(path.join(folder, 'neighbour'));
    cpSync(file, path.join(folder, 'copy.mar'));
    expect(guard()).toBeNull();
    await archive.close();
  });
});

describe('a model whose archive was replaced', () => {
  const replaced = (): EisenError => new EisenError('ARCHIVE_REPLACED', 'm.mar: the file was replaced.');
  const launch = (state: { isReplaced: boolean }, starts: readonly string[] = ['ok']) => ({
    ...createScriptedLauncher(starts),
    findRefusal: () => (state.isReplaced ? replaced() : null),
  });

  it('starts no further worker on the new file, while the old one answers', async () => {
    const state = { isReplaced: false };
    const { runtime, ask } = createScriptedPool({ launcher: launch(state), settings: { maxWorkers: 2 } });
    await runtime.scale({ min: 1, max: 2 });
    state.isReplaced = true;
    expect(await codeOfAsync(runtime.scale({ min: 2, max: 2 }))).toBe('ARCHIVE_REPLACED');
    expect(textOf(await ask('echo old'))).toBe('echo old');
    expect(runtime.workers.map(({ status }) => status).sort()).toEqual(['READY', 'UNLOADING']);
    expect(runtime.workers.find(({ pid }) => pid === 0)?.lastError).toMatch(/was replaced/);
  });

  it('takes no harm from a start that is refused while a worker serves: it stays healthy', async () => {
    const state = { isReplaced: false };
    const settings = { maxWorkers: 2, maxRetryTimeoutMs: 0 };
    const { runtime, ends, ask } = createScriptedPool({ launcher: launch(state), settings });
    await runtime.scale({ min: 1, max: 2 });
    state.isReplaced = true;
    await codeOfAsync(runtime.scale({ min: 2, max: 2 }));
    expect(runtime.healthy).toBe(true);
    for (let n = 0; n < 20; n += 1) await ask('echo old');
    expect(ends).toMatchObject([{ cause: 'refused', restartInMs: 30_000, breakerOpen: false }]);
    process.kill(runtime.workers.find(({ pid }) => pid !== 0)!.pid, 'SIGKILL');
    await until(() => ends.filter(({ cause }) => cause === 'refused').length > 1);
    expect(runtime.healthy).toBe(false);
  });

  it('starts none in the place of one that died, until the file is the registered one again', async () => {
    const state = { isReplaced: false };
    const { runtime, ask } = createScriptedPool({ launcher: launch(state) });
    await runtime.scale({ min: 1, max: 1 });
    state.isReplaced = true;
    process.kill(runtime.workers[0]!.pid, 'SIGKILL');
    await until(() => /was replaced/.test(runtime.workers[0]!.lastError ?? ''));
    expect(runtime.ready).toBe(false);
    state.isReplaced = false;
    expect(textOf(await ask('echo again'))).toBe('echo again');
  });

  it('keeps a worker that is due for its recycling, as nobody could follow it', async () => {
    const state = { isReplaced: false };
    const { runtime, ask } = createScriptedPool({ launcher: launch(state), settings: { recycleAfterJobs: 2 } });
    await runtime.scale({ min: 1, max: 1 });
    const { pid } = runtime.workers[0]!;
    state.isReplaced = true;
    for (const text of ['echo 1', 'echo 2', 'echo 3']) expect(textOf(await ask(text))).toBe(text);
    expect(runtime.workers[0]!.pid).toBe(pid);
  });

  it('is looked at once for each share of jobs by a worker that is due, not for each job', async () => {
    const findRefusal = jest.fn<() => EisenError | null>(() => null);
    const launcher = { ...createScriptedLauncher(), findRefusal };
    const { runtime, ask } = createScriptedPool({ launcher, settings: { recycleAfterJobs: 5 } });
    await runtime.scale({ min: 1, max: 1 });
    findRefusal.mockClear().mockImplementation(replaced);
    for (let n = 0; n < 20; n += 1) await ask('echo');
    expect(findRefusal).toHaveBeenCalledTimes(4);
  });

  it('ends a worker that loaded while the file was replaced', async () => {
    const findRefusal = jest.fn<() => EisenError | null>(replaced).mockReturnValueOnce(null);
    const { runtime } = createScriptedPool({ launcher: { ...createScriptedLauncher(), findRefusal } });
    expect(await codeOfAsync(runtime.scale({ min: 1, max: 1 }))).toBe('ARCHIVE_REPLACED');
    expect(runtime.ready).toBe(false);
  });
});
