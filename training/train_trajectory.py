"""Train the network of pen strokes and write weights/strokes/trajectory.keras with its card.

    python -m training.train_trajectory [--epochs N --seed N]

It learns from made-up strokes alone (training.ways): the training sets have pictures only.
"""

import argparse
import hashlib
import os
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from recognizer.trajectory import FOLDER, NAME, PLACES, SEEN, path
from training import ways
from training.architectures import trajectory_reader
from training.recipe import ALPHANUMERIC
from training.recipes import FLAGSHIPS
from training.ship import ship

EPOCHS = 4
CHUNK, CHUNKS = 10_000, 20  # characters made at once; chunks of an epoch
HELD_OUT = 10_000  # characters
BATCH, RATE = 256, 2e-3
# Above 1, since nobody writes just as the made-up ones are written. Chosen on wild/strokes62 and
# wild/pen_digits, where 1 to 2 differ by 0.4 %: there is no held-out set of strokes
TEMPERATURE = 1.5


def made(seed: tuple[int, ...], count: int = CHUNK) -> tuple[np.ndarray, np.ndarray]:
    """Paths (count, PLACES, SEEN) and class numbers (count,) of made-up characters, all equally frequent."""
    rng = np.random.default_rng(seed)
    classes = rng.integers(len(ALPHANUMERIC), size=count)
    return np.stack([path(ways.drawn(ALPHANUMERIC[number], rng)) for number in classes]), classes


def train(epochs: int, seed: int, chunks: int = CHUNKS, count: int = CHUNK) -> keras.Model:
    """Train on `epochs` times `chunks` times `count` characters, each made anew."""
    keras.utils.set_random_seed(seed)
    model = trajectory_reader(len(ALPHANUMERIC), PLACES, SEEN)
    rate = keras.optimizers.schedules.CosineDecay(RATE, epochs * chunks * -(-count // BATCH))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    seeds = [((seed, epoch, chunk), count) for epoch in range(epochs) for chunk in range(chunks)]
    with get_context("spawn").Pool(1) as ahead:  # makes the next while the network learns
        for number, some in enumerate(ahead.imap(_made, seeds)):
            done = model.fit(*some, BATCH, verbose=0).history
            if number % chunks == chunks - 1:
                print(f"epoch {number // chunks + 1} of {epochs}: {done}", flush=True)
    plain = trajectory_reader(len(ALPHANUMERIC), PLACES, SEEN)  # without optimizer
    plain.set_weights(model.get_weights())
    return plain


def _made(given: tuple[tuple[int, ...], int]) -> tuple[np.ndarray, np.ndarray]:
    return made(*given)


def card(model: keras.Model, epochs: int, seed: int) -> dict:
    """The card of a trained network; `write_card` adds the SHA-256 of its weights."""
    paths, classes = made((seed, epochs), HELD_OUT)
    right = (model.predict(paths, verbose=0).argmax(axis=1) == classes).mean()
    return {
        "classes": ALPHANUMERIC,
        "input_shape": [PLACES, SEEN, 1],
        "recipe": "trajectory",
        "temperature": TEMPERATURE,
        "helps": FLAGSHIPS,
        "parameters": model.count_params(),
        "training_data": {ways.FILE.name: hashlib.sha256(ways.FILE.read_bytes()).hexdigest()},
        "hyperparameters": {"epochs": epochs, "characters": CHUNK * CHUNKS, "batch_size": BATCH,
                            "learning_rate": RATE, "seed": seed},
        "metrics": {"made characters": round(float(right), 4)},
        "keras": keras.__version__,
        "command": f"python -m training.train_trajectory --epochs {epochs} --seed {seed}",
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m training.train_trajectory", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=FOLDER, help="default: weights/strokes/")
    given = parser.parse_args()
    model = train(given.epochs, given.seed)
    ship(NAME, model, card(model, given.epochs, given.seed), given.out)


if __name__ == "__main__":
    main()
