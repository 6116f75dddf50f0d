"""Train a network that reads whole lines, and write trained/lines/NAME.keras with its card.

    python -m training.engine.train_lines digits
    python -m training.engine.train_lines alphanumeric --resume

The lines are synthetic: characters of the training set, set side by side (training.synthesis.text_lines).
Held-out lines are made of held-out characters in the same way.
"""

import dataclasses
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import cv2
import keras
import numpy as np
import tensorflow as tf

from recognizer.decoding.ctc import FRAME_WIDTH
from recognizer.models.store import LINES
from training.data.datasets import Samples, training_data
from training.data.official import DataError
from training.engine.checkpoints import CHECKPOINTS, CheckpointError, load_checkpoint, write_atomically
from training.engine.make import TRAINED, write_model
from training.models.architectures import line_reader
from training.options import add_data_dir, command_parser
from training.recipes import LINE_RECIPES, RECIPES, LineRecipe
from training.synthesis import text_lines

GROUP = 4  # batches made together; their lines are sorted by width, so that a batch has little padding
MAX_WIDTH = 384  # pixels: longer lines are squeezed to it
WIDTH_STEP = 32  # pixels: the width of a batch is a multiple of it, so that few widths must be compiled
HELD_OUT_LINES = 512
PEAK_DECAY = 0.6  # of the peak learning rate from one cycle to the next
WARMUP = 0.05  # share of a cycle
GRADIENT_NORM = 5.0  # maximum: early on every line of a batch may be wrong


def batches(
    source: text_lines.CharacterSource, recipe: LineRecipe, epoch: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """One epoch of synthetic lines; the next group is made while the network trains on this one."""
    groups = range(recipe.lines // (GROUP * recipe.batch_size))

    def make_group(group: int) -> list[tuple[np.ndarray, np.ndarray]]:
        rng = np.random.default_rng((recipe.seed, epoch, group))
        lines = synthesize(source, recipe, GROUP * recipe.batch_size, rng)
        lines.sort(key=lambda line: line[1].shape[1])
        size = recipe.batch_size
        return [batch(lines[start : start + size], recipe) for start in range(0, len(lines), size)]

    with ThreadPoolExecutor(1) as thread:
        upcoming = thread.submit(make_group, 0)
        for group in groups:
            ready, upcoming = upcoming.result(), thread.submit(make_group, group + 1)
            yield from ready
        upcoming.cancel()


def synthesize(
    source: text_lines.CharacterSource, recipe: LineRecipe, count: int, rng: np.random.Generator
) -> list[tuple[str, np.ndarray]]:
    """Random lines: each the text, and the strip (height, width) that it is written on."""
    texts = [getattr(text_lines, recipe.text)(rng) for _ in range(count)]
    return [(text, text_lines.line(text, source, rng)) for text in texts]


def batch(lines: list[tuple[str, np.ndarray]], recipe: LineRecipe) -> tuple[np.ndarray, np.ndarray]:
    """Pack lines into arrays.

    Args:
        lines: as `synthesize` returns them.
        recipe: gives the height of strips and the classes.

    Returns:
        Strips, float32 (N, height, W, 1), padded on the right with 0; and class numbers, int32 (N, length of
        the longest text), padded with -1. Spaces are no class and are left out.
    """
    width = min(MAX_WIDTH, max(-(-ink.shape[1] // WIDTH_STEP) * WIDTH_STEP for _, ink in lines))
    strips = np.zeros((len(lines), recipe.high, width, 1), np.float32)
    texts = [text.replace(" ", "") for text, _ in lines]
    labels = np.full((len(lines), max(map(len, texts))), -1, np.int32)
    for row, (text, (_, ink)) in enumerate(zip(texts, lines, strict=True)):
        if ink.shape[1] > width:
            ink = cv2.resize(ink, (width, recipe.high), interpolation=cv2.INTER_AREA)
        strips[row, :, : ink.shape[1], 0] = ink
        labels[row, : len(text)] = [recipe.classes.index(label) for label in text]
    return strips, labels


@keras.saving.register_keras_serializable("scrawl")
def ctc_loss(labels, logits):
    """CTC: negative log-probability of each text, summed over all alignments (Graves et al. 2006): (N,)."""
    labels = tf.cast(labels, tf.int32) + 1  # so that padding is 0, which from_dense drops; class 0 is kept
    sparse = tf.sparse.from_dense(labels)
    sparse = tf.SparseTensor(sparse.indices, sparse.values - 1, sparse.dense_shape)
    frames = tf.fill((tf.shape(logits)[0],), tf.shape(logits)[1])
    return tf.nn.ctc_loss(sparse, logits, None, frames, logits_time_major=False, blank_index=-1)


@keras.saving.register_keras_serializable("scrawl")
class Cycles(keras.optimizers.schedules.LearningRateSchedule):
    """Cycles of a linear warm-up and a cosine to 0; each peak is PEAK_DECAY times the one before."""

    def __init__(self, peak: float, steps: int):
        """
        Args:
            peak: highest learning rate of the first cycle.
            steps: batches of one cycle.
        """
        self.peak, self.steps = peak, steps

    def __call__(self, step):
        position = tf.cast(step, tf.float32) / self.steps
        cycle = tf.floor(position)
        position -= cycle
        cosine = (1 + tf.cos(np.pi * (position - WARMUP) / (1 - WARMUP))) / 2
        return self.peak * PEAK_DECAY**cycle * tf.minimum(position / WARMUP, cosine)

    def get_config(self) -> dict:
        return {"peak": self.peak, "steps": self.steps}


def character_source(samples: Samples, recipe: LineRecipe) -> text_lines.CharacterSource:
    """The characters that lines are made of: those rows of `samples` that the recipe has classes for."""
    rows = {label: np.flatnonzero(samples.labels == label) for label in recipe.classes if label}
    return text_lines.CharacterSource(
        samples.images, rows, RECIPES["alphanumeric-62"].glyph_recipe, recipe.high, recipe.tall
    )


def accuracy(model: keras.Model, lines: list, recipe: LineRecipe) -> float:
    """Share of lines that are read without an error, by greedy decoding."""
    correct = 0
    for start in range(0, len(lines), recipe.batch_size):
        strips, labels = batch(lines[start : start + recipe.batch_size], recipe)
        best = np.asarray(model(strips, training=False)).argmax(axis=2)
        for row, truth in zip(best, labels, strict=True):
            merged = row[np.append(True, row[1:] != row[:-1])]
            correct += merged[merged != len(recipe.classes) - 1].tolist() == truth[truth >= 0].tolist()
    return correct / len(lines)


def train(
    recipe: LineRecipe, training: Samples, held_out: list, folder: Path, resume: bool
) -> tuple[keras.Model, list[dict]]:
    """Train a network and write a checkpoint after every epoch.

    Args:
        recipe: what to train, and how.
        training: characters that lines are made of.
        held_out: lines, evaluated after every epoch.
        folder: where the checkpoint and the history are kept.
        resume: continue after the checkpoint in `folder`, if there is one.

    Returns:
        The model, and for each epoch a dict of loss and held-out accuracy.
    """
    keras.utils.set_random_seed(recipe.seed)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint, log = folder / "epoch.keras", folder / "history.json"
    steps = recipe.epochs * (recipe.lines // (GROUP * recipe.batch_size)) * GROUP
    if resume and checkpoint.exists():
        model = load_checkpoint(checkpoint)
        history = json.loads(log.read_text())[: int(model.optimizer.iterations) * recipe.epochs // steps]
    else:
        model, history = line_reader(len(recipe.classes), recipe.high), []
        if recipe.start:
            _copy_weights(model, LINES / f"{recipe.start}.keras")
        rate = Cycles(recipe.learning_rate, steps // recipe.cycles)
        optimizer = keras.optimizers.AdamW(
            rate, weight_decay=recipe.weight_decay, global_clipnorm=GRADIENT_NORM
        )
        model.compile(optimizer, loss=ctc_loss)
    source = character_source(training, recipe)
    for epoch in range(len(history), recipe.epochs):
        losses = [model.train_on_batch(*batch) for batch in batches(source, recipe, epoch)]
        model.reset_metrics()
        loss = round(float(losses[-1]), 4)  # Keras returns the mean since the last reset
        history.append({"loss": loss, "held_out": accuracy(model, held_out, recipe)})
        print(f"{recipe.name}, epoch {epoch + 1} of {recipe.epochs}: {history[-1]}", flush=True)
        write_atomically(log, lambda path: path.write_text(json.dumps(history)))
        write_atomically(checkpoint, model.save)
    return model, history


def _copy_weights(model: keras.Model, path: Path) -> None:
    """Start from the weights of another line network, except for the last layer."""
    if not path.exists():
        raise DataError(f"{path} is missing: train it with python -m training.engine.train_lines {path.stem}")
    source = keras.saving.load_model(path, compile=False)
    for layer, source_layer in zip(model.layers[:-1], source.layers[:-1], strict=True):
        layer.set_weights(source_layer.get_weights())


def save(recipe: LineRecipe, model: keras.Model, history: list[dict], sources: dict, folder: Path) -> None:
    """Write NAME.keras, without the optimizer and our loss, its card and its history."""
    plain = line_reader(len(recipe.classes), recipe.high)
    plain.set_weights(model.get_weights())
    card = {
        "classes": list(recipe.classes),
        "input_shape": [recipe.high, None, 1],
        "tall": recipe.tall,
        "step": FRAME_WIDTH,
        "parameters": plain.count_params(),
        "training_data": sources,
        "hyperparameters": dataclasses.asdict(recipe),
        "validation": {"lines": HELD_OUT_LINES, "made_of": "held-out rows", **history[-1]},
        "command": f"python -m training.engine.train_lines {recipe.name}",
    }
    write_model(recipe.name, plain, card, history, folder)


def make(recipe: LineRecipe, data_dir: Path, resume: bool, folder: Path = TRAINED / "lines") -> None:
    """Train a recipe and write its weights, card and history.

    Raises:
        DataError: a data file or the network to start from is missing or damaged.
        CheckpointError: the checkpoint is damaged, or a file cannot be written.
    """
    # NIST's rows of the classes that the network has
    rows = dataclasses.replace(
        RECIPES["alphanumeric-62"], classes=tuple(label for label in recipe.classes if label)
    )
    training, validation = training_data(rows, data_dir)
    rng = np.random.default_rng(recipe.seed)
    held_out = synthesize(character_source(validation, recipe), recipe, HELD_OUT_LINES, rng)
    checkpoints = CHECKPOINTS / "lines" / ("" if folder == LINES else folder.name) / recipe.name
    model, history = train(recipe, training, held_out, checkpoints, resume)
    save(recipe, model, history, training.sources, folder)


def main() -> None:
    parser = command_parser("training.engine.train_lines", __doc__)
    parser.add_argument("name", choices=sorted(LINE_RECIPES), help="which network")
    parser.add_argument("--epochs", type=int, help="of synthetic lines, over all cycles")
    parser.add_argument("--seed", type=int, help="of all random numbers (default: 1)")
    add_data_dir(parser)
    parser.add_argument("--resume", action="store_true", help="continue after the last checkpoint")
    options = parser.parse_args()
    changes = {key: getattr(options, key) for key in ("epochs", "seed") if getattr(options, key) is not None}
    recipe = dataclasses.replace(LINE_RECIPES[options.name], **changes)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    # convolutions in 16 bits on processors that can: a third less time
    tf.config.optimizer.set_experimental_options({"auto_mixed_precision_onednn_bfloat16": True})
    cv2.setNumThreads(1)
    try:
        make(recipe, options.data_dir, options.resume)
    except (DataError, CheckpointError) as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
