import { describe, expect, it } from '@jest/globals';
import { type GoldenCase, readGolden } from '../../support/golden.js';
import { replayAll, type Tolerance } from '../../support/golden-chain.js';

/** Reference formulas are in float64 and rounded once; ours rounds at most a few times on the way. */
const CLOSE: Tolerance = { absolute: 2e-5, relative: 1e-5 };
const EXACT = new Set([
  ...[
    'Argmax',
    'Threshold',
    'RegionsToLabels',
    'Transpose',
    'SelectChannel',
    'Cast',
    'AddBatchDimension',
    'ClipIntensity',
  ],
  ...[
    'KeepLargestComponent',
    'RemoveSmallComponents',
    'FillHoles',
    'MapLabels',
    'PadToMultiple',
    'CropOrPad',
    'CropForeground',
  ],
]);

function byTransform(cases: GoldenCase[]): { name: string; count: number; list: GoldenCase[] }[] {
  const names = [...new Set(cases.map(({ name }) => name.split(' ')[0]!))];
  return names.map((name) => {
    const list = cases.filter((golden) => golden.name.startsWith(`${name} `));
    return { name, count: list.length, list };
  });
}

describe.each(['own_intensity', 'own_space', 'own_sampling'])('%s against numpy and scipy', (file) => {
  it.each(byTransform(readGolden(file, 'transforms')))('$name in $count cases', async ({ name, list }) => {
    expect((await replayAll(list, EXACT.has(name) ? undefined : CLOSE)).slice(0, 12)).toEqual([]);
  });
});
