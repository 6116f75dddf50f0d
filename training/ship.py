"""What a training leaves: weights, their card, what LiteRT reads of them, and the history of the epochs."""

import json
import os
import tempfile
from itertools import chain
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

from recognizer.models import read_card, write_card
from training import priors
from training.checkpoints import replace
from training.distillation import EARLIER_WEIGHTS
from training.export_lite import EXPORTED, write
from training.losses import accuracy, set_loss
from training.recipe import TrainingRecipe
from training.warm_start import weights_for

HISTORIES = Path(__file__).resolve().parent / "histories"


def mean(recipe: TrainingRecipe, trained: keras.Model, frequency: np.ndarray) -> list[np.ndarray]:
    """The weights that are shipped: the trained ones or, where the recipe says so, a mean with earlier ones.

    Networks that began with the same weights lie in one basin of the loss, and the middle of it reads better
    than either (model soups, Wortsman et al. 2022, arXiv 2203.05482).

    Args:
        recipe: says with which model's, and how much of each.
        trained: as it comes from the training.
        frequency: (classes,) on the forms.
    """
    if not recipe.mean_with:
        return trained.get_weights()
    earlier = keras.saving.load_model(EARLIER_WEIGHTS / f"{recipe.mean_with}.keras", compile=False)
    if recipe.forms_prior:  # it expects the forms since it was shipped, and that comes after the mean
        temperature = read_card(recipe.mean_with, EARLIER_WEIGHTS)["temperature"]
        priors.expect_forms(earlier, -temperature, frequency, recipe.balance)
    own = recipe.own_share
    others = chain.from_iterable(weights_for(trained, earlier))
    return [own * one + (1 - own) * other for one, other in zip(trained.get_weights(), others, strict=True)]


def held_out(allowed: np.ndarray, logits: np.ndarray) -> dict[str, float]:
    """Loss and accuracy on held-out rows, as `train` notes them of an epoch."""
    allowed = tf.cast(allowed, tf.float32)
    measured = {"val_loss": set_loss(allowed, logits), "val_accuracy": accuracy(allowed, logits)}
    return {key: round(float(tf.reduce_mean(values)), 5) for key, values in measured.items()}


def chosen(recipe: TrainingRecipe) -> str:
    """On what data the choices of a recipe were made, for the card."""
    epochs = "by the time there was" if recipe.one_cycle else "the best of 10, 50 and 100 on held-out rows"
    varied = "augmentation and preprocessing" if recipe.augmentation else "preprocessing"
    share = f"; share of {recipe.mean_with} in the mean: on the held-out rows and on wild drawings"
    share = share if recipe.mean_with else ""
    return (
        f"temperature: on the held-out rows{share}; epochs: {epochs}; rates: not searched; {varied}: by "
        "mistakes and figures on the wild sets, which are therefore no untouched test"
    )


def ship(name: str, model: keras.Model, card: dict, weights: Path) -> None:
    """Write NAME.keras and its card, whole or not at all; and what LiteRT needs, where it is to read it."""
    weights.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=weights) as folder:
        path = Path(folder) / f"{name}.keras"
        model.save(path)
        write_card(path, card)
        for file in (path, path.with_suffix(".json")):
            file.replace(weights / file.name)
    if name in EXPORTED.get(weights, ()):
        write(name, weights)


def keep_history(name: str, history: list[dict]) -> None:
    """The losses and accuracies of each epoch, as training/histories/NAME.json."""
    HISTORIES.mkdir(exist_ok=True)
    text = json.dumps(history, indent=1) + "\n"
    replace(HISTORIES / f"{name}.json", lambda path: path.write_text(text))
