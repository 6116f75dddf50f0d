/** How a character was written, as a second network sees it: recognizer/models/stroke_model.py. */

const PLACES = 48, // along the path, equally far apart
  DOUBT = 0.03, // what is left to all labels alike
  TINY = 1e-6; // of the path's size

/**
 * What the network sees: at each place x, y, the direction's cosine and sine, and 1 where the pen is down.
 *
 * @param {number[][][]} strokes lists of points [x, y]
 * @returns {Float32Array} PLACES times five
 */
export function path(strokes) {
  const points = strokes.flatMap((one) => one.map(([x, y], at) => ({ x, y, down: at > 0 ? 1 : 0 })));
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, top, right, bottom] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  const size = Math.max(right - left, bottom - top, TINY);
  const ways = []; // the points, without those where the pen rests, and how far each is along the path
  let last;
  for (const { x, y, down } of points) {
    const now = { x: (x - (left + right) / 2) / size, y: (y - (top + bottom) / 2) / size, down };
    const length = last ? Math.hypot(now.x - last.x, now.y - last.y) : Infinity;
    if (length > TINY) ways.push({ ...now, along: last ? ways.at(-1).along + length : 0 });
    last = now;
  }
  const seen = new Float32Array(5 * PLACES);
  if (ways.length < 2) return seen;
  const step = ways.at(-1).along / PLACES;
  let at = 1,
    before = ways[0];
  for (let place = 0; place < PLACES; place += 1) {
    const middle = (place + 0.5) * step;
    let piece = at;
    while (piece < ways.length - 1 && ways[piece].along <= middle) piece += 1;
    const end = (place + 1) * step;
    at = piece;
    while (at < ways.length - 1 && ways[at].along < end) at += 1;
    const after = between(ways[at - 1], ways[at], end);
    const [across, down] = [after.x - before.x, after.y - before.y],
      length = Math.hypot(across, down) + TINY;
    const middles = [(before.x + after.x) / 2, (before.y + after.y) / 2];
    seen.set([...middles, across / length, down / length, ways[piece].down], 5 * place);
    before = after;
  }
  return seen;
}

/**
 * What the network says of each label of another model.
 *
 * @param {ArrayLike<number>} logits one for each of its classes
 * @param {{classes: string[], temperature: number}} card
 * @param {string[]} labels those that the other model has, and "", of which it says nothing
 * @returns {number[]} factors for the other's shares
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
  const sum = Math.max(said.reduce((one, other) => one + other), TINY),
    count = labels.filter(Boolean).length;
  return said.map((share, at) => (labels[at] ? ((1 - DOUBT) * share) / sum + DOUBT / count : 1));
}

function between(one, other, along) {
  const part = Math.min(1, (along - one.along) / (other.along - one.along));
  return { x: one.x + part * (other.x - one.x), y: one.y + part * (other.y - one.y) };
}
