import { describe, expect, it } from '@jest/globals';
import { translateTorchserveArguments } from '../../src/cli/torchserve-arguments.js';

function argvOf(line: string): readonly string[] {
  const call = translateTorchserveArguments(line.split(' ').filter((word) => word !== ''));
  if (call.kind !== 'serve') throw new Error(JSON.stringify(call));
  return call.argv;
}

describe('the command line of torchserve', () => {
  it.each([
    ['', 'serve --start --inherit-output'],
    [
      '--start --ncs --model-store s --models a.mar',
      'serve --inherit-output --start --ncs --model-store s --models a.mar',
    ],
    [
      '--model-s s --models b=a.mar c.mar --fore',
      'serve --inherit-output --model-store s --models b=a.mar c.mar --foreground',
    ],
    ['--model-store=s --ts-conf=c', 'serve --start --inherit-output --model-store s --ts-config c'],
    ['--sta', 'serve --inherit-output --start'],
    ['--stop --foreground', 'serve --stop --foreground'],
    ['--dt --enable', 'serve --start --inherit-output --dt --enable-model-api'],
    ['--no-config', 'serve --start --inherit-output --no-config-snapshots'],
    ['--pp p --plugins p', 'serve --start --inherit-output --ppath p --plugins-path p'],
  ])('%s becomes %s', (line, expected) => {
    expect(argvOf(line).join(' ')).toBe(expected);
  });

  it.each(['-v', '--version', '--vers'])('%s asks for the version', (word) => {
    expect(translateTorchserveArguments([word])).toEqual({ kind: 'version' });
  });

  it.each([
    ['--start --stop', 'not allowed with argument'],
    ['-v --start', 'not allowed with argument'],
    ['--model', 'ambiguous option: --model could match --model-store, --models'],
    ['--st', 'ambiguous option'],
    ['--no-such', 'unrecognized arguments: --no-such'],
    ['stray', 'unrecognized arguments: stray'],
    ['--ts-config', 'argument --ts-config: expected an argument'],
    ['--models --start', 'argument --models: expected an argument'],
    ['--start=yes', 'ignored explicit argument'],
    ['-x', 'unrecognized arguments: -x'],
  ])('%s is refused', (line, message) => {
    const call = translateTorchserveArguments(line.split(' '));
    expect(call).toMatchObject({ kind: 'usage', message: expect.stringContaining(message) });
  });
});
