import { describe, expect, it } from '@jest/globals';
import { readGolden } from '../../support/golden.js';
import { replayAll } from '../../support/golden-chain.js';

const cases = readGolden('eisen_arrays', 'transforms');
const names = [...new Set(cases.map(({ name }) => name.split(' ')[0]!))];

describe('the array transforms of Eisen, bit for bit as eisen-core 0.0.9 on numpy 1.26', () => {
  it.each(
    names.map((name) => {
      const list = cases.filter((golden) => golden.name.startsWith(`${name} `));
      return { name, count: list.length, list };
    }),
  )('$name in $count cases', async ({ list }) => {
    expect((await replayAll(list)).slice(0, 20)).toEqual([]);
  });
});
