import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isServing } from '../../../src/core/serving/lifecycle/pid-file.js';
import { createSite, EISEN_DEPLOY, launch, run, type Site, TORCHSERVE } from '../../support/serve-program.js';

let site: Site;
beforeEach(() => {
  site = createSite();
});
afterEach(() => site.remove());

const pidFile = (): string => path.join(site.folder, 'tmp', '.model_server.pid');

interface Row {
  readonly title: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly prepare?: () => void;
  readonly stdout: string;
  readonly code: number;
}

const STORE = ['--model-store', 'model_store'];
const rows: Row[] = [
  { title: 'prints the version of the peer', args: ['-v'], stdout: 'TorchServe Version is 0.12.0\n', code: 0 },
  { title: 'takes a unique prefix of a flag', args: ['--vers'], stdout: 'TorchServe Version is 0.12.0\n', code: 0 },
  { title: 'refuses an ambiguous prefix', args: ['--model'], stdout: '', code: 2 },
  { title: 'refuses --start with --stop', args: ['--start', '--stop'], stdout: '', code: 2 },
  { title: 'refuses a stray word', args: ['now'], stdout: '', code: 2 },
  {
    title: 'has nothing to stop',
    args: ['--stop'],
    stdout: 'TorchServe is not currently running.\n',
    code: 0,
  },
  {
    title: 'removes a stale pid file at --stop',
    args: ['--stop'],
    prepare: () => writeFileSync(pidFile(), '999999'),
    stdout: 'Removing orphan pid file.\nTorchServe is not currently running.\n',
    code: 0,
  },
  {
    title: 'takes junk in the pid file for stale',
    args: ['--stop'],
    prepare: () => writeFileSync(pidFile(), 'hello'),
    stdout: 'Removing orphan pid file.\nTorchServe is not currently running.\n',
    code: 0,
  },
  {
    title: 'never takes the process of somebody else for a server',
    args: ['--stop'],
    prepare: () => writeFileSync(pidFile(), String(process.ppid)),
    stdout: 'Removing orphan pid file.\nTorchServe is not currently running.\n',
    code: 0,
  },
  {
    title: 'misses the configuration file',
    args: ['--start', ...STORE, '--ts-config', 'no.properties'],
    stdout: '--ts-config file not found: no.properties\n',
    code: 1,
  },
  {
    title: 'prefers the configuration file of the environment',
    args: ['--start', ...STORE, '--ts-config', 'config.properties'],
    env: { TS_CONFIG_FILE: 'other.properties' },
    stdout: '--ts-config file not found: other.properties\n',
    code: 1,
  },
  {
    title: 'misses the model store',
    args: ['--start', '--model-store', 'nowhere'],
    stdout: '--model-store directory not found: nowhere\n',
    code: 1,
  },
  {
    title: 'misses the workflow store',
    args: ['--start', ...STORE, '--workflow-store', 'nowhere'],
    stdout: '--workflow-store directory not found: nowhere\n',
    code: 1,
  },
  {
    title: 'wants a model store',
    args: ['--start', '--foreground'],
    env: { TS_CONFIG_FILE: '' },
    prepare: () => {
      mkdirSync(path.join(site.folder, 'elsewhere'));
      writeFileSync(path.join(site.folder, 'config.properties'), 'model_store=\n');
    },
    stdout: 'Missing mandatory parameter --model-store\n',
    code: 1,
  },
  {
    title: 'misses the log configuration',
    args: ['--start', ...STORE, '--log-config', '/no/log4j2.xml'],
    stdout: '--log-config file not found: /no/log4j2.xml\n',
    code: 1,
  },
  {
    title: 'misses the log configuration of the other backend',
    args: ['--start', ...STORE, '--cpp-log-config', '/no/log.json'],
    stdout: '--cpp-log-config file not found: /no/log.json\n',
    code: 1,
  },
  {
    title: 'refuses a temporary folder that is none',
    args: ['--start', ...STORE],
    env: { TEMP: '/no/such/folder' },
    stdout: 'Invalid temp directory: /no/such/folder, please check TEMP environment variable.\n',
    code: 1,
  },
  {
    title: 'stops at a wrong value',
    args: ['--start', ...STORE],
    prepare: () => site.configure('job_queue_size=many'),
    stdout: "Invalid configuration: job_queue_size: found 'many'; expected an integer >= 1 and <= 1000000.\n",
    code: 1,
  },
  {
    title: 'stops at a bad address',
    args: ['--start', ...STORE, '--foreground'],
    prepare: () => site.configure('inference_address=localhost'),
    stdout: 'Invalid configuration: Invalid binding address: localhost (inference_address)\n',
    code: 1,
  },
];

describe('the words and exit codes of torchserve', () => {
  it.each(rows)('$title', async ({ args, env, prepare, stdout, code }) => {
    prepare?.();
    const missing = stdout.startsWith('Missing');
    if (missing) site.env['TS_CONFIG_FILE'] = undefined;
    const folder = missing ? { ...site, folder: path.join(site.folder, 'elsewhere') } : site;
    const result = await run(folder, TORCHSERVE, args, env);
    expect(result).toMatchObject({ stdout, code });
  });

  it('starts in the background, refuses a second start, stops and leaves nothing', async () => {
    const started = launch(site, TORCHSERVE, ['--start', '--ncs', ...STORE]);
    await started.waitFor('Model server started.');
    const pid = Number(readFileSync(pidFile(), 'utf8'));
    expect(await run(site, TORCHSERVE, ['--start', ...STORE])).toMatchObject({
      stdout: 'TorchServe is already running, please use torchserve --stop to stop TorchServe.\n',
      stderr: expect.stringContaining(`It has process id ${pid}, by ${pidFile()};`),
      code: 1,
    });
    expect(await run(site, TORCHSERVE, ['--stop'])).toMatchObject({ stdout: 'TorchServe has stopped.\n', code: 0 });
    expect(isServing(pid)).toBe(false);
    expect(existsSync(pidFile())).toBe(false);
    expect(await started.finished).toMatchObject({ code: 0 });
  });

  it.each([['--start'], ['--foreground']])('stops at a metrics file that cannot be used, with %s too', async (flag) => {
    site.configure('metrics_config=metrics.yaml');
    writeFileSync(path.join(site.folder, 'metrics.yaml'), 'ts_metrics:\n  summary: []\n');
    const result = await run(site, TORCHSERVE, [flag, ...STORE]);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain(
      `${path.join(site.folder, 'metrics.yaml')}: ts_metrics: found the key 'summary'; expected one of counter, gauge, histogram.`,
    );
    expect(existsSync(pidFile())).toBe(false);
  });

  it('says nothing when --stop --foreground has stopped the server', async () => {
    await run(site, EISEN_DEPLOY, ['serve', '--start', '--ncs']);
    expect(await run(site, TORCHSERVE, ['--stop', '--foreground'])).toMatchObject({ stdout: '', code: 0 });
  });

  it('warns of keys without effect and of unknown ones', async () => {
    site.configure('vmargs=-Xmx1g', 'job_que_size=3');
    const result = await run(site, TORCHSERVE, ['--start', ...STORE, '--log-config', '/no']);
    expect(result.code).toBe(1);
    const started = await run(site, EISEN_DEPLOY, ['serve', '--start', '--ncs']);
    expect(started.stderr).toContain('Warning: TorchServe is using non-default JVM parameters: -Xmx1g');
    expect(started.stderr).toContain("Did you mean 'job_queue_size'?");
    await run(site, EISEN_DEPLOY, ['serve', '--stop']);
  });
});

describe('eisen-deploy serve', () => {
  it('serves ./model_store in the foreground until a signal and exits 0', async () => {
    const server = launch(site, EISEN_DEPLOY, ['serve']);
    await server.waitFor('Model server started.');
    server.child.kill('SIGTERM');
    expect(await server.finished).toMatchObject({ code: 0, stdout: 'Model server started.\n' });
  });

  it('tells why a start in the background failed, exits 1 and leaves no server', async () => {
    writeFileSync(path.join(site.folder, 'model_store', 'junk.mar'), 'no archive');
    const result = await run(site, EISEN_DEPLOY, ['serve', '--start', '--ncs', '--models', 'junk.mar']);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('Failed to load model: junk.mar');
    expect(existsSync(pidFile())).toBe(false);
  });

  it.each([
    [
      'logs',
      'stone',
      ['--foreground'],
      /the log: .*stone.access_log\.log: cannot be written there \(ENOTDIR\)\. \[NOT_WRITABLE\]\n {2}LOG_LOCATION/,
    ],
    [
      'logs',
      'stone/below',
      ['--start'],
      /the log: .*stone.below.ts_log\.log: cannot be written there \(ENOTDIR\)\. \[NOT_WRITABLE\]/,
    ],
    [
      'tokens',
      'key_file.json',
      ['--foreground', '--enable-token-auth'],
      /the file of the tokens: .*key_file\.json: cannot be written there \(EISDIR\)\.? \[NOT_WRITABLE\]/,
    ],
    [
      'tokens',
      'key_file.json',
      ['--start', '--enable-token-auth'],
      /the file of the tokens: .*key_file\.json: cannot be written there \(EISDIR\)\.? \[NOT_WRITABLE\]/,
    ],
  ])(
    'names the file of its %s that cannot be written (%s, %j) and leaves nothing',
    async (what, name, flags, words) => {
      if (what === 'tokens') mkdirSync(path.join(site.folder, name));
      else writeFileSync(path.join(site.folder, 'stone'), '');
      const env = what === 'logs' ? { LOG_LOCATION: name } : {};
      const result = await run(site, EISEN_DEPLOY, ['serve', ...flags, ...STORE], env);
      expect(result.stderr).toMatch(words);
      expect(result.stderr).not.toMatch(/internal error|\n {4}at /);
      expect(result.code).not.toBe(0);
      expect(readdirSync(path.join(site.folder, 'tmp'))).toEqual([]);
      expect(readdirSync(site.folder).filter((file) => /^key_file\.json\./.test(file))).toEqual([]);
    },
  );

  it('serves what loads when told to keep going', async () => {
    writeFileSync(path.join(site.folder, 'model_store', 'junk.mar'), 'no archive');
    const result = await run(site, EISEN_DEPLOY, ['serve', '--start', '--ncs', '--keep-going']);
    expect(result).toMatchObject({ code: 0, stdout: 'Model server started.\n' });
    await run(site, EISEN_DEPLOY, ['serve', '--stop']);
  });

  it('tells where a model was looked for that is not there, and the near name', async () => {
    writeFileSync(path.join(site.folder, 'model_store', 'brain.mar'), 'no archive');
    const result = await run(site, EISEN_DEPLOY, ['serve', '--start', '--ncs', '--models', 'brian.mar']);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(
      /Failed to load model: brian\.mar: Model not found at: brian\.mar; looked in \S+model_store, it holds .*brain\.mar.*\. Did you mean 'brain\.mar'\?/,
    );
  });

  it('tells what to do where there is no model store, behind the words of the peer', async () => {
    const bare = createSite();
    rmSync(path.join(bare.folder, 'model_store'), { recursive: true, force: true });
    const result = await run(bare, EISEN_DEPLOY, ['serve']);
    expect(result).toMatchObject({ code: 1, stdout: 'Missing mandatory parameter --model-store\n' });
    expect(result.stderr).toMatch(/There is no folder \S+model_store either.* --model-store <folder>/);
    bare.remove();
  });

  it.each(['abc', '-1', '70000', '80.5'])('refuses --port %s by its name', async (port) => {
    const result = await run(site, EISEN_DEPLOY, ['serve', `--port=${port}`]);
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(/^Invalid configuration: --port: found '.+'; expected a number from 0 to 65534\.\n$/);
  });

  it('tells when its port is taken and leaves no pid file', async () => {
    const first = launch(site, EISEN_DEPLOY, ['serve', '--port', '0']);
    await first.waitFor('listening on http');
    const port = /127\.0\.0\.1:(\d+)/.exec(first.output())![1]!;
    const other = createSite();
    const second = await run(other, EISEN_DEPLOY, ['serve', '--start', '--port', port]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(
      `cannot listen on http://127.0.0.1:${port} for the inference and management and metrics API: another program has taken it (EADDRINUSE).`,
    );
    expect(second.stderr).toContain('eisen-deploy serve --stop');
    expect(second.stderr).toMatch(/ \[ADDRESS_UNUSABLE\]\n$/);
    expect(second.stderr.match(/cannot listen on/g)).toHaveLength(1);
    const log = readFileSync(path.join(other.folder, 'logs', 'ts_log.log'), 'utf8');
    expect(log.match(/cannot listen on/g)).toHaveLength(1);
    expect(existsSync(path.join(other.folder, 'tmp', '.model_server.pid'))).toBe(false);
    other.remove();
    first.child.kill('SIGINT');
    expect((await first.finished).code).toBe(0);
  });

  it('leaves no server behind when the start is interrupted', async () => {
    site.configure();
    const start = launch(site, EISEN_DEPLOY, ['serve', '--start', '--ncs']);
    await new Promise((resolve) => setTimeout(resolve, 250));
    start.child.kill('SIGKILL');
    await start.finished;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const stop = await run(site, EISEN_DEPLOY, ['serve', '--stop']);
    expect(stop.stdout).toMatch(/not currently running|has stopped/);
    expect(existsSync(pidFile())).toBe(false);
  });
});
