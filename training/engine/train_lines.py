"""Train a network that reads whole lines and write weights/lines/NAME.keras with its card.

    python -m training.engine.train_lines digits|alphanumeric [--epochs N --seed N --data-dir DIR --resume]

The lines are composed (training.synthesis.text_lines) of training rows of characters; held-out lines are
composed of held-out rows.
"""

import argparse
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

from recognizer.decoding.ctc import STEP
from recognizer.models.store import LINES
from training.data.datasets import DATA, Samples, training_data
from training.data.official import DataError
from training.engine.checkpoints import CHECKPOINTS, CheckpointError, load_checkpoint, replace
from training.engine.make import TRAINED, write
from training.models.architectures import line_reader
from training.recipes import LINE_RECIPES, RECIPES, LineRecipe
from training.synthesis import text_lines

AT_ONCE = 4  # batches made together, and sorted by width
WIDEST = 384  # pixels: a longer line is pressed together
UNIT = 32  # pixels: strips of a batch are as wide as the widest, in these units
HELD_OUT = 512  # lines


def batches(
    source: text_lines.Characters, recipe: LineRecipe, epoch: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """One epoch of made-up lines; the next are made while the network learns from these."""
    groups = range(recipe.lines // (AT_ONCE * recipe.batch_size))

    def made(group: int) -> list[tuple[np.ndarray, np.ndarray]]:
        rng = np.random.default_rng((recipe.seed, epoch, group))
        every = made_lines(source, recipe, AT_ONCE * recipe.batch_size, rng)
        every.sort(key=lambda one: one[1].shape[1])
        size = recipe.batch_size
        return [batch(every[start : start + size], recipe) for start in range(0, len(every), size)]

    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(made, 0)
        for group in groups:
            ready, coming = coming.result(), ahead.submit(made, group + 1)
            yield from ready
        coming.cancel()


def made_lines(
    source: text_lines.Characters, recipe: LineRecipe, count: int, rng: np.random.Generator
) -> list[tuple[str, np.ndarray]]:
    """Texts and the strips that they are written on."""
    texts = [getattr(text_lines, recipe.text)(rng) for _ in range(count)]
    return [(text, text_lines.line(text, source, rng)) for text in texts]


def batch(made: list[tuple[str, np.ndarray]], recipe: LineRecipe) -> tuple[np.ndarray, np.ndarray]:
    """Strips (N, high, W, 1) and labels (N, longest) of class numbers, -1 after the end."""
    width = min(WIDEST, max(-(-ink.shape[1] // UNIT) * UNIT for _, ink in made))
    strips = np.zeros((len(made), recipe.high, width, 1), np.float32)
    texts = [text.replace(" ", "") for text, _ in made]
    labels = np.full((len(made), max(map(len, texts))), -1, np.int32)
    for row, (text, (_, ink)) in enumerate(zip(texts, made, strict=True)):
        if ink.shape[1] > width:
            ink = cv2.resize(ink, (width, recipe.high), interpolation=cv2.INTER_AREA)
        strips[row, :, : ink.shape[1], 0] = ink
        labels[row, : len(text)] = [recipe.classes.index(label) for label in text]
    return strips, labels


@keras.saving.register_keras_serializable("scrawl")
def ctc_loss(labels, logits):
    """Minus the log of the probability of a text, however its characters are placed (Graves et al. 2006)."""
    labels = tf.cast(labels, tf.int32) + 1  # TensorFlow's sparse form leaves zeros out
    sparse = tf.sparse.from_dense(labels)
    sparse = tf.SparseTensor(sparse.indices, sparse.values - 1, sparse.dense_shape)
    places = tf.fill((tf.shape(logits)[0],), tf.shape(logits)[1])
    return tf.nn.ctc_loss(sparse, logits, None, places, logits_time_major=False, blank_index=-1)


@keras.saving.register_keras_serializable("scrawl")
class Cycles(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that rises, falls as a cosine to nothing, and begins again from 0.6 of the peak before."""

    RISE, AGAIN = 0.05, 0.6

    def __init__(self, peak: float, steps: int):
        """
        Args:
            peak: of the first cycle.
            steps: of one cycle.
        """
        self.peak, self.steps = peak, steps

    def __call__(self, step):
        part = tf.cast(step, tf.float32) / self.steps
        cycle = tf.floor(part)
        part -= cycle
        fallen = (1 + tf.cos(np.pi * (part - self.RISE) / (1 - self.RISE))) / 2
        return self.peak * self.AGAIN**cycle * tf.minimum(part / self.RISE, fallen)

    def get_config(self) -> dict:
        return {"peak": self.peak, "steps": self.steps}


def source_of(samples: Samples, recipe: LineRecipe) -> text_lines.Characters:
    rows = {label: np.flatnonzero(samples.labels == label) for label in recipe.classes if label}
    return text_lines.Characters(
        samples.images, rows, RECIPES["alphanumeric-62"].glyph_recipe, recipe.high, recipe.tall
    )


def right(model: keras.Model, made: list, recipe: LineRecipe) -> float:
    """The share of lines that are read without an error."""
    count = 0
    for start in range(0, len(made), recipe.batch_size):
        some = made[start : start + recipe.batch_size]
        strips, labels = batch(some, recipe)
        best = np.asarray(model(strips, training=False)).argmax(axis=2)
        for row, wanted in zip(best, labels, strict=True):
            changed = row[np.append(True, row[1:] != row[:-1])]
            count += changed[changed != len(recipe.classes) - 1].tolist() == wanted[wanted >= 0].tolist()
    return count / len(made)


def train(recipe: LineRecipe, training: Samples, held_out: list, folder: Path, resume: bool):
    """Train with a checkpoint an epoch in `folder`; gives the model and its history."""
    keras.utils.set_random_seed(recipe.seed)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint, log = folder / "epoch.keras", folder / "history.json"
    steps = recipe.epochs * (recipe.lines // (AT_ONCE * recipe.batch_size)) * AT_ONCE
    if resume and checkpoint.exists():
        model = load_checkpoint(checkpoint)
        history = json.loads(log.read_text())[: int(model.optimizer.iterations) * recipe.epochs // steps]
    else:
        model, history = line_reader(len(recipe.classes), recipe.high), []
        if recipe.start:
            _begin_with(model, LINES / f"{recipe.start}.keras")
        rate = Cycles(recipe.learning_rate, steps // recipe.cycles)
        decay, norm = recipe.weight_decay, 5.0  # of the gradient: early lines can be all wrong
        model.compile(keras.optimizers.AdamW(rate, weight_decay=decay, global_clipnorm=norm), loss=ctc_loss)
    source = source_of(training, recipe)
    for epoch in range(len(history), recipe.epochs):
        losses = [model.train_on_batch(*one) for one in batches(source, recipe, epoch)]
        model.reset_metrics()
        loss = round(float(losses[-1]), 4)  # a mean over the epoch
        history.append({"loss": loss, "held_out": right(model, held_out, recipe)})
        print(f"{recipe.name}, epoch {epoch + 1} of {recipe.epochs}: {history[-1]}", flush=True)
        replace(log, lambda path: path.write_text(json.dumps(history)))
        replace(checkpoint, model.save)
    return model, history


def _begin_with(model: keras.Model, path: Path) -> None:
    """Take over the weights of another network of lines, but for its last layer."""
    if not path.exists():
        raise DataError(f"{path} is missing: python -m training.engine.train_lines {path.stem} makes it")
    known = keras.saving.load_model(path, compile=False)
    for layer, other in zip(model.layers[:-1], known.layers[:-1], strict=True):
        layer.set_weights(other.get_weights())


def save(recipe: LineRecipe, model: keras.Model, history: list[dict], sources: dict, folder: Path) -> None:
    """Write NAME.keras, without optimizer or code of ours, and its card."""
    plain = line_reader(len(recipe.classes), recipe.high)
    plain.set_weights(model.get_weights())
    card = {
        "classes": list(recipe.classes),
        "input_shape": [recipe.high, None, 1],
        "tall": recipe.tall,
        "step": STEP,
        "parameters": plain.count_params(),
        "training_data": sources,
        "hyperparameters": dataclasses.asdict(recipe),
        "validation": {"lines": HELD_OUT, "made_of": "held-out rows", **history[-1]},
        "command": f"python -m training.engine.train_lines {recipe.name}",
    }
    write(recipe.name, plain, card, history, folder)


def make(recipe: LineRecipe, data_dir: Path, resume: bool, folder: Path = TRAINED / "lines") -> None:
    """Train a recipe and write its weights and card.

    Raises:
        DataError: the data are not there, or not what they should be.
        CheckpointError: there is nothing sound to resume from.
    """
    # the rows of NIST, of what the reader shall know
    rows = dataclasses.replace(
        RECIPES["alphanumeric-62"], classes=tuple(label for label in recipe.classes if label)
    )
    training, validation = training_data(rows, data_dir)
    rng = np.random.default_rng(recipe.seed)
    held_out = made_lines(source_of(validation, recipe), recipe, HELD_OUT, rng)
    checkpoints = CHECKPOINTS / "lines" / ("" if folder == LINES else folder.name) / recipe.name
    model, history = train(recipe, training, held_out, checkpoints, resume)
    save(recipe, model, history, training.sources, folder)


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m training.engine.train_lines", description=__doc__.splitlines()[0]
    )
    parser.add_argument("name", choices=sorted(LINE_RECIPES))
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--data-dir", type=Path, default=DATA, help="default: $SCRAWL_DATA, else data/")
    parser.add_argument("--resume", action="store_true", help="go on after the last checkpoint")
    arguments = parser.parse_args()
    given = {key: getattr(arguments, key) for key in ("epochs", "seed")}
    recipe = dataclasses.replace(
        LINE_RECIPES[arguments.name], **{key: value for key, value in given.items() if value is not None}
    )
    tf.config.threading.set_inter_op_parallelism_threads(1)
    # convolutions in 16 bits where the processor can: a third less time
    tf.config.optimizer.set_experimental_options({"auto_mixed_precision_onednn_bfloat16": True})
    cv2.setNumThreads(1)
    try:
        make(recipe, arguments.data_dir, arguments.resume)
    except (DataError, CheckpointError) as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
