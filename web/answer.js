/** From logits to an answer with an honest probability: recognizer/confidence.py, with the card's numbers. */

const ALTERNATIVES = 5,
  NOTHING = 0.95,
  LEAST = 0.5,
  TINY = 1e-12;

/**
 * @param {ArrayLike<number>} logits one for each class
 * @param {{classes: string[], temperature: number, prior?: number[]}} card the class "" is no character
 * @param {boolean} bare whether it is a bare stroke, which always is a character: 1, l or I
 * @param {number[]} [factors] of its strokes for each class (trajectory.js)
 * @returns {{label: string, probability: number, alternatives: [string, number][], accepted: boolean,
 *   reason: "" | "not a character" | "uncertain"}}
 */
export function answer(logits, card, bare, factors) {
  const { classes } = card;
  let shares = softmax(logits, card.temperature, card.prior);
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
  const reason = nothing >= NOTHING ? "not a character" : shares[best[0]] <= LEAST ? "uncertain" : "";
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

/** Calibrated probabilities: of the logits over the temperature, over how frequent each class was. */
function softmax(logits, temperature, prior) {
  const scaled = Array.from(logits, (logit, at) => logit / temperature - Math.log(prior ? prior[at] : 1));
  const most = Math.max(...scaled);
  return whole(scaled.map((value) => Math.exp(value - most)));
}

function whole(shares) {
  const sum = shares.reduce((one, other) => one + other);
  return shares.map((share) => share / sum);
}
