import { describe, expect, it } from '@jest/globals';
import { decodeImage } from '../../../src/core/imaging/decode-image.js';
import { renderOverlay } from '../../../src/core/imaging/overlay.js';
import { textHeight } from '../../../src/core/imaging/pictures/canvas.js';
import { labelColour } from '../../../src/core/imaging/pictures/label-colours.js';
import { encodePng, type Picture } from '../../../src/core/imaging/png.js';
import { flipAxis, transpose } from '../../../src/core/tensor/layout.js';
import { createNdArray, type NdArray, wrapNdArray } from '../../../src/core/tensor/ndarray.js';

const EYE = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

function noise(length: number): Uint8Array {
  let state = 5;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

describe('encodePng', () => {
  it.each([1, 3, 4] as const)('writes %s samples a pixel that read back equal', async (channels) => {
    const data = noise(17 * 9 * channels);
    const file = encodePng({ width: 17, height: 9, channels, data });
    const image = await decodeImage(new Uint8Array(file), { name: 'p.png' });
    expect(image.array.shape).toEqual(channels === 1 ? [9, 17] : [9, 17, channels]);
    expect(image.array.data).toEqual(data);
    expect(encodePng({ width: 17, height: 9, channels, data })).toEqual(file);
  });

  it('refuses samples that do not fill the picture', () => {
    expect(() => encodePng({ width: 2, height: 2, channels: 3, data: new Uint8Array(11) })).toThrow(
      'needs 12 samples; found 11',
    );
    expect(() => encodePng({ width: 0, height: 2, channels: 1, data: new Uint8Array(0) })).toThrow(
      'a picture of 0 × 2',
    );
  });
});

/** Centre of the pixels of a colour within columns [from, to), in picture coordinates. */
function centreOf(
  picture: Picture,
  colour: readonly number[],
  [from, to]: readonly [number, number],
): [number, number] {
  let [x, y, count] = [0, 0, 0];
  for (let n = 0; n < picture.width * picture.height; n += 1) {
    const column = n % picture.width;
    // The legend below repeats the colour.
    if (column < from || column >= to || n >= picture.width * 135) continue;
    if (colour.every((value, k) => picture.data[n * 3 + k] === value)) {
      x += column;
      y += Math.floor(n / picture.width);
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(0);
  return [x / count, y / count];
}

describe('renderOverlay', () => {
  const shape = [40, 50, 30];

  /** A volume in RAS+ with a labelled block at the patient's right front top. */
  function makeLabels(): NdArray {
    const labels = createNdArray('uint8', shape, 'F');
    const mark = (from: readonly number[], label: number): void => {
      for (let n = 0; n < 1000; n += 1) {
        const at = [from[0]! + (n % 10), from[1]! + (Math.floor(n / 10) % 10), from[2]! + Math.floor(n / 100)];
        labels.data[at[0]! + 40 * (at[1]! + 50 * at[2]!)] = label;
      }
    };
    mark([25, 35, 14], 1);
    return labels;
  }

  const image = createNdArray('float32', shape, 'F');
  const panels = [
    [12, 112],
    [152, 252],
    [292, 392],
  ] as const;

  function checkSides(picture: Picture): void {
    for (const panel of panels) {
      const [x, y] = centreOf(picture, labelColour(1), panel);
      expect(x).toBeLessThan(panel[0] + 50);
      expect(y).toBeLessThan(89);
    }
    expect(picture.width).toBe(404);
  }

  it("shows the patient's right on the left and the front on the left of the sagittal plane", () => {
    const picture = renderOverlay({ image, labels: makeLabels(), affine: EYE, panelPixels: 100 });
    checkSides(picture);
  });

  it('is the same picture whatever the orientation the file is stored in', () => {
    const labels = makeLabels();
    const wanted = renderOverlay({ image, labels, affine: EYE, panelPixels: 100 });
    const lps = [-1, 0, 0, 39, 0, -1, 0, 49, 0, 0, 1, 0, 0, 0, 0, 1];
    const flip = (array: NdArray): NdArray => flipAxis(flipAxis(array, 0), 1);
    expect(renderOverlay({ image: flip(image), labels: flip(labels), affine: lps, panelPixels: 100 })).toEqual(wanted);
    const permuted = [0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1];
    const turn = (array: NdArray): NdArray => transpose(array, [2, 0, 1]);
    expect(renderOverlay({ image: turn(image), labels: turn(labels), affine: permuted, panelPixels: 100 })).toEqual(
      wanted,
    );
  });

  it('names the labels in a legend that wraps', () => {
    const labels = createNdArray('uint8', [30, 2, 1], 'F');
    for (let n = 0; n < 30; n += 1) labels.data[n] = n;
    const small = renderOverlay({
      image: createNdArray('uint8', [30, 2, 1], 'F'),
      labels: makeFew(labels),
      affine: EYE,
      panelPixels: 60,
    });
    const large = renderOverlay({
      image: createNdArray('uint8', [30, 2, 1], 'F'),
      labels,
      affine: EYE,
      panelPixels: 60,
      names: new Map([[1, 'a very long name of a label']]),
    });
    expect(large.height).toBeGreaterThan(small.height);
  });

  function makeFew(labels: NdArray): NdArray {
    return { ...labels, data: (labels.data as Uint8Array).map((value) => Math.min(value, 1)) };
  }

  it('shows a volume without labels', () => {
    const picture = renderOverlay({
      image: wrapNdArray('int16', [2, 2, 2], Int16Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
      labels: createNdArray('uint8', [2, 2, 2]),
      affine: EYE,
      panelPixels: 40,
    });
    expect(picture.data.some((value) => value === 255)).toBe(true);
  });

  it('shows every slice where it lies, from black at the lowest value to white at the highest, negative ones too', () => {
    const side = 20;
    const data = Int16Array.from({ length: side ** 3 }, (_, n) => -1000 + 100 * Math.floor(n / side ** 2));
    const ct = wrapNdArray('int16', [side, side, side], data);
    const upwards = transpose(ct, [2, 1, 0]);
    const picture = renderOverlay({
      image: upwards,
      labels: createNdArray('uint8', [side, side, side]),
      affine: EYE,
      panelPixels: 100,
    });
    const column = panels[1][0] + 50;
    const top = 2 * 12 + textHeight(3);
    const levels = Array.from({ length: 100 }, (_, y) => picture.data[3 * ((top + y) * picture.width + column)]!);
    const wanted = Array.from({ length: 100 }, (_, y) => Math.round((255 * (19 - Math.floor((y + 0.5) / 5))) / 19));
    expect(levels).toEqual(wanted);
  });

  it('gives twenty labels twenty colours', () => {
    expect(new Set(Array.from({ length: 20 }, (_, n) => labelColour(n + 1).join())).size).toBe(20);
  });

  it('refuses labels of another size', () => {
    expect(() => renderOverlay({ image, labels: createNdArray('uint8', [1, 2, 3]), affine: EYE })).toThrow(
      'the same three axes',
    );
  });
});
