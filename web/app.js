/** The page: what is drawn is read at every move of the pen, and shown. */
import { board } from "./board.js";
import { characters } from "./groups.js";
import { alone, reader } from "./reader.js";

const SURE = 0.995; // no answer is 100% sure
const KINDS = { digits: "digit", letters: "letter" }; // what a model reads; else characters
const LONE = { alphanumeric: "anything" }; // who reads one character: a digit is as likely as a letter
const HINTS = {
  one: "One character, any size",
  several: "Characters side by side, apart from each other: a simple reader, without joined-up writing",
};
const FRAME_MOST = 100; // ms: a page in the background gets no frames

/**
 * Begin to read what is drawn in the page's element of class `scrawl`.
 *
 * @param {HTMLElement} page
 * @returns {() => void} ends it
 */
export function start(page) {
  const find = (name) => page.querySelector(`.${name}`);
  const form = find("controls");
  const canvas = board(find("canvas"), (down) => {
    penDown = down;
    request();
  });
  const known = new WeakMap(); // first stroke of a character -> what was read of it
  let penDown = false,
    wanted = false,
    reading = false,
    chosen = -1,
    loaded = "";

  const settings = () => Object.fromEntries(new FormData(form));

  function request() {
    wanted = true;
    if (!reading) readOn();
  }

  /** Read until nothing has changed since. */
  async function readOn() {
    reading = true;
    while (wanted) {
      wanted = false;
      await frame();
      try {
        await read();
      } catch (error) {
        loaded = "";
        tell(unread(error));
      }
    }
    reading = false;
  }

  async function read() {
    const { kind, model: name } = settings();
    if (loaded !== name) tell("Loading the reader. It comes once, and is kept for visits without a network.");
    const model = await reader(kind === "one" ? (LONE[name] ?? name) : name);
    if (loaded !== name) {
      loaded = page.dataset.model = name;
      tell("Ready. This model is kept: it needs no network any more.");
    }
    const begin = performance.now();
    const { strokes, pen, width, height } = canvas;
    const lone = () => model.character({ strokes, pen, width, height });
    const found = !strokes.length
      ? []
      : kind === "one"
        ? [{ one: await lone() }]
        : await several(model, name);
    if (strokes.length) performance.measure("recognition", { start: begin });
    show(
      found.filter(({ one }) => one),
      kind,
      name,
    );
    page.dataset.read = strokes.length; // for tests: so many strokes are read
  }

  /** What is read of each character of a line; what has not changed is not read again. */
  async function several(model, name) {
    const found = [];
    for (const { strokes, space } of characters(canvas.strokes, canvas.pen)) {
      const mark = [name, canvas.pen, ...strokes.map((points) => points.length)].join();
      if (known.get(strokes[0])?.mark !== mark) {
        known.set(strokes[0], { mark, one: await model.character(alone(strokes, canvas.pen)) });
      }
      found.push({ one: known.get(strokes[0]).one, space });
    }
    return found;
  }

  function show(found, kind, name) {
    if (chosen >= found.length || penDown) chosen = -1;
    const { one } = found.at(chosen) ?? {};
    const text = found.map(({ one: each, space }) => (space ? " " : "") + each.label).join("");
    const lone = kind === "one" && one;
    page.dataset.kind = kind;
    find("hint").textContent = HINTS[kind];
    find("reading").replaceChildren(...(kind === "several" ? found.flatMap(button) : []));
    if (lone && one.reason !== "not a character") find("reading").textContent = one.label;
    find("verdict").textContent = !one
      ? "Draw a digit or a letter, as large and wherever you like."
      : verdict(one, name, kind === "several");
    find("alternatives").replaceChildren(...(one?.alternatives ?? []).map(alternative));
    find("glyph").hidden = !one;
    if (one) paint(find("glyph").querySelector("canvas"), one.glyph);
    if (!penDown)
      find("said").textContent = lone
        ? find("reading").textContent + ". " + find("verdict").textContent
        : text;
  }

  function button({ one, space }, at) {
    const shown = Object.assign(document.createElement("button"), { type: "button", className: "character" });
    shown.textContent = one.label + (one.accepted ? "" : "?");
    shown.onclick = () => {
      chosen = at;
      request();
    };
    return space ? [" ", shown] : [shown];
  }

  const tell = (words) => {
    find("status").textContent = words;
  };
  const redraw = () => canvas.redraw();
  const clear = () => canvas.clear();
  form.addEventListener("change", ({ target }) => {
    page.dataset.kind = settings().kind;
    if (target.name === "kind") clear();
    redraw();
    request();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  find("undo").onclick = () => canvas.undo();
  find("clear").onclick = clear;
  find("pen").oninput = ({ target }) => {
    canvas.pen = Number(target.value);
    redraw();
    request();
  };
  const resized = new ResizeObserver(redraw);
  resized.observe(find("canvas"));
  find("canvas").ontransitionend = () => {
    redraw();
    request();
  }; // its colour has changed: another theme
  page.dataset.kind = settings().kind;
  request();
  return () => resized.disconnect();
}

/** The next frame of the page, so that what was drawn is seen before it is read. */
function frame() {
  return new Promise((resolve) => {
    requestAnimationFrame(resolve);
    setTimeout(resolve, FRAME_MOST);
  });
}

function percent(probability, digits = 0) {
  return `${(100 * probability).toFixed(digits)}%`;
}

/** How sure the model is, in words. */
function verdict(one, name, naming) {
  const [first, second] = one.alternatives.map(([label]) => label);
  const label = naming ? `${one.label}: ` : "";
  if (one.accepted) return `${label}${one.probability < SURE ? percent(one.probability) : "over 99%"} sure`;
  if (one.reason === "uncertain") return `Not sure: ${first} or ${second}?`;
  return (
    `Not a ${KINDS[name] ?? "character"}, it seems: perhaps a scribble, a shape, or several at once.` +
    ` If it is one: ${first} or ${second}?`
  );
}

function alternative([label, probability]) {
  const row = document.createElement("li");
  const name = Object.assign(document.createElement("b"), { textContent: label });
  const bar = Object.assign(document.createElement("meter"), { value: probability });
  bar.setAttribute("aria-hidden", "true");
  row.append(name, bar, percent(probability, 1));
  return row;
}

/** A glyph in the colours of the page. */
function paint(canvas, glyph) {
  const pixels = new ImageData(28, 28);
  const [red, green, blue] = getComputedStyle(canvas)
    .color.match(/[\d.]+/g)
    .map(Number);
  glyph.forEach((ink, at) => pixels.data.set([red, green, blue, Math.round(255 * ink)], 4 * at));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

function unread(error) {
  if (!navigator.onLine) return "This model is not on this device yet: it needs a network once.";
  return `The reader could not be loaded (${error.message}). Choose a model to try again.`;
}
