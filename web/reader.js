/** Readers, run by LiteRT.js in this browser: a drawing in, an answer out. */
import { answer, seenBy } from "./answer.js";
import { fetched } from "./files.js";
import { seen } from "./preprocess.js";
import { extent, picture } from "./strokes.js";
import { opinion, path } from "./trajectory.js";
import { loadAndCompile, loadLiteRt, Tensor } from "./runtime/index.js";

const MARGIN = 8; // pixels of paper around the strokes
const NETWORK = "characters", // most readers are views of it
  VIEWS = ["digits", "letters", "alphanumeric", "anything"],
  STROKES = "strokes";
const here = (path) => new URL(path, import.meta.url).href;
const readers = new Map(),
  networks = new Map();
let runtime;

/**
 * A reader, loaded once.
 *
 * @param {string} name of a view or a network
 * @returns {Promise<{card: object, picture: Function, character: Function}>} `character` takes
 *   {strokes, pen, width, height}, `picture` takes {data, width, height}, dark on light. Both promise the
 *   result of `answer` with `glyph`, the 28x28 pixels that the network saw, or null if nothing is drawn.
 */
export function reader(name) {
  return once(readers, name, load);
}

/** Strokes on a canvas of their own that they fill. */
export function alone(strokes, pen) {
  const [left, top, across, down] = extent(strokes),
    room = 2 * pen;
  const moved = strokes.map((points) => points.map(([x, y]) => [x - left + room, y - top + room]));
  return {
    strokes: moved,
    pen,
    width: Math.floor(across + 2 * room) + 1,
    height: Math.floor(down + 2 * room) + 1,
  };
}

async function load(name) {
  const [pictures, strokes] = await Promise.all(
    [VIEWS.includes(name) ? NETWORK : name, STROKES].map((one) => once(networks, one, network)),
  );
  const view = pictures.card.views?.[name],
    card = { ...pictures.card, ...view };

  async function ofPicture(image, factors) {
    const one = seen(image, card.recipe);
    if (!one) return one;
    const said = await pictures.logits(one.glyph);
    const logits = view ? seenBy(said, view.weights) : said;
    return { ...answer(logits, card, one.bare, factors), glyph: one.glyph };
  }

  async function ofStrokes(drawing) {
    if (!drawing.strokes.length) return null;
    const drawn = picture(near(drawing));
    if (!strokes.card.helps.includes(name)) return ofPicture(drawn);
    const said = await strokes.logits(path(drawing.strokes));
    return ofPicture(drawn, opinion(said, strokes.card, card.classes));
  }

  return { card, picture: ofPicture, character: ofStrokes };
}

/** The part of a drawing around its strokes: less to process, with the same result. */
function near({ strokes, pen, width, height }) {
  const [left, top, across, down] = extent(strokes),
    room = 2 * Math.ceil(pen) + MARGIN;
  const [x, y] = [left, top].map((side) => Math.max(0, Math.floor(side) - room));
  return {
    strokes: strokes.map((points) => points.map((point) => [point[0] - x, point[1] - y])),
    pen,
    width: Math.max(1, Math.min(width, Math.ceil(left + across) + room) - x),
    height: Math.max(1, Math.min(height, Math.ceil(top + down) + room) - y),
  };
}

/** A network and its card. */
async function network(name) {
  const [card, weights] = await Promise.all([
    fetched(here(`models/${name}.json`)).then((bytes) => JSON.parse(new TextDecoder().decode(bytes))),
    fetched(here(`models/${name}.tflite.gz`)),
    (runtime ??= started().catch((error) => {
      runtime = undefined;
      throw error;
    })),
  ]);
  const model = await loadAndCompile(weights, { accelerator: "wasm" });

  async function logits(values) {
    const input = new Tensor(values, [1, ...card.input_shape]);
    const outputs = await model.run(input);
    const found = Float32Array.from(outputs[0].toTypedArray());
    for (const tensor of [input, ...outputs]) tensor.delete();
    return found;
  }

  return { card, logits };
}

/** The promise of `promised(name)`, made once; again after a failure, since there may be a network then. */
function once(known, name, promised) {
  if (!known.has(name)) {
    const coming = promised(name);
    coming.catch(() => known.delete(name));
    known.set(name, coming);
  }
  return known.get(name);
}

/** Start the runtime from a gzip copy of its WebAssembly: many hosts do not compress it. */
async function started() {
  const wasmBinary = await fetched(here("runtime/litert_wasm_compat_internal.wasm.gz"));
  const printErr = (line) => {
    if (line.startsWith("ERROR")) console.error(line);
  }; // it prints much more
  self.Module = { wasmBinary, printErr };
  await loadLiteRt(here("runtime/litert_wasm_compat_internal.js"));
}
