import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createScratchFolder } from '../support/scratch-folder.js';
import { identityModel } from '../support/tiny-onnx.js';

const folder = createScratchFolder();
const at = (...parts: string[]): string => path.join(folder, ...parts);
const PROGRAM = path.resolve(import.meta.dirname, '..', '..', 'src', 'cli.js');
/** The compiled command line, without the launcher: it needs no build of its own. */
const START = `import(${JSON.stringify(PROGRAM)}).then(async ({ main }) => { process.exitCode = await main(process.argv.slice(1)); });`;
const argv = (...args: string[]): string[] => ['--input-type=module', '-e', START, '--', 'package', ...args];

writeFileSync(at('handler.py'), '');
writeFileSync(at('model.onnx'), identityModel());
/** A file of 600 MB that takes no room on the disk: long enough to be met in the middle. */
const huge = openSync(at('weights.bin'), 'w');
ftruncateSync(huge, 600_000_000);
closeSync(huge);

const big = (store: string): string[] =>
  argv(
    '--model-name',
    'big',
    '-v',
    '1',
    '--handler',
    at('handler.py'),
    '--serialized-file',
    at('weights.bin'),
    '--export-path',
    store,
  );
const small = (store: string): string[] =>
  argv('--model-name', 'small', '-v', '1', '--handler', at('handler.py'), '--export-path', store);

/** Starts a big package, sends the signal once so many bytes are there, and gives how it ended. */
async function interrupt(
  store: string,
  signal: NodeJS.Signals,
  afterBytes = 0,
): Promise<{ code: number | null; signal: string | null; stderr: string }> {
  mkdirSync(store);
  const child = spawn(process.execPath, big(store), { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<{ code: number | null; signal: string | null; stderr: string }>((resolve) => {
    child.on('close', (code, name) => resolve({ code, signal: name, stderr }));
  });
  const written = (): number => {
    const [name] = readdirSync(store);
    return name === undefined ? -1 : statSync(path.join(store, name)).size;
  };
  while (written() < afterBytes) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill(signal);
  return ended;
}

describe('a package that does not come to its end', () => {
  it.each([0, 100_000_000, 400_000_000])(
    'killed after %d bytes, it leaves no archive, and the next run sweeps what it left',
    async (bytes) => {
      const store = at(`killed-${bytes}`);
      expect((await interrupt(store, 'SIGKILL', bytes)).signal).toBe('SIGKILL');
      expect(readdirSync(store)).toEqual([expect.stringMatching(/^\.big\.mar\.eisen-.*\.tmp$/)]);
      expect(spawnSync(process.execPath, small(store)).status).toBe(0);
      expect(readdirSync(store)).toEqual(['small.mar']);
    },
  );

  it('interrupted, it leaves nothing at all and asks to try again', async () => {
    const store = at('interrupted');
    const ended = await interrupt(store, 'SIGINT');
    expect(readdirSync(store)).toEqual([]);
    expect(ended.code).toBe(75);
    expect(ended.stderr).toMatch(/^eisen-deploy: .*cancelled.* \[CANCELLED\]\n$/);
  });

  it('out of room, it says so in one line and leaves nothing', () => {
    const store = at('full');
    mkdirSync(store);
    const limited = `trap '' XFSZ; ulimit -f 1000; exec "$0" "$@"`;
    const { status, stderr } = spawnSync('sh', ['-c', limited, process.execPath, ...big(store)], {
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/^eisen-deploy: .*big\.mar: .* \[DISK_FULL\]\n$/);
    expect(status).toBe(75);
    expect(readdirSync(store)).toEqual([]);
  });

  it('in a folder that may not be written, it says so in one line', () => {
    mkdirSync(at('readonly'), { mode: 0o555 });
    // The superuser may write into any folder of a disk; into the list of processes nobody may.
    const store = process.getuid?.() === 0 ? '/proc' : at('readonly');
    const { status, stderr } = spawnSync(process.execPath, small(store), { encoding: 'utf8' });
    expect(stderr).toMatch(/^eisen-deploy: .*small\.mar: cannot be written .*\. \[NOT_WRITABLE\]\n( {2}.*\n)?$/);
    expect(status).toBe(3);
  });

  it.each<[string, string[], number, RegExp]>([
    [
      'a handler that is not there',
      ['--handler', 'nowhere.py'],
      3,
      /File does not exist: nowhere\.py \[FILE_NOT_FOUND\]/,
    ],
    ['a model that is not there', ['--model', 'nowhere.onnx'], 3, /nowhere\.onnx: .* \[FILE_NOT_FOUND\]/],
    ['weights that are a folder', ['--handler', 'base_handler', '--serialized-file', '.'], 3, /\[FILE_NOT_FOUND\]/],
    ['a model that is none', ['--model', 'handler.py'], 4, /\[ONNX_INVALID\]/],
    [
      'an export path that is a file',
      ['--handler', 'base_handler', '--export-path', 'handler.py'],
      2,
      /is not a directory.* \[USAGE\]/,
    ],
    ['no handler and no model', [], 2, /\[USAGE\]/],
  ])('with %s it ends with one line and the right exit code', (_title, args, code, line) => {
    const done = spawnSync(process.execPath, argv('--model-name', 'm', '-v', '1', '--export-path', folder, ...args), {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(done.stderr).toMatch(line);
    expect(done.stderr.trim().split('\n')).toHaveLength(1);
    expect([done.status, done.stdout]).toEqual([code, '']);
  });
});

describe('the same input gives the same bytes', () => {
  /** The same files, made in another order and with other times. */
  function makeInputs(name: string, reverse: boolean, time: number): string {
    const root = at(name);
    const files = ['tree/a.txt', 'tree/b/c.txt', 'tree/b/d.json', 'tree/z.txt', 'extra.bin', 'größe.txt'];
    for (const file of reverse ? [...files].reverse() : files) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      writeFileSync(path.join(root, file), file.repeat(20_000), { mode: reverse ? 0o600 : 0o755 });
      utimesSync(path.join(root, file), time, time);
    }
    return root;
  }
  const inputs = [makeInputs('in1', false, 1_000_000_000), makeInputs('in2', true, 1_700_000_000)];
  const surroundings = [
    { TZ: 'UTC', LC_ALL: 'C', umask: '022' },
    { TZ: 'America/New_York', LC_ALL: 'de_DE.UTF-8', umask: '077' },
    { TZ: 'Asia/Tokyo', LC_ALL: 'tr_TR.UTF-8', umask: '000' },
  ];

  it.each([
    ['default', 'm.mar'],
    ['tgz', 'm.tar.gz'],
  ])('for the format %s, whatever time zone, umask, locale, order and times', (format, file) => {
    const hashes = surroundings.map(({ TZ, LC_ALL, umask }, index) => {
      const store = at(`same-${format}-${index}`);
      mkdirSync(store);
      const args = argv(
        '--model',
        at('model.onnx'),
        '--model-name',
        'm',
        '-v',
        '1',
        '--extra-files',
        'tree,extra.bin,größe.txt',
        '--archive-format',
        format,
        '--export-path',
        store,
      );
      const done = spawnSync('sh', ['-c', `umask ${umask}; exec "$0" "$@"`, process.execPath, ...args], {
        cwd: inputs[index % 2],
        env: { PATH: process.env['PATH'], TZ, LC_ALL },
        encoding: 'utf8',
      });
      expect(done.stderr).toBe('');
      return createHash('sha256')
        .update(readFileSync(path.join(store, file)))
        .digest('hex');
    });
    expect(new Set(hashes).size).toBe(1);
  });
});
