"""Fine-tune the shipped weights of one model on an export of somebody's corrections.

    python -m training.train characters --corrections my-hand.zip --out fine-tuned

Each batch has some corrections, varied, among ordinary training samples, so that what was known before is
kept; where there are no training data the corrections are all there is, and other hands may be read worse.
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
from recognizer.personalization.archive import glyphs_of, unpacked
from training.data.datasets import allowed_classes
from training.data.official import DataError
from training.data.sample_pools import AS_OTHERS_WRITE
from training.engine.losses import accuracy, set_loss
from training.engine.make import Prepared, prepared, write
from training.recipes import TrainingRecipe
from training.synthesis.jitter import jittered

STEPS = 300
RATE = 1e-4  # of AdamW; falls to 0
SHARE = 0.25  # of a batch are corrections, where there are other samples
TEMPLATES, NEGATIVES = 10_000, 5_000  # made for the ordinary samples: a few hundred steps need no more
# a card's entries that were measured with the weights as they were
OF_WHAT_IT_WAS = ("sha256", "validation")
PROMISES = ("risk", "coverage")  # what a card promises


@dataclass(frozen=True)
class Lessons:
    """The corrections of a file that a model can learn from."""

    images: np.ndarray  # uint8 (N, side, side), 255 = ink
    allowed: np.ndarray  # bool (N, classes)
    sha256: str  # of the file

    def __len__(self) -> int:
        return len(self.images)


class Mixed(keras.utils.PyDataset):
    """Batches of corrections, varied, beside ordinary samples where there are any."""

    def __init__(self, own: Lessons, recipe: TrainingRecipe, ordinary: Prepared | None, steps: int):
        super().__init__(workers=1, max_queue_size=16)
        self.own, self.recipe, self.steps = own, recipe, steps
        self.others = ordinary.batches(0) if ordinary else None

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        few = max(1, round(SHARE * self.recipe.batch_size)) if self.others else self.recipe.batch_size
        rng = np.random.default_rng((self.recipe.seed, number))
        rows = rng.integers(len(self.own), size=few)
        images, allowed = self._varied(rows, rng), self.own.allowed[rows].astype(np.float32)
        if self.others is None:
            return images, allowed
        inputs, targets = self.others[number % len(self.others)]
        return np.concatenate([images, inputs[few:]]), np.concatenate([allowed, targets[few:]])

    def _varied(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        images = self.own.images[rows]
        if self.recipe.glyph_recipe == "emnist" and images.shape[1] == 28:
            return jittered(images, AS_OTHERS_WRITE, rng)[..., None]
        return images[..., None].astype(np.float32) / 255


def fine_tune(
    recipe: TrainingRecipe,
    file: Path,
    data_dir: Path,
    out: Path,
    steps: int = STEPS,
    rate: float = RATE,
    weights: Path = WEIGHTS,
) -> dict[str, Any]:
    """Write NAME.keras and its card to `out`: the weights of `weights`, learnt a little further.

    Args:
        recipe: of the model.
        file: an export of corrections (recognizer.personalization.archive).
        data_dir: holds the training data, or does not.
        out: the folder to write to.
        steps, rate: how far: batches, and the learning rate at their beginning.
        weights: the folder to begin with.

    Returns:
        The card.

    Raises:
        CorrectionError: the file cannot be read, or has nothing that this model can say.
        ModelError: there are no such weights.
        CheckpointError: there is no room for what is written.
    """
    load_model(recipe.name, weights)  # refuses weights that are not those of the card
    card, own = read_card(recipe.name, weights), lessons(recipe, file)
    ordinary = _ordinary(recipe, data_dir)
    model = keras.saving.load_model(weights / f"{recipe.name}.keras", compile=False)
    before = _right(model, own)
    history = _learn(model, Mixed(own, recipe, ordinary, steps), rate, recipe.seed)
    after = _right(model, own)
    print(f"{recipe.name}: {before:.1%} of {len(own)} corrections were read rightly, now {after:.1%} are")
    card = {key: value for key, value in card.items() if key not in OF_WHAT_IT_WAS}
    _forget_promises(card)
    if ordinary:
        card |= ordinary.card(model.predict(ordinary.inputs, batch_size=512, verbose=0))
    card |= {
        "fine_tuned": {
            "from": read_card(recipe.name, weights)["sha256"],
            "corrections": len(own),
            "mixed_with": "the training data" if ordinary else "nothing: other hands may suffer",
            "steps": steps,
            "learning_rate": rate,
        },
        "training_data": card["training_data"] | {file.name: own.sha256},
        "metrics": {},
        "command": f"python -m training.train {recipe.name} --corrections {file.name}",
    }
    plain = type(model).from_config(model.get_config())  # without optimizer
    plain.set_weights(model.get_weights())
    write(recipe.name, plain, card, history, out)
    return card


def _forget_promises(card: dict[str, Any]) -> None:
    """Take out of a card what was promised of the weights as they were."""
    for entries in (card, *card.get("views", {}).values()):
        for key in (*PROMISES, "metrics"):
            entries.pop(key, None)


def lessons(recipe: TrainingRecipe, file: Path) -> Lessons:
    """The corrections of a file that a model can learn from.

    Raises:
        CorrectionError: it cannot be read, or has none.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise CorrectionError(f"{file} cannot be opened ({error.strerror}): check the path") from None
    labels = {label for label in recipe.classes if label}
    merged = "A" not in labels
    given = [one for one in unpacked(raw) if (one.label.lower() if merged else one.label) in labels]
    if not given:
        raise CorrectionError(f"{file} has no correction that {recipe.name} can say: choose another model")
    images = np.rint(255 * glyphs_of(given, recipe.glyph_recipe, recipe.side)).astype(np.uint8)
    allowed = allowed_classes([one.label for one in given], recipe.classes)
    return Lessons(images, allowed, hashlib.sha256(raw).hexdigest())


def _ordinary(recipe: TrainingRecipe, data_dir: Path) -> Prepared | None:
    """Ordinary samples of the recipe, or None where the data are not there."""
    if recipe.mixture:
        mixture = dataclasses.replace(recipe.mixture, templates=TEMPLATES, made=NEGATIVES)
        recipe = dataclasses.replace(recipe, mixture=mixture)
    if not any((data_dir / name).is_dir() for name in ("mnist", "emnist", "nist")):
        print(f"no training data in {data_dir}: the corrections are all there is")
        return None
    try:
        return prepared(recipe, data_dir)
    except DataError as error:
        print(f"{error}\nwithout them the corrections are all there is")
        return None


def _learn(model: keras.Model, batches: Mixed, rate: float, seed: int) -> list[dict[str, float]]:
    """Train on the batches, but for what batch normalisation knows of the whole training set."""
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


def _right(model: keras.Model, own: Lessons) -> float:
    """The share of corrections whose likeliest class is an allowed one."""
    logits = model.predict(own.images[..., None].astype(np.float32) / 255, batch_size=512, verbose=0)
    return float(own.allowed[np.arange(len(own)), logits.argmax(axis=1)].mean())
