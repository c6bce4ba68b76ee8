import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { addMetadataCommand } from '../../src/cli/metadata.js';
import type { MetadataCommandOptions } from '../../src/commands/metadata.js';

async function parse(...argv: string[]): Promise<MetadataCommandOptions | undefined> {
  let seen: MetadataCommandOptions | undefined;
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addMetadataCommand(program, async (options) => {
    seen = options;
    return 0;
  });
  for (const command of [...program.commands, ...program.commands.flatMap((inner) => inner.commands)]) {
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  }
  await program.parseAsync(['metadata', ...argv], { from: 'user' });
  return seen;
}

const empty = { action: 'create', input: [], output: [], modelInput: [], modelOutput: [] };

describe('the command line', () => {
  it.each<[string[], object]>([
    [['create'], empty],
    [['create', '--from', 'm.onnx', '-o', 'x.json'], { ...empty, from: 'm.onnx', out: 'x.json' }],
    [['create', '--out', 'x.json', '--force', '--quiet'], { ...empty, out: 'x.json', force: true, quiet: true }],
    [
      ['create', '--input', 'a:ndarray:-1,1', '--input', 'b:str', '--output', 'c:list:3'],
      { ...empty, input: ['a:ndarray:-1,1', 'b:str'], output: ['c:list:3'] },
    ],
    [
      ['create', '--model-input', 'a', '--model-output', 'b', '--model-output', 'c', '--custom', '{}'],
      { ...empty, modelInput: ['a'], modelOutput: ['b', 'c'], custom: '{}' },
    ],
    [['show', 'm.onnx'], { action: 'show', source: 'm.onnx' }],
    [
      ['show', 'http://h', '--json', '--token-file', 't', '--ca', 'c'],
      { action: 'show', source: 'http://h', json: true, tokenFile: 't', ca: 'c' },
    ],
    [['validate', 'metadata.json', '--json'], { action: 'validate', source: 'metadata.json', json: true }],
  ])('metadata %j', async (argv, options) => {
    expect(await parse(...argv)).toEqual(options);
  });

  it.each([[['show']], [['validate']], [['create', '--unknown']], [['create', '--from']], [['other']]])(
    'refuses metadata %j',
    async (argv) => {
      await expect(parse(...argv)).rejects.toMatchObject({ name: 'CommanderError' });
    },
  );
});
