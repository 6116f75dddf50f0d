/**
 * Which strokes of a line of writing make one character: those that stand over each other.
 *
 * Simpler than the app's reader of words, which slides a network along the line and knows what joined-up
 * characters look like: here characters must stand apart, side by side.
 */
import { extent } from "./strokes.js";

const OVERLAP = 0.35; // of the narrower one's width, the pen included: more is the same character
const SPACE = 0.6; // of the usual height: a wider gap is a space

/**
 * @param {number[][][]} strokes lists of points [x, y]
 * @param {number} pen pixels
 * @returns {{strokes: number[][][], space: boolean}[]} from left to right; `space`: a space stands before it
 */
export function characters(strokes, pen) {
  const groups = [];
  const boxed = strokes.map((points) => group([points], pen)).sort((one, two) => one.left - two.left);
  for (const one of boxed) {
    const near = groups.findLast(
      (other) => shared(one, other) > OVERLAP * Math.min(width(one), width(other)),
    );
    if (near) Object.assign(near, group([...near.strokes, ...one.strokes], pen));
    else groups.push(one);
  }
  groups.sort((one, two) => one.left - two.left);
  const heights = groups.map((one) => one.height).sort((one, two) => one - two);
  const usual = heights[heights.length >> 1];
  return groups.map((one, at) => ({
    strokes: one.strokes,
    space: at > 0 && one.left - groups[at - 1].right > SPACE * usual,
  }));
}

function group(strokes, pen) {
  const [left, , across, down] = extent(strokes);
  return { strokes, left: left - pen / 2, right: left + across + pen / 2, height: down + pen };
}

const width = (one) => one.right - one.left;
const shared = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left);
