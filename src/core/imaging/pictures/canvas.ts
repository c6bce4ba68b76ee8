import type { Picture } from '../png.js';
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphRows } from './font.js';

export type Colour = readonly [number, number, number];

/** A picture that is being drawn, RGB. */
export interface Canvas extends Picture {
  readonly channels: 3;
}

export function createCanvas(width: number, height: number): Canvas {
  return { width, height, channels: 3, data: new Uint8Array(width * height * 3) };
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Fills a box; what lies outside the canvas is left out. */
export function fillBox(canvas: Canvas, { x, y, width, height }: Box, [r, g, b]: Colour): void {
  for (let row = Math.max(y, 0); row < Math.min(y + height, canvas.height); row += 1) {
    for (let column = Math.max(x, 0); column < Math.min(x + width, canvas.width); column += 1) {
      const at = (row * canvas.width + column) * 3;
      canvas.data[at] = r;
      canvas.data[at + 1] = g;
      canvas.data[at + 2] = b;
    }
  }
}

/** Pixels a line of text is wide at this scale. */
export function textWidth(text: string, scale: number): number {
  return Math.max(text.length * (GLYPH_WIDTH + 1) - 1, 0) * scale;
}

export function textHeight(scale: number): number {
  return GLYPH_HEIGHT * scale;
}

interface TextPlace {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly colour: Colour;
}

/** Draws a line of text with its upper left corner at x, y. */
export function drawText(canvas: Canvas, text: string, { x, y, scale, colour }: TextPlace): void {
  [...text].forEach((character, n) => {
    glyphRows(character).forEach((dots, row) => {
      for (let column = 0; column < GLYPH_WIDTH; column += 1) {
        if (!(dots & (4 >> column))) continue;
        const left = x + (n * (GLYPH_WIDTH + 1) + column) * scale;
        fillBox(canvas, { x: left, y: y + row * scale, width: scale, height: scale }, colour);
      }
    });
  });
}
