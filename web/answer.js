/**
 * From logits to an answer with a calibrated probability: recognizer/decoding/calibration.py and
 * recognizer/models/views.py.
 */

const MAX_ALTERNATIVES = 5,
  REJECT_ABOVE = 0.95,
  MIN_PROBABILITY = 0.5,
  TINY = 1e-12;

/**
 * The logits of a view, from those of its network.
 *
 * @param {ArrayLike<number>} logits one for each class of the network
 * @param {number[][]} weights of each class of the network for each class of the view
 */
export function seenBy(logits, weights) {
  const most = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - most));
  return weights[0].map((_, at) => {
    const sum = powers.reduce((all, power, row) => all + power * weights[row][at], 0);
    return Math.log(Math.max(sum, TINY * TINY)) + most;
  });
}

/**
 * The answer for one character.
 *
 * @param {ArrayLike<number>} logits one for each class
 * @param {{classes: string[], temperature: number, refuse?: number}} card the class "" is "not a character"
 * @param {boolean} bare whether it is one bare stroke, which is always a character: 1, l or I
 * @param {number[]} [factors] what its strokes say of each class (trajectory.js)
 * @returns {{label: string, probability: number, alternatives: [string, number][], accepted: boolean,
 *   reason: "" | "not a character" | "uncertain"}}
 */
export function answer(logits, card, bare, factors) {
  const { classes } = card;
  let shares = softmax(logits, card.temperature);
  if (factors) shares = weighed(shares, factors, classes);
  if (bare) shares = whole(shares.map((share, at) => (classes[at] ? share : 0)));
  const nothing = classes.includes("") ? shares[classes.indexOf("")] : 0;
  const named = classes.reduce((sum, label, at) => sum + (label ? shares[at] : 0), 0);
  const given = nothing ? shares.map((share) => share / Math.max(named, TINY)) : shares;
  const best = classes
    .map((_, at) => at)
    .filter((at) => classes[at])
    .sort((one, two) => given[two] - given[one]);
  const alternatives = best.slice(0, MAX_ALTERNATIVES).map((at) => [classes[at], given[at]]);
  const rejected = nothing >= (card.refuse ?? REJECT_ABOVE);
  const reason = rejected ? "not a character" : shares[best[0]] <= MIN_PROBABILITY ? "uncertain" : "";
  return {
    label: alternatives[0][0],
    probability: alternatives[0][1],
    alternatives,
    accepted: !reason,
    reason,
  };
}

/** Probabilities, multiplied by factors; that of "" stays. */
function weighed(shares, factors, classes) {
  const named = (values) => values.reduce((sum, value, at) => sum + (classes[at] ? value : 0), 0);
  const both = shares.map((share, at) => (classes[at] ? share * factors[at] : share));
  const change = named(shares) / Math.max(named(both), TINY * TINY);
  return both.map((share, at) => (classes[at] ? share * change : share));
}

/** Calibrated probabilities: the softmax of the logits over the temperature. */
function softmax(logits, temperature) {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  const most = Math.max(...scaled);
  return whole(scaled.map((value) => Math.exp(value - most)));
}

function whole(shares) {
  const sum = shares.reduce((one, other) => one + other);
  return shares.map((share) => share / sum);
}
