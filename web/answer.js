/** From logits to an answer with an honest probability: recognizer/decoding/calibration.py and views.py. */

const ALTERNATIVES = 5,
  NOTHING = 0.95,
  LEAST = 0.5,
  TINY = 1e-12;

/**
 * The logits of a view of a network, of those of the network.
 *
 * @param {ArrayLike<number>} logits one for each class of the network
 * @param {number[][]} weights how much each of them counts for each class of the view
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
 * @param {ArrayLike<number>} logits one for each class
 * @param {{classes: string[], temperature: number, refuse?: number}} card the class "" is no character
 * @param {boolean} bare whether it is a bare stroke, which always is a character: 1, l or I
 * @param {number[]} [factors] of its strokes for each class (trajectory.js)
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
  const alternatives = best.slice(0, ALTERNATIVES).map((at) => [classes[at], given[at]]);
  const reason = nothing >= (card.refuse ?? NOTHING) ? "not a character" : shares[best[0]] <= LEAST ? "uncertain" : "";
  return {
    label: alternatives[0][0],
    probability: alternatives[0][1],
    alternatives,
    accepted: !reason,
    reason,
  };
}

/** Shares of labels, weighed; that of "" stays. */
function weighed(shares, factors, classes) {
  const named = (values) => values.reduce((sum, value, at) => sum + (classes[at] ? value : 0), 0);
  const both = shares.map((share, at) => (classes[at] ? share * factors[at] : share));
  const change = named(shares) / Math.max(named(both), TINY * TINY);
  return both.map((share, at) => (classes[at] ? share * change : share));
}

/** Calibrated probabilities, of the logits over the temperature. */
function softmax(logits, temperature) {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  const most = Math.max(...scaled);
  return whole(scaled.map((value) => Math.exp(value - most)));
}

function whole(shares) {
  const sum = shares.reduce((one, other) => one + other);
  return shares.map((share) => share / sum);
}
