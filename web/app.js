/** The page: reads the drawing at every move of the pen, and shows the answer. */
import { board } from "./board.js";
import { characters } from "./groups.js";
import { alone, reader } from "./reader.js";

const MAX_SHOWN = 0.995; // no answer is 100% sure
const KINDS = { digits: "digit", letters: "letter" }; // what a model reads; other models read characters
const SINGLE_CHARACTER_MODELS = { alphanumeric: "anything" }; // for one character, which may well be a digit
const HINTS = {
  one: "One character, any size",
  several: "Characters side by side, with gaps between them; joined-up writing is not read here",
};
const MAX_FRAME_WAIT = 100; // ms: a page in the background gets no frames

/**
 * Begin to read what is drawn.
 *
 * @param {HTMLElement} page the element of class `scrawl`
 * @returns {() => void} ends it
 */
export function start(page) {
  const find = (name) => page.querySelector(`.${name}`);
  const form = find("controls");
  const canvas = board(find("canvas"), (down) => {
    penDown = down;
    request();
  });
  const known = new WeakMap(); // first stroke of a character -> its answer
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

  /** Read until nothing has changed since the last reading. */
  async function readOn() {
    reading = true;
    while (wanted) {
      wanted = false;
      await frame();
      try {
        await read();
      } catch (error) {
        loaded = "";
        tell(loadFailure(error));
      }
    }
    reading = false;
  }

  async function read() {
    const { kind, model: name } = settings();
    if (loaded !== name) tell("Loading the model. This is only necessary once; after that it works offline.");
    const model = await reader(kind === "one" ? (SINGLE_CHARACTER_MODELS[name] ?? name) : name);
    if (loaded !== name) {
      loaded = page.dataset.model = name;
      tell("Ready. This model now works offline.");
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
    page.dataset.read = strokes.length; // for tests: the number of strokes that are read
  }

  /** The answers for all characters of a line; only those that have changed are read again. */
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
      ? "Draw a digit or a letter, at any size and anywhere on the canvas."
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
  }; // its colour changes with the theme
  page.dataset.kind = settings().kind;
  request();
  return () => resized.disconnect();
}

/** Wait for the next frame of the page, so that a stroke is seen before it is read. */
function frame() {
  return new Promise((resolve) => {
    requestAnimationFrame(resolve);
    setTimeout(resolve, MAX_FRAME_WAIT);
  });
}

function percent(probability, digits = 0) {
  return `${(100 * probability).toFixed(digits)}%`;
}

/** How sure the model is, in words; `withLabel` for one of several characters. */
function verdict(one, name, withLabel) {
  const [first, second] = one.alternatives.map(([label]) => label);
  const label = withLabel ? `${one.label}: ` : "";
  const sure = one.probability < MAX_SHOWN ? percent(one.probability) : "over 99%";
  if (one.accepted) return `${label}${sure} sure`;
  if (one.reason === "uncertain") return `Not sure: ${first} or ${second}?`;
  return (
    `This doesn't look like a ${KINDS[name] ?? "character"}. It may be a scribble, a shape, or several` +
    ` characters at once. If it is one, is it ${first} or ${second}?`
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

/** Paint a glyph in the colours of the page. */
function paint(canvas, glyph) {
  const pixels = new ImageData(28, 28);
  const [red, green, blue] = getComputedStyle(canvas)
    .color.match(/[\d.]+/g)
    .map(Number);
  glyph.forEach((ink, at) => pixels.data.set([red, green, blue, Math.round(255 * ink)], 4 * at));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

/** Why nothing can be read, in words. */
function loadFailure(error) {
  if (!navigator.onLine) return "This model is not on this device yet. Go online once to load it.";
  return `The model could not be loaded (${error.message}). Choose a model to try again.`;
}
