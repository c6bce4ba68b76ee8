import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { addPredictCommand } from '../../src/cli/predict.js';

async function parse(...argv: string[]): Promise<object | undefined> {
  let seen: object | undefined;
  const program = new Command().exitOverride();
  addPredictCommand(program, async (options) => {
    seen = options;
    return 0;
  });
  program.commands[0]!.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(['predict', ...argv], { from: 'user' });
  return seen;
}

const empty = { input: [], output: [] };

describe('the command line', () => {
  it.each<[string[], object]>([
    [[], empty],
    [['--input', 'vol.nii'], { ...empty, input: ['vol.nii'] }],
    [['vol.nii'], { ...empty, input: ['vol.nii'] }],
    [['t1=a.nii', '-i', 't2=b.nii'], { ...empty, input: ['t1=a.nii', 't2=b.nii'] }],
    [['-i', 'a', '-f', '--overlay', 'p.png'], { ...empty, input: ['a'], force: true, overlay: 'p.png' }],
    [['-i', 't1=a.nii', '-i', 't2=b.nii'], { ...empty, input: ['t1=a.nii', 't2=b.nii'] }],
    [['-i', 'a', '--url', 'http://h:1'], { ...empty, input: ['a'], url: 'http://h:1' }],
    [['-i', 'a', '-m', 'x.mar'], { ...empty, input: ['a'], model: 'x.mar' }],
    [
      ['--chain', 'c.json', '-i', 'image=a', '-o', 'image=o.npy'],
      { chain: 'c.json', input: ['image=a'], output: ['image=o.npy'] },
    ],
    [['-i', 'a', '--output', 'o.nii', '--format', 'nifti'], { input: ['a'], output: ['o.nii'], format: 'nifti' }],
    [['-i', 'a', '--data-dir', 'd'], { ...empty, input: ['a'], dataDir: 'd' }],
    [
      ['-i', 'a', '--token-file', 't', '--ca', 'c', '--timeout', '5', '--retry', '1'],
      { ...empty, input: ['a'], tokenFile: 't', ca: 'c', timeout: '5', retry: '1' },
    ],
    [['-i', 'a', '--json', '--quiet'], { ...empty, input: ['a'], json: true, quiet: true }],
  ])('predict %j', async (argv, options) => {
    expect(await parse(...argv)).toEqual(options);
  });

  it.each([[['--input']], [['--token', 'secret']], [['--unknown']]])('refuses predict %j', async (argv) => {
    await expect(parse(...argv)).rejects.toMatchObject({ name: 'CommanderError' });
  });
});
