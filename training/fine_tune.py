"""Fine-tune the shipped weights of one model on an export of somebody's corrections.

    python -m training.train digits --corrections my-hand.zip --out fine-tuned

Each batch has some corrections, varied, among ordinary training samples, so that what was known before is
kept; where there are no training data the corrections are all there is, and other hands may be read worse.
"""

import dataclasses
import hashlib
from pathlib import Path

import keras
import numpy as np

from recognizer.confidence import fit_temperature
from recognizer.exchange import CorrectionError, glyphs_of, unpacked
from recognizer.models import WEIGHTS, load_model
from training.batches import Batches
from training.calibrate import promises
from training.datasets import Samples, allowed_classes, training_data
from training.losses import accuracy, set_loss
from training.official import DataError
from training.recipe import TrainingRecipe
from training.ship import ship

STEPS = 300
RATE = 1e-4  # of AdamW, a twentieth of a training's; falls to 0
SHARE = 0.25  # of a batch are corrections, where there are other samples
OF_WHAT_IT_WAS = ("risk", "coverage", "metrics", "sha256", "validation")  # a card's entries, measured before


class Mixed(keras.utils.PyDataset):
    """Batches of several data sets, side by side; each begins anew after its last."""

    def __init__(self, parts: list[Batches], steps: int):
        super().__init__(workers=1, max_queue_size=16)
        self.parts, self.steps = parts, steps

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        batches = [part[index % len(part)] for part in self.parts]
        return tuple(np.concatenate(pair) for pair in zip(*batches, strict=True))


def fine_tune(
    recipe: TrainingRecipe,
    file: Path,
    data_dir: Path,
    out: Path,
    steps: int = STEPS,
    rate: float = RATE,
    weights: Path = WEIGHTS,
) -> dict:
    """Write NAME.keras and its card to `out`: the weights of `weights`, learnt a little further.

    Args:
        recipe: of the model.
        file: an export of corrections (recognizer.exchange).
        data_dir: holds the training data, or does not.
        out: the folder to write to.
        steps, rate: how far: batches, and the learning rate at their beginning.
        weights: the folder to begin with.

    Returns:
        The card.

    Raises:
        CorrectionError: the file cannot be read, or has nothing that this model can say.
        ModelError: there are no such weights.
    """
    known = load_model(recipe.name, weights)
    own = lessons(recipe, file)
    training, held_out = _ordinary(recipe, data_dir)
    model = keras.saving.load_model(weights / f"{recipe.name}.keras", compile=False)
    _learn(model, mixed(recipe, own, training, steps), rate)

    before, after = (_right(logits, own) for logits in (known.logits(_seen(own)), _logits(model, own)))
    print(f"{recipe.name}: {before:.1%} of {len(own)} corrections were read rightly, now {after:.1%} are")
    card = {key: value for key, value in known.card.items() if key not in OF_WHAT_IT_WAS}
    if held_out is not None:
        card |= _measured(model, held_out, known.card)
    card |= {
        "fine_tuned": {
            "from": known.card["sha256"],
            "corrections": len(own),
            "mixed_with": "the training data" if training is not None else "nothing: other hands may suffer",
            "steps": steps,
            "learning_rate": rate,
        },
        "training_data": known.card["training_data"] | own.sources,
        "metrics": {},
        "command": f"python -m training.train {recipe.name} --corrections {file.name}",
    }
    ship(recipe.name, model, card, out)
    return card


def lessons(recipe: TrainingRecipe, file: Path) -> Samples:
    """The corrections of a file that a model can learn from."""
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
    return Samples(
        images,
        allowed_classes([one.label for one in given], recipe.classes),
        np.full(len(given), ""),  # told what they are, augmentation would add strokes of other people's
        {file.name: hashlib.sha256(raw).hexdigest()},
        np.full(len(recipe.classes), 1 / len(recipe.classes)),
    )


def _ordinary(recipe: TrainingRecipe, data_dir: Path) -> tuple[Samples | None, Samples | None]:
    """Training and validation samples, or None where their folders are not there."""
    if not any((data_dir / name).is_dir() for name in ("mnist", "emnist", "nist")):
        print(f"no training data in {data_dir}: the corrections are all there is")
        return None, None
    try:
        return training_data(recipe, data_dir)
    except DataError as error:
        print(f"{error}\nwithout them the corrections are all there is")
        return None, None


def mixed(recipe: TrainingRecipe, own: Samples, training: Samples | None, steps: int) -> Mixed:
    """Batches of ordinary samples, where there are any, with corrections before them."""
    few = max(1, round(SHARE * recipe.batch_size))
    nothing = recipe.nothing if training is None else 0.0  # else the ordinary samples have their share
    to_learn = dataclasses.replace(recipe, batch_size=few, balance=None, nothing=nothing)
    parts = [Batches(own.rows(np.arange(few * steps) % len(own)), to_learn, 0)]
    if training is not None:
        # as frequent as the shipped weights expect them
        balance = 0.0 if recipe.forms_prior else recipe.balance
        to_keep = dataclasses.replace(recipe, batch_size=recipe.batch_size - few, balance=balance)
        parts.append(Batches(training, to_keep, 0))
    return Mixed(parts, steps)


def _learn(model: keras.Model, batches: Mixed, rate: float) -> None:
    """Train on the batches, but for what batch normalisation knows of the whole training set."""
    keras.utils.set_random_seed(batches.parts[0].recipe.seed)
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for layer in norms:
        layer.trainable = False
    schedule = keras.optimizers.schedules.CosineDecay(rate, len(batches))
    model.compile(keras.optimizers.AdamW(schedule), loss=set_loss, metrics=[accuracy])
    model.fit(batches, verbose=2)
    for layer in norms:
        layer.trainable = True


def _measured(model: keras.Model, held_out: Samples, card: dict) -> dict:
    """A card's entries on held-out samples, of what the network has become."""
    logits, prior = _logits(model, held_out), card.get("prior", 1.0)
    temperature = round(fit_temperature(logits, held_out.allowed), 4)
    return {
        "temperature": temperature,
        **promises(logits, held_out.allowed, tuple(card["classes"]), temperature, prior),
        "validation": {"samples": len(held_out), "val_accuracy": round(_right(logits, held_out), 5)},
    }


def _seen(samples: Samples) -> np.ndarray:
    return samples.images.astype(np.float32) / 255


def _logits(model: keras.Model, samples: Samples) -> np.ndarray:
    return model.predict(_seen(samples)[..., None], batch_size=512, verbose=0)


def _right(logits: np.ndarray, samples: Samples) -> float:
    """The share of samples whose likeliest class is an allowed one."""
    return float(samples.allowed[np.arange(len(samples)), logits.argmax(axis=1)].mean())
