import { describe, expect, it, jest } from '@jest/globals';
import { expandFlagPrefixes, findOneDashFlag } from '../../src/cli/flag-prefix.js';
import { main } from '../../src/cli.js';

const FLAGS = ['--model', '--model-name', '--model-file', '--version', '--handler', '--extra-files'];

describe('expandFlagPrefixes', () => {
  it.each<[string[], string[]]>([
    [
      ['--model-n', 'x', '--vers', '1'],
      ['--model-name', 'x', '--version', '1'],
    ],
    [['--vers=1.0=a'], ['--version=1.0=a']],
    [
      ['--model', 'm', '--mod', 'm'],
      ['--model', 'm', '--mod', 'm'],
    ],
    [
      ['--handler', 'h', '--', '--vers'],
      ['--handler', 'h', '--', '--vers'],
    ],
    [
      ['-v', '1', '--unknown'],
      ['-v', '1', '--unknown'],
    ],
  ])('%j becomes %j', (argv, expected) => {
    expect(expandFlagPrefixes(argv, FLAGS)).toEqual(expected);
  });
});

describe('a long flag with one dash', () => {
  it.each<[string[], string | undefined]>([
    [['-model', 'x.mar'], '-model'],
    [['-i', 'x', '-version=1'], '-version=1'],
    [['-m', 'x', '-mx.mar', '--model', 'y', '-1,2'], undefined],
    [['--', '-model'], undefined],
  ])('is found in %j and not taken for `-m odel`', (argv, found) => {
    expect(findOneDashFlag(argv, FLAGS)).toBe(found);
  });

  it('is refused as wrong usage', async () => {
    let said = '';
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
    expect(await main(['predict', '-model', 'x.mar', '-i', 'y'])).toBe(2);
    jest.restoreAllMocks();
    expect(said).toContain('-model: one dash is for flags of one letter; expected --model.');
  });
});
