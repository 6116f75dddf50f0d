/**
 * Groups the strokes of a line into characters: strokes above each other belong together.
 *
 * The app reads words with a network that sees the whole line, and so can read joined-up writing. This is
 * simpler: characters must stand side by side, with gaps between them.
 */
import { extent } from "./strokes.js";

const MIN_OVERLAP = 0.35; // of the narrower stroke's width, including the pen, for both to be one character
const MIN_SPACE = 0.6; // of the median height: a wider gap is a space

/**
 * @param {number[][][]} strokes lists of points [x, y]
 * @param {number} pen pixels
 * @returns {{strokes: number[][][], space: boolean}[]} from left to right; `space`: after a space
 */
export function characters(strokes, pen) {
  const groups = [];
  const boxed = strokes.map((points) => group([points], pen)).sort((one, two) => one.left - two.left);
  for (const one of boxed) {
    const near = groups.findLast(
      (other) => shared(one, other) > MIN_OVERLAP * Math.min(width(one), width(other)),
    );
    if (near) Object.assign(near, group([...near.strokes, ...one.strokes], pen));
    else groups.push(one);
  }
  groups.sort((one, two) => one.left - two.left);
  const heights = groups.map((one) => one.height).sort((one, two) => one - two);
  const usual = heights[heights.length >> 1];
  return groups.map((one, at) => ({
    strokes: one.strokes,
    space: at > 0 && one.left - groups[at - 1].right > MIN_SPACE * usual,
  }));
}

function group(strokes, pen) {
  const [left, , across, down] = extent(strokes);
  return { strokes, left: left - pen / 2, right: left + across + pen / 2, height: down + pen };
}

const width = (one) => one.right - one.left;
const shared = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left);
