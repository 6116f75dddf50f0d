/**
 * Draws strokes again with a fine pen, since a wide pen closes small loops: recognizer/io/drawing.py.
 *
 * A drawing is {strokes, pen, width, height}: strokes are lists of points [x, y] in pixels of the canvas, y
 * down; pen is the width that they were drawn with.
 */
import { roundEven } from "./image.js";

const FINE_PEN = 0.08; // of the character's longer side
const MIN_PEN = 2; // pixels
const WORD_ASPECT = 1.5; // a drawing wider than this many times its height is taken for a word
// How dark OpenCV's pen is beyond its edge, in steps of a fifth of a pixel outwards (measured)
const EDGE = [0.972, 0.921, 0.788, 0.569, 0.335, 0.16, 0.06, 0.016, 0];
const STEP = 0.2;
const SOFT = (EDGE.length - 1) * STEP;
const ROUND = 0.98; // OpenCV's round ends are polygons: the mean of their inner and outer radius

/**
 * Draw a drawing.
 *
 * @returns {{data: Uint8Array, width: number, height: number}} black on white
 */
export function picture(drawing) {
  const { strokes, width, height } = drawing;
  const sheet = { paper: new Float32Array(width * height).fill(255), width, height };
  const pen = Math.max(1, roundEven(finePen(drawing)));
  for (const points of strokes) {
    dot(sheet, points[0], (ROUND * pen) / 2);
    for (let at = 1; at < points.length; at += 1) {
      bar(sheet, points[at - 1], points[at], Math.ceil(pen / 2));
      dot(sheet, points[at], (ROUND * pen) / 2);
    }
  }
  return { data: new Uint8Array(sheet.paper), width, height };
}

/** The box around all points: left, top, width and height. */
export function extent(strokes) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const points of strokes) {
    for (const [x, y] of points) {
      ((left = Math.min(left, x)),
        (right = Math.max(right, x)),
        (top = Math.min(top, y)),
        (bottom = Math.max(bottom, y)));
    }
  }
  return [left, top, right - left, bottom - top];
}

function finePen({ strokes, pen }) {
  const [, , across, down] = extent(strokes),
    width = across + pen,
    height = down + pen;
  const side = width > WORD_ASPECT * height ? height : Math.max(width, height);
  return Math.min(pen, Math.max(FINE_PEN * side, MIN_PEN));
}

/** The share of white that is left at a distance, in pixels, from the pen's edge. */
function white(beyond) {
  if (beyond <= 0) return 0;
  const place = beyond / STEP,
    at = Math.floor(place);
  return at >= EDGE.length - 1 ? 1 : 1 - EDGE[at] - (EDGE[at + 1] - EDGE[at]) * (place - at);
}

/** Darken all pixels of a box by their distance from the pen's edge, as `beyond` gives it. */
function ink({ paper, width, height }, [left, top, right, bottom], beyond) {
  for (let y = Math.max(0, Math.ceil(top)); y <= Math.min(height - 1, bottom); y += 1) {
    for (let x = Math.max(0, Math.ceil(left)); x <= Math.min(width - 1, right); x += 1) {
      const at = y * width + x;
      if (paper[at]) paper[at] *= white(beyond(x, y));
    }
  }
}

function dot(sheet, [x, y], radius) {
  const reach = radius + SOFT;
  ink(
    sheet,
    [x - reach, y - reach, x + reach, y + reach],
    (column, row) => Math.sqrt((column - x) ** 2 + (row - y) ** 2) - radius,
  );
}

function bar(sheet, [x, y], [toX, toY], half) {
  const length = Math.hypot(toX - x, toY - y),
    reach = half + SOFT;
  if (!length) return;
  const across = (toX - x) / length,
    down = (toY - y) / length;
  const [left, right] = x < toX ? [x, toX] : [toX, x],
    [top, bottom] = y < toY ? [y, toY] : [toY, y];
  ink(sheet, [left - reach, top - reach, right + reach, bottom + reach], (column, row) => {
    const along = (column - x) * across + (row - y) * down;
    return Math.max(Math.abs((row - y) * across - (column - x) * down) - half, -along, along - length);
  });
}
