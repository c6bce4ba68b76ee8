import { EisenError } from '../errors/error.js';
import type { NdArray } from '../tensor/ndarray.js';
import type { Affine } from '../tensor/value.js';
import { voxelSizes } from './affine.js';
import { type Canvas, type Colour, createCanvas, drawText, fillBox, textHeight, textWidth } from './pictures/canvas.js';
import { findFocus, greyWindow } from './pictures/focus.js';
import { labelColour } from './pictures/label-colours.js';
import { PLANE_VIEWS, type Plane, type PlaneView, takePlane } from './pictures/plane-view.js';
import type { Picture } from './png.js';
import { toClosestCanonical } from './reorient.js';

export interface OverlayRequest {
  /** Three axes, the background in grey. */
  readonly image: NdArray;
  /** Three axes of the same lengths: a label a voxel, 0 for none. */
  readonly labels: NdArray;
  /** RAS+ affine of both. */
  readonly affine: Affine;
  /** Name of each label by its number; unnamed labels are listed by number. */
  readonly names?: ReadonlyMap<number, string>;
  /** Height and width of the square that each plane is fitted into, in pixels. */
  readonly panelPixels?: number;
}

const MARGIN = 12;
/** Between two planes, so that their marks do not read as one. */
const GAP = 40;
const TEXT = 3;
const WHITE: Colour = [255, 255, 255];
const GREY: Colour = [150, 150, 150];
/** Share of the label's colour inside a label; its outline is drawn in full. */
const TINT = 0.4;

/**
 * Three planes through the middle of the labels (of the volume when there are none), labels in colour, with a legend and
 * marks for right and left. Planes are shown in radiological convention whatever the orientation of the file, with
 * pixels of equal millimetres. Throws TENSOR_SHAPE unless both arrays have the same three axes.
 */
export function renderOverlay(request: OverlayRequest): Picture {
  const { affine, names, panelPixels = 320 } = request;
  const { image, labels } = request;
  if (image.shape.length !== 3 || image.shape.some((length, axis) => length !== labels.shape[axis] || length === 0)) {
    throw new EisenError(
      'TENSOR_SHAPE',
      `an overlay needs an image and labels of the same three axes; found [${image.shape.join(', ')}] and [${labels.shape.join(', ')}].`,
    );
  }
  const spatialAxes = [0, 1, 2] as const;
  const grey = toClosestCanonical({ array: image, affine, spatialAxes });
  const marks = toClosestCanonical({ array: labels, affine, spatialAxes }).array;
  const sizes = voxelSizes(grey.affine);
  const { index, present } = findFocus(marks);
  const legend = present.map((label) => ({ label, text: names?.get(label) ?? `LABEL ${label}` }));
  const line = textHeight(TEXT) + MARGIN;
  const width = 3 * panelPixels + 2 * (MARGIN + GAP);
  const rows = layOutLegend(legend, width - 2 * MARGIN);
  const canvas = createCanvas(width, panelPixels + 3 * MARGIN + line * (rows.length + 1));
  const window = greyWindow(grey.array);
  PLANE_VIEWS.forEach((view, n) => {
    const box = { x: MARGIN + n * (panelPixels + GAP), y: MARGIN + line, side: panelPixels };
    const through = view.axes[2];
    const at = index[through]!;
    drawPanel(canvas, box, {
      ...{ view, window, sizes },
      grey: takePlane(grey.array, view, at),
      marks: takePlane(marks, view, at),
    });
  });
  rows.forEach((entries, row) => {
    for (const { x, label, text } of entries) {
      const y = panelPixels + 2 * MARGIN + line * (row + 1);
      fillBox(canvas, { x: MARGIN + x, y, width: textHeight(TEXT), height: textHeight(TEXT) }, labelColour(label));
      drawText(canvas, text, { x: MARGIN + x + textHeight(TEXT) + 8, y, scale: TEXT, colour: WHITE });
    }
  });
  return canvas;
}

interface Panel {
  readonly view: PlaneView;
  readonly grey: Plane;
  readonly marks: Plane;
  readonly window: { readonly low: number; readonly high: number };
  readonly sizes: readonly number[];
}

function drawPanel(canvas: Canvas, box: { x: number; y: number; side: number }, panel: Panel): void {
  const { view, grey, marks, window, sizes } = panel;
  const [mmX, mmY] = [sizes[view.axes[0]]!, sizes[view.axes[1]]!];
  const perPixel = Math.max(grey.width * mmX, grey.height * mmY) / box.side;
  const width = Math.max(Math.floor((grey.width * mmX) / perPixel), 1);
  const height = Math.max(Math.floor((grey.height * mmY) / perPixel), 1);
  const left = box.x + ((box.side - width) >> 1);
  const top = box.y + ((box.side - height) >> 1);
  const columnOf = (x: number): number => Math.min(Math.floor(((x + 0.5) * perPixel) / mmX), grey.width - 1);
  const rowOf = (y: number): number => Math.min(Math.floor(((y + 0.5) * perPixel) / mmY), grey.height - 1);
  const labelAt = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : marks.at(columnOf(x), rowOf(y));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const value = grey.at(columnOf(x), rowOf(y));
      const level = Math.round(255 * Math.min(Math.max((value - window.low) / (window.high - window.low), 0), 1)) || 0;
      const label = labelAt(x, y);
      const edge =
        label > 0 &&
        [
          [1, 0],
          [-1, 0],
          [0, 1],
          [0, -1],
        ].some(([dx, dy]) => labelAt(x + dx!, y + dy!) !== label);
      const colour =
        label > 0 ? mixColour(labelColour(label), level, edge ? 1 : TINT) : ([level, level, level] as const);
      fillBox(canvas, { x: left + x, y: top + y, width: 1, height: 1 }, colour);
    }
  }
  drawText(canvas, view.name, {
    x: box.x + ((box.side - textWidth(view.name, TEXT)) >> 1),
    y: MARGIN,
    scale: TEXT,
    colour: GREY,
  });
  const middle = box.y + ((box.side - textHeight(TEXT + 1)) >> 1);
  drawText(canvas, view.sides[0], { x: box.x + 2, y: middle, scale: TEXT + 1, colour: WHITE });
  drawText(canvas, view.sides[1], {
    x: box.x + box.side - textWidth('L', TEXT + 1) - 2,
    y: middle,
    scale: TEXT + 1,
    colour: WHITE,
  });
}

function mixColour(colour: Colour, level: number, share: number): Colour {
  const [r, g, b] = colour.map((value) => Math.round(value * share + level * (1 - share)));
  return [r!, g!, b!];
}

interface LegendEntry {
  readonly label: number;
  readonly text: string;
}

/** Entries side by side in as many rows as they need. */
function layOutLegend(entries: readonly LegendEntry[], width: number): (LegendEntry & { x: number })[][] {
  const rows: (LegendEntry & { x: number })[][] = [[]];
  let x = 0;
  for (const entry of entries) {
    const needed = textHeight(TEXT) + 8 + textWidth(entry.text, TEXT) + 2 * MARGIN;
    if (x + needed > width && x > 0) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)!.push({ ...entry, x });
    x += needed;
  }
  return rows;
}
