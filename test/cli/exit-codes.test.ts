import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { main } from '../../src/cli.js';
import { createScratchFolder } from '../support/scratch-folder.js';
import { identityModel } from '../support/tiny-onnx.js';

const folder = createScratchFolder();
const at = (name: string): string => path.join(folder, name);
const place = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content);
  return at(name);
};

interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The whole command line in this process, both streams recorded. */
async function run(argv: readonly string[]): Promise<Run> {
  const written = { stdout: '', stderr: '' };
  const record = (name: 'stdout' | 'stderr') =>
    jest.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    });
  const spies = [record('stdout'), record('stderr')];
  process.exitCode = 0;
  try {
    const exitCode = await main(argv);
    return { exitCode, ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = 0;
  }
}

/** Every path is a fault: its status, and a page that is not ours under /html. */
const server = http.createServer((request, response) => {
  const status = Number(/\/(\d{3})$/.exec(request.url ?? '')?.[1] ?? 200);
  request.resume().on('end', () => {
    if (request.url === '/silent') return;
    response.statusCode = status;
    if (status === 503) response.setHeader('retry-after', '7');
    response.end(request.url === '/html' ? '<!doctype html><title>Welcome</title>' : '{}');
  });
});
let origin = '';
let closed = '';

beforeAll(async () => {
  const listen = () => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await listen();
  closed = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise((resolve) => server.close(resolve));
  await listen();
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  mkdirSync(at('empty'));
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const good = place('good.json', '{"inputs":[],"outputs":[]}');
const bad = place('bad.json', '{"inputs":[],"outputs":3}');
const cut = place('cut.json', '{"inputs": [');
const text = place('text.nii', 'hello');
const chain = place('chain.json', '[{"type":"LoadImage","params":{"fields":["image"]}}]');
const lone = place('lone.json', '{"type":"Squeeze","params":{"fields":["image"]}}');
const model = place('model.onnx', identityModel());
const junk = place('junk.mar', 'PK and nothing else');
const pair = place('token', 'two words\n');

const metadata = (...argv: string[]) => ['metadata', ...argv];
const predict = (...argv: string[]) => ['predict', '-i', text, ...argv];
const pack = (...argv: string[]) => ['package', '--model', model, '--model-name', 'm', '--version', '1', ...argv];
const served = (way: string, ...argv: string[]) => [...predict('--url', `${origin}${way}`, '--retry', '0'), ...argv];

describe('the exit code is', () => {
  it.each<[number, string, () => string[]]>([
    [0, '--help', () => ['--help']],
    [0, '--version', () => ['--version']],
    [0, 'metadata validate, valid', () => metadata('validate', good)],
    [0, 'metadata show', () => metadata('show', model)],
    [2, 'no command', () => []],
    [2, 'an unknown command', () => ['predct']],
    [2, 'an unknown flag', () => predict('--bogus')],
    [2, 'metadata create with nothing', () => metadata('create')],
    [2, 'metadata create over a file', () => metadata('create', '--from', model, '-o', good)],
    [2, 'predict without an input', () => ['predict']],
    [2, 'predict with two ways', () => predict('--url', origin, '--model', junk)],
    [2, 'predict with a timeout that is none', () => predict('--timeout', 'soon')],
    [2, 'predict with a graph for an archive', () => predict('--model', model)],
    [2, 'predict with a number that is none', () => predict('--retry', 'often')],
    [2, 'predict with authorities that are none', () => predict('--ca', text)],
    [2, 'predict with a token that is none', () => predict('--token-file', pair)],
    [2, 'predict with an address that is none', () => predict('--url', 'brain')],
    [2, 'predict over a file', () => ['predict', '--chain', chain, '-i', `image=${model}`, '-o', `image=${good}`]],
    [2, 'metadata create into a dash', () => metadata('create', '--from', model, '-o', '-')],
    [2, 'predict to stdout', () => predict('--url', origin, '-o', '-')],
    [2, 'predict from stdin', () => ['predict', '-i', 'image=-', '--url', origin]],
    [2, 'package of an empty version', () => ['package', '--model', model, '--model-name', 'm', '--version', '']],
    [2, 'package without a name', () => ['package', '--model', model]],
    [3, 'metadata show of nothing', () => metadata('show', at('none'))],
    [3, 'metadata validate of nothing', () => metadata('validate', at('none'))],
    [3, 'metadata create from nothing', () => metadata('create', '--from', at('none'))],
    [3, 'metadata create with broken JSON', () => metadata('create', '--input', 'a:str', '--custom', '{')],
    [
      3,
      'predict of no image',
      () => ['predict', '--chain', chain, '-i', `image=${text}`, '-o', `image=${at('o.npy')}`],
    ],
    [
      3,
      'predict of no file',
      () => ['predict', '--chain', chain, '-i', `image=${at('none')}`, '-o', `image=${at('o.npy')}`],
    ],
    [
      3,
      'predict of an empty folder',
      () => ['predict', '--chain', chain, '-i', `image=${at('empty')}`, '-o', `image=${at('o.npy')}`],
    ],
    [
      3,
      'predict into no folder',
      () => ['predict', '--chain', chain, '-i', `image=${text}`, '-o', `image=${at('no/o.npy')}`],
    ],
    [3, 'predict into a file', () => ['predict', '--chain', chain, '-i', `image=${text}`, '-o', `image=${text}/o.npy`]],
    [3, 'metadata create into a file', () => metadata('create', '--from', model, '-o', `${good}/o.json`)],
    [3, 'predict by no archive', () => predict('--model', at('none.mar'))],
    [3, 'predict with no list of authorities', () => predict('--ca', at('none.pem'))],
    [
      3,
      'predict with a chain that is no JSON',
      () => ['predict', '--chain', cut, '-i', `image=${text}`, '-o', 'image=o.npy'],
    ],
    [3, 'package of nothing', () => ['package', '--model', at('none'), '--model-name', 'm', '--version', '1']],
    [4, 'metadata validate, not valid', () => metadata('validate', bad)],
    [4, 'metadata validate, no JSON', () => metadata('validate', cut)],
    [4, 'metadata show of a damaged archive', () => metadata('show', junk)],
    [4, 'metadata create of an unknown type', () => metadata('create', '--input', 'a:tensr')],
    [4, 'predict by a damaged archive', () => predict('--model', junk)],
    [
      4,
      'predict with a chain without a list',
      () => ['predict', '--chain', lone, '-i', `image=${text}`, '-o', 'image=o.npy'],
    ],
    [4, 'package with bad metadata', () => pack('--metadata', bad)],
    [4, 'package with a bad chain', () => pack('--pre-processing', lone)],
    [4, 'package --check of a damaged archive', () => ['package', '--check', junk]],
    [5, 'predict where nobody listens', () => predict('--url', closed)],
    [5, 'metadata show where nobody listens', () => metadata('show', closed)],
    [5, 'predict where no such model is', () => served('/predictions/404')],
    [5, 'predict where a token is asked for', () => served('/predictions/401')],
    [5, 'predict where the server fails', () => served('/predictions/500')],
    [5, 'predict where the server points elsewhere', () => served('/predictions/302')],
    [5, 'predict where a web site answers', () => served('/html')],
    [75, 'predict where the server is busy', () => served('/predictions/503')],
    [75, 'predict where the server is silent', () => served('/silent', '--timeout', '0.2')],
  ])('%i for %s', async (exitCode, _what, argv) => {
    const plain = await run(argv());
    expect([plain.exitCode, plain.stderr]).toEqual([exitCode, expect.any(String)]);
    if (exitCode !== 0) expect(plain.stderr + plain.stdout).not.toBe('');
    expect(readdirSync(folder).filter((name) => /^\.|m\.mar|o\.npy/.test(name))).toEqual([]);
  });
});

describe('with --json a failure is one object on stdout, and words on stderr', () => {
  it.each<[string, () => string[], object]>([
    [
      'bad input',
      () => ['predict', '--chain', chain, '-i', `image=${text}`, '-o', `image=${at('o.npy')}`],
      { code: 'IMAGE_FORMAT', exitCode: 3, where: expect.stringContaining('chain.json#/0') },
    ],
    [
      'broken JSON',
      () => ['predict', '--chain', cut, '-i', `image=${text}`, '-o', 'image=o.npy'],
      { code: 'JSON_INVALID', exitCode: 3, where: `${cut}:1:13` },
    ],
    [
      'no server',
      () => predict('--url', closed),
      { code: 'SERVER_UNREACHABLE', exitCode: 5, hint: expect.any(String) },
    ],
    [
      'a busy server',
      () => served('/predictions/503'),
      { code: 'SERVER_BUSY', exitCode: 75, hint: 'Try again in 7 s.', found: 'HTTP status 503' },
    ],
    ['a wrong flag', () => predict('--bogus'), { code: 'USAGE', exitCode: 2, message: "unknown option '--bogus'" }],
    ['a missing file', () => metadata('show', at('none')), { code: 'FILE_NOT_FOUND', exitCode: 3, where: at('none') }],
    [
      'bad metadata',
      () => pack('--metadata', bad),
      { code: 'METADATA_INVALID', exitCode: 4, where: `${bad}#/outputs` },
    ],
  ])('%s', async (_what, argv, error) => {
    const { exitCode, stdout, stderr } = await run([...argv(), '--json']);
    const report = JSON.parse(stdout) as { error: { code: string; message: string; exitCode: number } };
    expect(Object.keys(report)).toEqual(['error']);
    expect(report.error).toMatchObject(error);
    expect(report.error.exitCode).toBe(exitCode);
    expect(stderr).toContain(report.error.message.split('\n')[0]!);
    expect(stderr).not.toContain('\u001b');
  });
});
