"""Fine-tune one shipped model on an exported file of a person's corrections.

    python -m training.train characters --corrections my-hand.zip --out fine-tuned

Each batch mixes augmented corrections with training data, so that the model keeps what it knew. Without
training data it sees corrections alone, and may read other writers worse.
"""

import dataclasses
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from recognizer.errors import CorrectionError
from recognizer.models.store import WEIGHTS, load_model, read_card
from recognizer.personalization.archive import from_zip, glyphs_for_recipe
from training.data.datasets import allowed_classes
from training.data.official import DataError
from training.data.sample_pools import OTHERS_JITTER
from training.engine.batches import PREFETCH
from training.engine.losses import accuracy, set_loss
from training.engine.make import PreparedData, prepare, write_model
from training.recipes import TrainingRecipe
from training.synthesis.jitter import jittered

STEPS = 300  # batches
LEARNING_RATE = 1e-4  # of AdamW at the first step; falls to 0 as a cosine
CORRECTED_SHARE = 0.25  # of a batch are corrections, if there is training data
# samples of `characters` made for a fine-tuning: a few hundred steps need no more
TEMPLATES, NEGATIVES = 10_000, 5_000
STALE = ("sha256", "validation")  # card entries that describe the old weights
STALE_IN_VIEWS = ("risk", "coverage", "metrics")  # the same, in the card and in each of its views


@dataclass(frozen=True)
class Corrections:
    """The corrections in a file whose labels the model can say."""

    images: np.ndarray  # uint8 (N, side, side), 255 = ink
    allowed: np.ndarray  # bool (N, classes)
    sha256: str  # of the file

    def __len__(self) -> int:
        return len(self.images)


class MixedBatches(keras.utils.PyDataset):
    """Batches of augmented corrections, mixed with training data if there is any."""

    def __init__(
        self, corrections: Corrections, recipe: TrainingRecipe, training: PreparedData | None, steps: int
    ):
        super().__init__(**PREFETCH)
        self.corrections, self.recipe, self.steps = corrections, recipe, steps
        self.training = training.batches(0) if training else None

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        size = self.recipe.batch_size
        count = max(1, round(CORRECTED_SHARE * size)) if self.training else size
        rng = np.random.default_rng((self.recipe.seed, number))
        rows = rng.integers(len(self.corrections), size=count)
        images, allowed = self._augmented(rows, rng), self.corrections.allowed[rows].astype(np.float32)
        if self.training is None:
            return images, allowed
        inputs, targets = self.training[number % len(self.training)]
        return np.concatenate([images, inputs[count:]]), np.concatenate([allowed, targets[count:]])

    def _augmented(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        images = self.corrections.images[rows]
        if self.recipe.glyph_recipe == "emnist" and images.shape[1] == 28:
            return jittered(images, OTHERS_JITTER, rng)[..., None]
        return images[..., None].astype(np.float32) / 255


def fine_tune(
    recipe: TrainingRecipe,
    file: Path,
    data_dir: Path,
    out: Path,
    steps: int = STEPS,
    rate: float = LEARNING_RATE,
    weights: Path = WEIGHTS,
) -> dict[str, Any]:
    """Fine-tune a model and write NAME.keras, its card and its history to `out`.

    Args:
        recipe: of the model.
        file: an export of corrections (recognizer.personalization.archive).
        data_dir: folder of the training data; may be missing.
        out: folder to write to.
        steps: number of batches.
        rate: learning rate at the first batch.
        weights: folder of the weights to start from; they stay as they are.

    Returns:
        The new card.

    Raises:
        CorrectionError: the file cannot be read, or has no label that this model can say.
        ModelError: `weights` has no valid model of that name.
        CheckpointError: the result cannot be written.
    """
    load_model(recipe.name, weights)  # raises if the weights do not match their card
    card, corrections = read_card(recipe.name, weights), load_corrections(recipe, file)
    training = _training_data(recipe, data_dir)
    model = keras.saving.load_model(weights / f"{recipe.name}.keras", compile=False)
    before = _accuracy(model, corrections)
    history = _train(model, MixedBatches(corrections, recipe, training, steps), rate, recipe.seed)
    after = _accuracy(model, corrections)
    print(f"{recipe.name}: reads {after:.1%} of the {len(corrections)} corrections; {before:.1%} before")
    card = {key: value for key, value in card.items() if key not in STALE}
    _remove_stale_entries(card)
    if training:
        card |= training.card(model.predict(training.inputs, batch_size=512, verbose=0))
    card |= {
        "fine_tuned": {
            "from": read_card(recipe.name, weights)["sha256"],
            "corrections": len(corrections),
            "mixed_with": "the training data" if training else "nothing: other writers may be read worse",
            "steps": steps,
            "learning_rate": rate,
        },
        "training_data": card["training_data"] | {file.name: corrections.sha256},
        "metrics": {},
        "command": f"python -m training.train {recipe.name} --corrections {file.name}",
    }
    plain = type(model).from_config(model.get_config())  # without the optimizer
    plain.set_weights(model.get_weights())
    write_model(recipe.name, plain, card, history, out)
    return card


def _remove_stale_entries(card: dict[str, Any]) -> None:
    """Remove from a card what was measured with the old weights."""
    for entries in (card, *card.get("views", {}).values()):
        for key in STALE_IN_VIEWS:
            entries.pop(key, None)


def load_corrections(recipe: TrainingRecipe, file: Path) -> Corrections:
    """Read the corrections in a file whose labels a model can say.

    Raises:
        CorrectionError: the file cannot be read, or has no such label.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise CorrectionError(f"{file} cannot be opened ({error.strerror}): check the path") from None
    labels = {label for label in recipe.classes if label}
    merged = "A" not in labels  # the model does not tell the cases of a letter apart
    usable = [
        correction
        for correction in from_zip(raw)
        if (correction.label.lower() if merged else correction.label) in labels
    ]
    if not usable:
        raise CorrectionError(f"{file} has no correction that {recipe.name} can say: choose another model")
    images = np.rint(255 * glyphs_for_recipe(usable, recipe.glyph_recipe, recipe.side)).astype(np.uint8)
    allowed = allowed_classes([correction.label for correction in usable], recipe.classes)
    return Corrections(images, allowed, hashlib.sha256(raw).hexdigest())


def _training_data(recipe: TrainingRecipe, data_dir: Path) -> PreparedData | None:
    """The training data of the recipe, or None if it is not there."""
    if recipe.mixture:
        mixture = dataclasses.replace(recipe.mixture, templates=TEMPLATES, made=NEGATIVES)
        recipe = dataclasses.replace(recipe, mixture=mixture)
    if not any((data_dir / name).is_dir() for name in ("mnist", "emnist", "nist")):
        print(f"no training data in {data_dir}: fine-tuning on the corrections alone")
        return None
    try:
        return prepare(recipe, data_dir)
    except DataError as error:
        print(f"{error}\nfine-tuning on the corrections alone")
        return None


def _train(model: keras.Model, batches: MixedBatches, rate: float, seed: int) -> list[dict[str, float]]:
    """Train on the batches with frozen batch normalisation: its statistics are of the whole training set."""
    keras.utils.set_random_seed(seed)
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for layer in norms:
        layer.trainable = False
    schedule = keras.optimizers.schedules.CosineDecay(rate, len(batches))
    model.compile(keras.optimizers.AdamW(schedule), loss=set_loss, metrics=[accuracy])
    logs = model.fit(batches, verbose=2).history
    for layer in norms:
        layer.trainable = True
    return [{key: round(values[0], 5) for key, values in logs.items()}]


def _accuracy(model: keras.Model, corrections: Corrections) -> float:
    """Share of corrections whose most probable class is allowed."""
    inputs = corrections.images[..., None].astype(np.float32) / 255
    logits = model.predict(inputs, batch_size=512, verbose=0)
    return float(corrections.allowed[np.arange(len(corrections)), logits.argmax(axis=1)].mean())
