/**
 * From a grey drawing to a network's input: foreground.py, declutter.py and normalize.py of
 * recognizer/preprocessing.
 *
 * The reasons for each step and each constant are there; tests/test_web_preprocess.py checks that both give
 * the same. An image is {data, width, height}, row by row: 0 to 255, or ink in [0, 1].
 */

import {
  above,
  apply,
  area,
  areaTaps,
  box,
  components,
  crop,
  cubic,
  cubicWeights,
  distance,
  extreme,
  gaussian,
  highest,
  larger,
  roundEven,
  unit,
} from "./image.js";

// recognizer/preprocessing/foreground.py
const BLANK_CONTRAST = 0.12,
  STRONG = 0.5,
  SAMPLE_SIDE = 64,
  MIN_SHADE = 6,
  SHADE_WIDTH = 0.4,
  STRENGTH_REACH = 0.15,
  MIN_STRENGTH = 0.4;
// recognizer/preprocessing/declutter.py
const BARE_ASPECT = 0.45,
  SPECK_AREA = 0.35,
  MAX_DOT_PENS = 3,
  NEIGHBOUR_AREA = 0.5,
  STRAY_SIZE = 0.6,
  STRAY_GAP = 1.5,
  SLANTED_LINE_ASPECT = 0.35;
// recognizer/preprocessing/normalize.py
const GLYPH = 28,
  WORK_SIDE = 96,
  NIST_SIDE = 44,
  PEN_RANGE = [0.1, 0.14],
  DOT_SIZE = 0.3,
  DOT_GAP = 8,
  MARGIN = 12;
const EMNIST_BLUR = 1,
  EMNIST_BORDER = 5,
  MNIST_BOX = 20,
  MNIST_CENTRE = 14;
const SUBPIXELS = 32; // OpenCV rounds coordinates to parts of a pixel

/**
 * The glyph of one character that is drawn dark on light.
 *
 * @param {{data: Uint8Array, width: number, height: number}} picture
 * @param {"mnist" | "emnist"} recipe
 * @returns {{glyph: Float32Array, box: number[], bare: boolean} | null} glyph: 28x28 in [0, 1], 1 = ink; box:
 *   x, y, width and height in the picture; bare: whether it is one piece much higher than wide. null if
 *   nothing is drawn.
 */
export function seen(picture, recipe) {
  const found = findInk(picture);
  const ink = found && onlyCharacter(found);
  const box = ink && inkBox(ink);
  if (!box) return null;
  const shape = withPenInRange(normalized(ink, box));
  const glyph = recipe === "mnist" ? mnistGlyph(shape) : emnistGlyph(shape);
  const [x, y, width, height] = box;
  return { glyph, box: [x + ink.left, y + ink.top, width, height], bare: isBareStroke(ink, box) };
}

/** The ink of a drawing in [0, 1], cut out at `left` and `top`; null if it is blank. */
function findInk(picture) {
  const { data, width, height } = picture;
  const paper = paperLevel(picture),
    counts = new Uint32Array(256);
  for (let at = 0; at < data.length; at += 1) counts[data[at]] += 1;
  const away = Array.from(counts, (_, level) => Math.abs(level - Math.round(paper)));
  const strongest = Math.max(...away.filter((_, level) => counts[level]));
  if (strongest < BLANK_CONTRAST * 255) return null;
  let sum = 0,
    count = 0;
  counts.forEach((pixels, level) => {
    if (away[level] >= Math.floor(STRONG * strongest)) ((sum += pixels * level), (count += pixels));
  });
  const way = sum / count - paper;
  if (!way) return null;
  const between = away.map((_, level) =>
    Math.min(Math.max(roundEven((255 * (level - paper)) / way), 0), 255),
  );
  const table = Uint8Array.from(between),
    level = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at += 1) level[at] = table[data[at]];
  const [left, top, across, down] = inkBox({ data: level, width, height }, 1);
  // with one pixel of paper around it, if there is one
  const begin = [Math.max(left - 1, 0), Math.max(top - 1, 0)];
  const end = [Math.min(left + across + 1, width), Math.min(top + down + 1, height)];
  const part = crop({ data: level, width, height }, ...begin, end[0] - begin[0], end[1] - begin[1]);
  return evenStrength(evenLight({ ...part, left: begin[0], top: begin[1], of: picture }));
}

/** The level of the paper: the median of every n-th pixel. */
function paperLevel({ data, width, height }) {
  const step = Math.max(1, Math.floor(Math.min(width, height) / SAMPLE_SIDE));
  const counts = new Uint32Array(256);
  let all = 0;
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) ((counts[data[y * width + x]] += 1), (all += 1));
  }
  const nth = (rank) => {
    let level = 0;
    while ((rank -= counts[level]) >= 0) level += 1;
    return level;
  };
  return (nth(Math.floor((all - 1) / 2)) + nth(Math.floor(all / 2))) / 2;
}

/** Remove the shade of the paper. */
function evenLight(part) {
  const { width, height } = part.of;
  const scale = Math.min(1, SAMPLE_SIDE / Math.max(width, height));
  const across = Math.max(scale, 1 / width),
    down = Math.max(scale, 1 / height);
  const columns = areaTaps(roundEven(width * across), width, 1 / across, part.left);
  const small = apply(part, columns, areaTaps(roundEven(height * down), height, 1 / down, part.top));
  small.data = small.data.map(roundEven);
  const reach = Math.max(3, roundEven(SHADE_WIDTH * Math.min(small.width, small.height)));
  const bare = extreme(small, reach, -1);
  if (highest(bare.data) < MIN_SHADE) return part;
  const shade = larger(box(extreme(bare, reach), 5, roundEven), part).data;
  return { ...part, data: part.data.map((value, at) => Math.max(value - roundEven(shade[at]), 0)) };
}

/** Bring all ink to the same strength. */
function evenStrength(part) {
  const peaks = peaksOf(part, Math.max(1, Math.floor(Math.max(part.of.width, part.of.height) / SAMPLE_SIDE)));
  const reach = Math.max(3, roundEven(STRENGTH_REACH * Math.min(peaks.width, peaks.height)));
  const near = box(extreme(peaks, reach), reach, (value) => Math.max(value, MIN_STRENGTH * 255));
  const strength = larger(near, part).data;
  return { ...part, data: part.data.map((value, at) => Math.min(value / strength[at], 1)) };
}

/** The highest value around every n-th pixel of every n-th row of the whole picture; n is `step`. */
function peaksOf({ data, width, height, left, top, of }, step) {
  const columns = Math.ceil(of.width / step),
    rows = Math.ceil(of.height / step),
    before = step >> 1;
  const peaks = new Float32Array(columns * rows);
  const column = Array.from({ length: width }, (_, x) =>
    Math.min(Math.floor((x + left + before) / step), columns),
  );
  for (let y = 0, at = 0; y < height; y += 1) {
    const row = Math.floor((y + top + before) / step);
    if (row >= rows) break;
    for (let x = 0; x < width; x += 1, at += 1) {
      const to = row * columns + column[x];
      if (data[at] > peaks[to] && column[x] < columns) peaks[to] = data[at];
    }
  }
  return { data: peaks, width: columns, height: rows };
}

/** The ink without specks and without parts cut off by the edge. (A canvas has no ruled lines.) */
function onlyCharacter(ink) {
  const box = inkBox(ink);
  if (!box) return ink;
  const [left, top, width, height] = box;
  const drawn = above(crop(ink, left, top, width, height), 0.5);
  const { labels, parts } = components(drawn);
  if (parts.length < 2) return ink;
  const pen = Math.max(penWidth(distance(drawn, 3).data.map((value) => Math.max(value - 0.5, 0))), 1);
  const loose = top > 0 || top + height < ink.height; // there is paper above or below the ink
  const line = (part) => loose && part.width === ink.width && part.height < SLANTED_LINE_ASPECT * part.width;
  const some = parts.filter((part) => !line(part) && part.area >= SPECK_AREA * pen ** 2);
  const main = (some.length ? some : parts).reduce((most, part) => (part.area > most.area ? part : most));
  const dirt = parts.map((part) => part !== main && isDirt(part, main, box, ink, pen));
  const data = ink.data.slice();
  labels.forEach((label, at) => {
    if (label && dirt[label - 1]) data[(top + Math.floor(at / width)) * ink.width + left + (at % width)] = 0;
  });
  return { ...ink, data };
}

/** Whether a part does not belong to the character. */
function isDirt(part, main, [left, top], picture, pen) {
  const x = part.x + left,
    y = part.y + top,
    right = x + part.width,
    bottom = y + part.height;
  const cut = x === 0 || y === 0 || right === picture.width || bottom === picture.height;
  const across = part.width === picture.width || part.height === picture.height;
  const over = part.x < main.x + main.width && part.x + part.width > main.x && part.y + part.height <= main.y;
  const longer = Math.max(part.width, part.height),
    under = part.y >= main.y + main.height + STRAY_GAP * pen;
  if (under && longer < STRAY_SIZE * Math.max(main.width, main.height)) return true;
  const dot = over && longer <= MAX_DOT_PENS * pen;
  const neighbour = cut && !dot && part.area < NEIGHBOUR_AREA * main.area;
  return neighbour || across || part.area < SPECK_AREA * pen ** 2;
}

/** Whether the ink is one piece much higher than wide. */
function isBareStroke(ink, [x, y, width, height]) {
  if (width >= BARE_ASPECT * height) return false;
  return components(above(crop(ink, x, y, width, height), 0.5)).parts.length === 1;
}

/** x, y, width and height around all ink of at least `least`; null without any. */
function inkBox({ data, width, height }, least = 0.5) {
  let left = width,
    right = -1,
    top = -1,
    bottom = -1;
  for (let y = 0; y < height; y += 1) {
    let first = y * width,
      last = first + width - 1;
    while (first <= last && data[first] < least) first += 1;
    if (first > last) continue;
    while (data[last] < least) last -= 1;
    if (top < 0) top = y;
    bottom = y;
    left = Math.min(left, first - y * width);
    right = Math.max(right, last - y * width);
  }
  return right < 0 ? null : [left, top, right - left + 1, bottom - top + 1];
}

/** The mean pen width in pixels, from the distances of ink pixels to the contour. */
function penWidth(depth) {
  let sum = 0,
    count = 0;
  for (const value of depth) if (value > 0) ((sum += value), (count += 1));
  return count ? (4 * sum) / count : 0;
}

/** The character with a margin, its longer side WORK_SIDE pixels: 1 = ink, 0 = paper. */
function normalized(ink, [x, y, width, height]) {
  const left = Math.max(x - 1, 0),
    top = Math.max(y - 1, 0);
  const part = crop(
    ink,
    left,
    top,
    Math.min(x + width + 1, ink.width) - left,
    Math.min(y + height + 1, ink.height) - top,
  );
  const scale = WORK_SIDE / Math.max(width, height);
  const size = [Math.max(1, roundEven(part.width * scale)), Math.max(1, roundEven(part.height * scale))];
  const work = scale < 1 ? area(part, ...size) : cubic(part, ...size);
  const most = highest(work.data),
    least = most >= 0.5 ? 0.5 : most / 2;
  return crop(above(work, least), -MARGIN, -MARGIN, work.width + 2 * MARGIN, work.height + 2 * MARGIN);
}

/** Move the contour outwards or inwards until the pen's width is in PEN_RANGE. */
function withPenInRange(inside) {
  const shape = (data) => ({ ...inside, data });
  const depth = distance(inside, 5).data.map((value) => value - 0.5);
  const height = distance(shape(inside.data.map((value) => 1 - value)), 5).data.map((value) => value - 0.5);
  const pen = penWidth(depth);
  const aim = Math.min(Math.max(pen, PEN_RANGE[0] * WORK_SIDE), PEN_RANGE[1] * WORK_SIDE);
  const moved = (aim - pen) / 2 + 0.5;
  let grown = depth.map((value, at) => unit((inside.data[at] ? value : -height[at]) + moved));
  if (aim > pen) {
    const apart = apartFromDots(inside);
    grown = grown.map((value, at) => Math.max(apart ? Math.min(value, apart[at]) : value, inside.data[at]));
  } else if (aim < pen) {
    const middle = middleLines(shape(depth), aim);
    grown = grown.map((value, at) => Math.max(value, middle[at]));
  }
  return shape(grown);
}

/** How far ink may grow so that paper is left around dots; null if there are none. */
function apartFromDots(inside) {
  const { labels, parts } = components(inside);
  const small = parts.map((part) => Math.max(part.width, part.height) < DOT_SIZE * WORK_SIDE);
  if (small.every(Boolean) || !small.some(Boolean)) return null;
  const top = Math.min(...parts.filter((_, at) => !small[at]).map((part) => part.y));
  const dots = [false, ...parts.map((part, at) => small[at] && part.y + part.height < top + 0.1 * WORK_SIDE)];
  if (!dots.some(Boolean)) return null;
  const awayFrom = (is) => distance({ ...inside, data: labels.map((part) => (is(part) ? 0 : 1)) }, 5);
  const toDot = awayFrom((part) => dots[part]).data,
    toRest = awayFrom((part) => part && !dots[part]).data;
  return toDot.map((value, at) => unit(Math.abs(value - toRest[at]) - DOT_GAP + 0.5));
}

/** The middle lines of strokes, drawn with a pen of this width, but never wider than the stroke. */
function middleLines(depth, pen) {
  const near = extreme(depth, 3).data;
  const paper = depth.data.map((value, at) => (value > 0.5 && value >= near[at] ? 0 : 1));
  const away = distance({ ...depth, data: paper }, 5).data;
  return depth.data.map((value, at) => (value > 0 ? unit(Math.min(pen / 2 - away[at], value) + 0.5) : 0));
}

/** The MNIST recipe: fit into 20x20, averaged by area; centre of mass at the centre of 28x28. */
function mnistGlyph(ink) {
  const [x, y, width, height] = inkBox(ink);
  const scale = MNIST_BOX / Math.max(width, height);
  const size = [Math.max(1, roundEven(width * scale)), Math.max(1, roundEven(height * scale))];
  const small = area(crop(ink, x, y, width, height), ...size);
  let all = 0,
    across = 0,
    down = 0;
  small.data.forEach((value, at) => {
    all += value;
    across += value * (at % size[0]);
    down += value * Math.floor(at / size[0]);
  });
  const begin = (centre, extent) => Math.min(Math.max(roundEven(MNIST_CENTRE - centre), 0), GLYPH - extent);
  const left = begin(across / all, size[0]),
    top = begin(down / all, size[1]),
    most = highest(small.data);
  return crop(small, -left, -top, GLYPH, GLYPH).data.map((value) => value / most);
}

/** The EMNIST recipe: blur, crop, square with a border, bicubic to 28x28, full range. */
function emnistGlyph(ink) {
  const [x, y, width, height] = inkBox(ink);
  const pixel = Math.max(width, height) / NIST_SIDE;
  const blurred = gaussian(ink, EMNIST_BLUR * pixel);
  const side = Math.max(width, height) + 2 * EMNIST_BORDER * pixel,
    step = side / GLYPH;
  // OpenCV rounds coordinates to 1/32 of a pixel
  const places = (begin) =>
    Array.from({ length: GLYPH }, (_, to) => {
      const place =
        Math.round(Math.fround(step) * to * SUBPIXELS + Math.fround(begin) * SUBPIXELS) / SUBPIXELS;
      return { from: Math.floor(place) - 1, weights: cubicWeights(place - Math.floor(place)) };
    });
  const columns = places(x + width / 2 - side / 2 + step / 2 - 0.5);
  const rows = places(y + height / 2 - side / 2 + step / 2 - 0.5);
  const sampled = apply(blurred, columns, rows).data.map((value) => Math.max(value, 0));
  const most = highest(sampled);
  return sampled.map((value) => value / most);
}
