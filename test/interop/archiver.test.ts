import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { openArchive } from '../../src/core/archive/open-archive.js';
import { createScratchFolder } from '../support/scratch-folder.js';
import { peerBin, ROOT } from './peer-python.js';

const folder = createScratchFolder();
const at = (...parts: string[]): string => path.join(folder, ...parts);
const put = (name: string, content: string): void => {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), content);
};

beforeAll(() => {
  put('pkg/handler.py', 'def handle(data, context): return data\n');
  put('handler.py', 'def handle(data, context): return data\n');
  put('model.py', 'class Model: pass\n');
  put('model.pt', 'w'.repeat(100_000));
  put('req/requirements.txt', 'numpy\n');
  put('conf/model.yaml', 'minWorkers: 1\n');
  put('one.txt', '1');
  put('two.txt', '2');
  put('tree/a.txt', 'a');
  put('tree/sub/b.txt', 'b');
  put('tree/sub/deep/c.json', '{}');
  put('tree/__pycache__/x.pyc', 'x');
  put('tree/__MACOSX/y', 'y');
  put('tree/.git/config', 'z');
  put('index_to_name.json', '{}');
});

interface Made {
  readonly status: number | null;
  readonly talk: string;
  readonly store: string;
}

function run(program: 'peer' | 'ours', args: readonly string[]): Made {
  const store = mkdtempSync(at(`${program}-`));
  const command = program === 'peer' ? path.join(peerBin(), 'torch-model-archiver') : process.execPath;
  const before = program === 'peer' ? [] : [path.join(ROOT, 'bin', 'eisen-deploy.js'), 'package'];
  // A temporary folder of its own: the peer deletes what is called like the model in it.
  const tmp = mkdtempSync(at('tmp-'));
  const done = spawnSync(command, [...before, ...args, '--export-path', store], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: tmp },
  });
  return { status: done.status, talk: done.stderr, store };
}

async function list(store: string): Promise<{ name: string; entries: Record<string, string>; manifest: string }> {
  const [name] = readdirSync(store);
  const archive = await openArchive(path.join(store, name!), { verify: true });
  const entries: Record<string, string> = {};
  let manifest = '';
  for (const entry of archive.entries) {
    const bytes = await archive.readEntry(entry.name);
    if (entry.name === 'MAR-INF/MANIFEST.json') manifest = Buffer.from(bytes).toString('utf8');
    else if (entry.name !== 'MAR-INF/INTEGRITY.json')
      entries[entry.name] = createHash('sha256').update(bytes).digest('hex');
  }
  await archive.close();
  return { name: name!, entries, manifest };
}

/** A manifest with what may differ made equal: the date and who wrote it. The rest counts byte for byte. */
const level = (manifest: string): string =>
  manifest
    .replace(/"createdOn": "\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d"/, '"createdOn": "DATE"')
    .replace(/"archiverVersion": "[^"]+"/, '"archiverVersion": "WHO"');

const BASE = ['--model-name', 'noop', '--version', '1.0'];

describe("torch-model-archiver's command line, unchanged, gives the same archive", () => {
  it.each<[string, string[]]>([
    ['a handler file', [...BASE, '--handler', 'handler.py']],
    ['a handler in a folder', [...BASE, '--handler', 'pkg/handler.py']],
    ['a module and a function', [...BASE, '--handler', 'handler:handle']],
    ['a built-in handler', [...BASE, '--handler', 'image_classifier', '--serialized-file', 'model.pt']],
    [
      'weights and architecture',
      [...BASE, '--handler', 'handler.py', '--serialized-file', 'model.pt', '--model-file', 'model.py'],
    ],
    [
      'requirements and configuration',
      [...BASE, '--handler', 'handler.py', '-r', 'req/requirements.txt', '-c', 'conf/model.yaml'],
    ],
    ['extra files', [...BASE, '--handler', 'handler.py', '--extra-files', 'one.txt,two.txt,index_to_name.json']],
    ['an extra folder', [...BASE, '--handler', 'handler.py', '--extra-files', 'tree']],
    ['an extra folder and a file', [...BASE, '--handler', 'handler.py', '--extra-files', 'tree/,one.txt']],
    ['a pattern', [...BASE, '--handler', 'handler.py', '--extra-files', '*.txt']],
    ['a pattern with a set', [...BASE, '--handler', 'handler.py', '--extra-files', '[ot]*.t?t']],
    ['a pattern in a folder', [...BASE, '--handler', 'handler.py', '--extra-files', 'tree/*']],
    ['a pattern that matches nothing', [...BASE, '--handler', 'handler.py', '--extra-files', '*.nothing']],
    ['the python3 runtime', [...BASE, '--handler', 'handler.py', '--runtime', 'python3']],
    ['flags cut short', ['--model-n', 'noop', '--vers', '2.5', '--hand', 'handler.py', '--seri', 'model.pt']],
    ['short flags', ['--model-name', 'noop', '-v', '3', '--handler', 'handler.py', '-f']],
    ['a name with dots', ['--model-name', 'no.op-1_2', '-v', '1', '--handler', 'handler.py']],
    ...['default', 'zip-store', 'tgz', 'no-archive'].map((format): [string, string[]] => [
      `the format ${format}`,
      [
        ...BASE,
        '--handler',
        'handler.py',
        '--serialized-file',
        'model.pt',
        '--extra-files',
        'tree',
        '--archive-format',
        format,
      ],
    ]),
  ])('%s', async (_title, args) => {
    const [peer, ours] = [run('peer', args), run('ours', args)];
    expect([peer.status, ours.status, ours.talk.includes('Error')]).toEqual([0, 0, false]);
    const [theirs, own] = [await list(peer.store), await list(ours.store)];
    expect(own.name).toBe(theirs.name);
    expect(own.entries).toEqual(theirs.entries);
    expect(level(own.manifest)).toBe(level(theirs.manifest));
  });

  it.each<[string, string[], RegExp]>([
    [
      'a name with a blank',
      ['--model-name', 'no op', '-v', '1', '--handler', 'handler.py'],
      /Model name contains special characters\.\nThe allowed regular expression filter for model name is: \^\[A-Za-z0-9\]\[A-Za-z0-9_\\-\.\]\*\$/,
    ],
    [
      'an extra file that is not there',
      [...BASE, '--handler', 'handler.py', '--extra-files', 'nowhere.txt'],
      /File does not exist: nowhere\.txt/,
    ],
    ['no handler', BASE, /the following arguments are required: --handler/],
    [
      'no version',
      ['--model-name', 'noop', '--handler', 'handler.py'],
      /the following arguments are required: -v\/--version/,
    ],
    [
      'an unknown format',
      [...BASE, '--handler', 'handler.py', '--archive-format', 'rar'],
      /argument --archive-format: invalid choice: 'rar'/,
    ],
    [
      'an unknown runtime',
      [...BASE, '--handler', 'handler.py', '--runtime', 'ruby'],
      /argument --runtime: invalid choice: 'ruby'/,
    ],
  ])('refuses %s in the same words', (_title, args, words) => {
    const [peer, ours] = [run('peer', args), run('ours', args)];
    expect(peer.talk).toMatch(words);
    expect(ours.talk).toMatch(words);
    expect([peer.status === 0, ours.status === 0]).toEqual([false, false]);
    expect(readdirSync(ours.store)).toEqual([]);
  });

  it('refuses an existing archive in the same words and overwrites it by force', () => {
    for (const program of ['peer', 'ours'] as const) {
      const args = [...BASE, '--handler', 'handler.py', '--export-path', at(program)];
      mkdirSync(at(program));
      const again = (...more: string[]) => {
        const command = program === 'peer' ? path.join(peerBin(), 'torch-model-archiver') : process.execPath;
        const before = program === 'peer' ? [] : [path.join(ROOT, 'bin', 'eisen-deploy.js'), 'package'];
        return spawnSync(command, [...before, ...args, ...more], { cwd: folder, encoding: 'utf8' });
      };
      expect(again().status).toBe(0);
      const refused = again();
      expect(refused.status).not.toBe(0);
      expect(refused.stderr).toContain(
        'already exists.\nPlease specify --force/-f option to overwrite the model archive output file.\nSee -h/--help for more details.',
      );
      const forced = again('--force');
      expect(forced.status).toBe(0);
      expect(forced.stderr).toContain(`Overwriting ${at(program, 'noop.mar')} ...`);
    }
  });

  it('leaves a folder of the temporary directory alone that is called like the model', () => {
    const [peerTmp, ourTmp] = [at('t1'), at('t2')];
    for (const tmp of [peerTmp, ourTmp]) mkdirSync(path.join(tmp, 'noop', 'precious'), { recursive: true });
    const args = [...BASE, '--handler', 'handler.py'];
    const env = (tmp: string) => ({ ...process.env, TMPDIR: tmp });
    mkdirSync(at('t-out'));
    spawnSync(path.join(peerBin(), 'torch-model-archiver'), [...args, '--export-path', at('t-out')], {
      cwd: folder,
      env: env(peerTmp),
    });
    spawnSync(
      process.execPath,
      [path.join(ROOT, 'bin', 'eisen-deploy.js'), 'package', ...args, '-f', '--export-path', at('t-out')],
      { cwd: folder, env: env(ourTmp) },
    );
    expect([
      existsSync(path.join(peerTmp, 'noop', 'precious')),
      existsSync(path.join(ourTmp, 'noop', 'precious')),
    ]).toEqual([false, true]);
  });
});
