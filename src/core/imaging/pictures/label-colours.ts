import type { Colour } from './canvas.js';

/** Distinct on grey, also for the common kinds of colour blindness for the first few. */
const FIRST: readonly Colour[] = [
  [86, 180, 233],
  [230, 159, 0],
  [0, 158, 115],
  [204, 121, 167],
  [240, 228, 66],
  [213, 94, 0],
  [0, 114, 178],
  [160, 220, 120],
];

/** The colour of a label from 1; past the table hues turn by the golden angle, so that neighbours differ. */
export function labelColour(label: number): Colour {
  const fixed = FIRST[label - 1];
  if (fixed) return fixed;
  const hue = (label * 137.508) % 360;
  const level = (shift: number): number => {
    const k = (shift + hue / 30) % 12;
    return Math.round(255 * (0.55 - 0.4 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [level(0), level(8), level(4)];
}
