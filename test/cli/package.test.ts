import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { addPackageCommand } from '../../src/cli/package.js';
import type { PackageCommandOptions } from '../../src/commands/package.js';

async function parse(...argv: string[]): Promise<PackageCommandOptions | undefined> {
  let seen: PackageCommandOptions | undefined;
  const program = new Command().version('9.9.9').enablePositionalOptions().exitOverride();
  addPackageCommand(program, async (options) => {
    seen = options;
    return 0;
  });
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(['package', ...argv], { from: 'user' });
  return seen;
}

const DEFAULTS = { runtime: 'python', archiveFormat: 'default' };

describe('the command line of package', () => {
  it.each<[string[], object]>([
    [[], DEFAULTS],
    [
      ['--model-name', 'noop', '--version', '1.0', '--handler', 'noop.py', '-f'],
      { ...DEFAULTS, modelName: 'noop', version: '1.0', handler: 'noop.py', force: true },
    ],
    [
      ['-v', '2', '-r', 'r.txt', '-c', 'c.yaml', '--force', '--runtime', 'LSP', '--archive-format', 'tgz'],
      {
        version: '2',
        requirementsFile: 'r.txt',
        configFile: 'c.yaml',
        force: true,
        runtime: 'LSP',
        archiveFormat: 'tgz',
      },
    ],
    [
      ['--serialized-file', 'm.pt', '--model-file', 'm.py', '--extra-files', 'a,b', '--export-path', 'out'],
      { ...DEFAULTS, serializedFile: 'm.pt', modelFile: 'm.py', extraFiles: 'a,b', exportPath: 'out' },
    ],
    [['--requirements-file', 'r', '--config-file', 'c'], { ...DEFAULTS, requirementsFile: 'r', configFile: 'c' }],
    [
      ['--model', 'm.onnx', '--metadata', 'a', '--pre-processing', 'b', '--post-processing', 'c', '--sample', 'd'],
      { ...DEFAULTS, model: 'm.onnx', metadata: 'a', preProcessing: 'b', postProcessing: 'c', sample: 'd' },
    ],
    [
      ['--license', 'MIT', '--author', 'A', '--model-description', 'B', '--source', 'C', '--training-data', 'D'],
      { ...DEFAULTS, license: 'MIT', author: 'A', modelDescription: 'B', source: 'C', trainingData: 'D' },
    ],
    [['--check', 'x.mar', '--json', '--quiet'], { ...DEFAULTS, check: 'x.mar', json: true, quiet: true }],
  ])('%j', async (argv, options) => {
    expect(await parse(...argv)).toEqual(options);
  });

  it.each([[['--unknown']], [['--model-name']], [['stray']]])('refuses %j', async (argv) => {
    await expect(parse(...argv)).rejects.toMatchObject({ name: 'CommanderError' });
  });
});
