/** The pen's path of a character and what a second network says of it: recognizer/models/stroke_model.py. */

const PATH_POINTS = 48, // along the path, at equal distances
  UNIFORM_SHARE = 0.03, // shared equally by all labels
  MIN_LENGTH = 1e-6; // of the path's size; also guards divisions

/**
 * The network's input: at each point x, y, the direction's cosine and sine, and 1 if the pen is down.
 *
 * @param {number[][][]} strokes lists of points [x, y]
 * @returns {Float32Array} five values for each of PATH_POINTS
 */
export function path(strokes) {
  const points = strokes.flatMap((one) => one.map(([x, y], at) => ({ x, y, down: at > 0 ? 1 : 0 })));
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, top, right, bottom] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  const size = Math.max(right - left, bottom - top, MIN_LENGTH);
  const ways = []; // the points at which the pen has moved, and how far along the path each is
  let last;
  for (const { x, y, down } of points) {
    const now = { x: (x - (left + right) / 2) / size, y: (y - (top + bottom) / 2) / size, down };
    const length = last ? Math.hypot(now.x - last.x, now.y - last.y) : Infinity;
    if (length > MIN_LENGTH) ways.push({ ...now, along: last ? ways.at(-1).along + length : 0 });
    last = now;
  }
  const seen = new Float32Array(5 * PATH_POINTS);
  if (ways.length < 2) return seen;
  const step = ways.at(-1).along / PATH_POINTS;
  let at = 1,
    before = ways[0];
  for (let place = 0; place < PATH_POINTS; place += 1) {
    const middle = (place + 0.5) * step;
    let piece = at;
    while (piece < ways.length - 1 && ways[piece].along <= middle) piece += 1;
    const end = (place + 1) * step;
    at = piece;
    while (at < ways.length - 1 && ways[at].along < end) at += 1;
    const after = between(ways[at - 1], ways[at], end);
    const [across, down] = [after.x - before.x, after.y - before.y],
      length = Math.hypot(across, down) + MIN_LENGTH;
    const middles = [(before.x + after.x) / 2, (before.y + after.y) / 2];
    seen.set([...middles, across / length, down / length, ways[piece].down], 5 * place);
    before = after;
  }
  return seen;
}

/**
 * What the network says of the labels of another model.
 *
 * @param {ArrayLike<number>} logits one for each of its classes
 * @param {{classes: string[], temperature: number}} card
 * @param {string[]} labels of the other model, and ""
 * @returns {number[]} factors for the other model's probabilities; 1 for ""
 */
export function opinion(logits, card, labels) {
  const most = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp((logit - most) / card.temperature));
  const said = labels.map((label) =>
    card.classes.reduce((sum, one, at) => {
      const same = one === label || (one.toLowerCase() === label && !labels.includes(label.toUpperCase()));
      return sum + (same ? powers[at] : 0);
    }, 0),
  );
  const sum = Math.max(said.reduce((one, other) => one + other), MIN_LENGTH),
    count = labels.filter(Boolean).length;
  return said.map((share, at) =>
    labels[at] ? ((1 - UNIFORM_SHARE) * share) / sum + UNIFORM_SHARE / count : 1,
  );
}

function between(one, other, along) {
  const part = Math.min(1, (along - one.along) / (other.along - one.along));
  return { x: one.x + part * (other.x - one.x), y: one.y + part * (other.y - one.y) };
}
