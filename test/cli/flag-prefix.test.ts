import { describe, expect, it } from '@jest/globals';
import { expandFlagPrefixes } from '../../src/cli/flag-prefix.js';

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
