/** Operations on images {data, width, height}, equal to OpenCV's. */

// lengths of a straight, a diagonal and a knight's step, in 1/65536 pixel, for masks of 3 and of 5 pixels
const FAR = 2 ** 30,
  STEPS = { 3: [62587, 89738, FAR - 1], 5: [65536, 91750, 143976] };
const CUBIC = -0.75;

/** Round half to even, as Python and OpenCV do. */
export function roundEven(value) {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}

export const unit = (value) => Math.min(Math.max(value, 0), 1);

export function highest(data) {
  let most = -Infinity;
  for (const value of data) if (value > most) most = value;
  return most;
}

/** A part of an image; 0 outside of it. */
export function crop({ data, width, height }, left, top, across, down) {
  const part = new Float32Array(across * down);
  for (let y = Math.max(0, -top); y < Math.min(down, height - top); y += 1) {
    for (let x = Math.max(0, -left); x < Math.min(across, width - left); x += 1) {
      part[y * across + x] = data[(y + top) * width + x + left];
    }
  }
  return { data: part, width: across, height: down };
}

/** 1 where an image is at least `least`, elsewhere 0. */
export function above(image, least) {
  return { ...image, data: image.data.map((value) => (value >= least ? 1 : 0)) };
}

/** The highest value around each pixel (cv2.dilate), or with sign -1 the lowest (cv2.erode). */
export function extreme({ data, width, height }, side, sign = 1) {
  const rows = new Float32Array(data.length).fill(-Infinity),
    result = rows.slice(),
    before = side >> 1;
  for (let shift = -before; shift < side - before; shift += 1) {
    for (let y = 0; y < height; y += 1) {
      const end = y * width + width - Math.max(shift, 0);
      for (let at = y * width - Math.min(shift, 0); at < end; at += 1) {
        const value = sign * data[at + shift];
        if (value > rows[at]) rows[at] = value;
      }
    }
  }
  for (let shift = -before; shift < side - before; shift += 1) {
    const end = data.length - Math.max(shift, 0) * width;
    for (let at = -Math.min(shift, 0) * width; at < end; at += 1) {
      const value = rows[at + shift * width];
      if (value > result[at]) result[at] = value;
    }
  }
  return { data: result.map((value) => sign * value), width, height };
}

/** Weighted sums of columns and rows; each pixel of the result gives the first one and the `weights`. */
export function apply({ data, width, height }, columns, rows, repeat = false) {
  const across = columns.length,
    middle = new Float32Array(across * height);
  const result = new Float32Array(across * rows.length);
  const place = (at, length) => (repeat ? Math.min(Math.max(at, 0), length - 1) : at);
  for (let x = 0; x < across; x += 1) {
    const { from, weights } = columns[x];
    for (let tap = 0; tap < weights.length; tap += 1) {
      const column = place(from + tap, width),
        weight = weights[tap];
      if (column < 0 || column >= width) continue;
      for (let y = 0; y < height; y += 1) middle[y * across + x] += weight * data[y * width + column];
    }
  }
  for (let y = 0; y < rows.length; y += 1) {
    const { from, weights } = rows[y];
    for (let tap = 0; tap < weights.length; tap += 1) {
      const row = place(from + tap, height),
        weight = weights[tap];
      if (row < 0 || row >= height) continue;
      for (let x = 0; x < across; x += 1) result[y * across + x] += weight * middle[row * across + x];
    }
  }
  return { data: result, width: across, height: rows.length };
}

/** Shrink: each pixel is the mean of its area (cv2.INTER_AREA). */
export function area(image, across, down) {
  const columns = areaTaps(across, image.width, image.width / across);
  return apply(image, columns, areaTaps(down, image.height, image.height / down));
}

/** Taps of `count` pixels, each the mean of `scale` pixels of `length`, counted from the one at `first`. */
export function areaTaps(count, length, scale, first = 0) {
  return Array.from({ length: count }, (_, to) => {
    const begin = to * scale,
      end = Math.min(begin + scale, length),
      from = Math.floor(begin + 1e-3);
    const weights = [];
    for (let at = from; at < end - 1e-3; at += 1) {
      weights.push((Math.min(end, at + 1) - Math.max(begin, at)) / (end - begin));
    }
    return { from: from - first, weights };
  });
}

export const cubicWeights = (x) => {
  const near = (t) => ((CUBIC + 2) * t - (CUBIC + 3)) * t * t + 1;
  const far = (t) => ((CUBIC * t - 5 * CUBIC) * t + 8 * CUBIC) * t - 4 * CUBIC;
  return [far(x + 1), near(x), near(1 - x), far(2 - x)];
};

/** Enlarge (cv2.INTER_CUBIC). */
export function cubic(image, across, down) {
  const columns = taps(across, image.width, across, 0, cubicWeights, 1);
  return apply(image, columns, taps(down, image.height, down, 0, cubicWeights, 1), true);
}

/** Enlarge to the size of the picture `of`, and cut out a part of that (cv2.INTER_LINEAR). */
export function larger(image, { width, height, left, top, of }) {
  const weights = (x) => [1 - x, x];
  const columns = taps(width, image.width, of.width, left, weights, 0);
  return apply(image, columns, taps(height, image.height, of.height, top, weights, 0), true);
}

/** Taps of `count` pixels from `first` on, where `length` pixels are enlarged to `size`. */
function taps(count, length, size, first, weightsAt, reach) {
  return Array.from({ length: count }, (_, to) => {
    const place = ((first + to + 0.5) * length) / size - 0.5,
      from = Math.floor(place);
    return { from: from - reach, weights: weightsAt(place - from) };
  });
}

/** Weighted sums of neighbours; the image is mirrored at its edges (cv2.BORDER_REFLECT_101). */
function filter(image, weights, before) {
  const mirrored = (at, length) => {
    while (at < 0 || at >= length) at = length === 1 ? 0 : at < 0 ? -at : 2 * length - 2 - at;
    return at;
  };
  const index = (length, room) =>
    Array.from({ length: length + room }, (_, at) => mirrored(at - before, length));
  const { data, width, height } = image,
    room = weights.length - 1;
  const columns = index(width, room),
    rows = index(height, room);
  const middle = new Float32Array(data.length),
    result = new Float32Array(data.length);
  const line = new Float32Array(width + room);
  for (let y = 0; y < height; y += 1) {
    for (let at = 0; at < line.length; at += 1) line[at] = data[y * width + columns[at]];
    for (let x = 0; x < width; x += 1) {
      let sum = 0;
      for (let tap = 0; tap <= room; tap += 1) sum += weights[tap] * line[x + tap];
      middle[y * width + x] = sum;
    }
  }
  for (let y = 0; y < height; y += 1) {
    for (let tap = 0; tap <= room; tap += 1) {
      const weight = weights[tap],
        from = rows[y + tap] * width;
      for (let x = 0; x < width; x += 1) result[y * width + x] += weight * middle[from + x];
    }
  }
  return { data: result, width, height };
}

export function box(image, side, as = (value) => value) {
  const mean = filter(image, new Array(side).fill(1 / side), side >> 1);
  return { ...mean, data: mean.data.map(as) };
}

export function gaussian(image, sigma) {
  const count = roundEven(sigma * 8 + 1) | 1,
    middle = (count - 1) / 2;
  const weights = Array.from({ length: count }, (_, at) =>
    Math.exp(-((at - middle) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((one, other) => one + other);
  return filter(
    image,
    weights.map((weight) => weight / sum),
    middle,
  );
}

/** The distance of each pixel to the nearest 0, by steps of a mask (cv2.distanceTransform, cv2.DIST_L2). */
export function distance({ data, width, height }, mask) {
  const [next, diagonal, knight] = STEPS[mask],
    room = 2,
    row = width + 2 * room;
  const away = new Int32Array(row * (height + 2 * room)).fill(FAR);
  /** The shortest way through the pixels before this one in reading order, or after it if `line` < 0. */
  const least = (at, line, side) => {
    let best = away[at];
    best = Math.min(best, away[at - side] + next, away[at - line] + next);
    best = Math.min(best, away[at - line - side] + diagonal, away[at - line + side] + diagonal);
    best = Math.min(best, away[at - line - 2 * side] + knight, away[at - line + 2 * side] + knight);
    return Math.min(best, away[at - 2 * line - side] + knight, away[at - 2 * line + side] + knight);
  };
  for (let y = 0, from = 0; y < height; y += 1) {
    for (let at = (y + room) * row + room, end = at + width; at < end; at += 1, from += 1) {
      away[at] = data[from] ? least(at, row, 1) : 0;
    }
  }
  const result = new Float32Array(data.length);
  for (let y = height - 1, to = data.length - 1; y >= 0; y -= 1) {
    for (let end = (y + room) * row + room, at = end + width - 1; at >= end; at -= 1, to -= 1) {
      if (away[at]) result[to] = (away[at] = least(at, -row, -1)) / 65536;
    }
  }
  return { data: result, width, height };
}

/** Connected parts, also over corners: a label for each pixel, 0 = paper, and the box of each part. */
export function components({ data, width, height }) {
  const labels = new Int32Array(data.length),
    parts = [],
    stack = [];
  for (let start = 0; start < data.length; start += 1) {
    if (!data[start] || labels[start]) continue;
    const label = parts.length + 1;
    let left = width,
      right = 0,
      top = height,
      bottom = 0,
      size = 0;
    labels[start] = label;
    stack.push(start);
    while (stack.length) {
      const at = stack.pop(),
        x = at % width,
        y = (at - x) / width;
      size += 1;
      ((left = Math.min(left, x)),
        (right = Math.max(right, x)),
        (top = Math.min(top, y)),
        (bottom = Math.max(bottom, y)));
      for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, height - 1); row += 1) {
        for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, width - 1); column += 1) {
          const other = row * width + column;
          if (data[other] && !labels[other]) ((labels[other] = label), stack.push(other));
        }
      }
    }
    parts.push({ x: left, y: top, width: right - left + 1, height: bottom - top + 1, area: size });
  }
  return { labels, parts };
}
