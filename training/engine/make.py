"""Train one recipe: its samples, the loop, and what is written: weights, their card, the history."""

import dataclasses
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np

from recognizer.decoding.calibration import fit_temperature
from recognizer.models.store import write_card
from training.data import character_rows, datasets, sample_pools, stroke_samples
from training.data.official import DataError
from training.engine.batches import PoolBatches, RowBatches
from training.engine.calibrate import promises, views_fitted
from training.engine.checkpoints import CHECKPOINTS, CheckpointError, replace
from training.engine.keras_loop import fit
from training.models import architectures
from training.recipes import TrainingRecipe

ROOT = Path(__file__).resolve().parents[2]
MEASURED = ("val_loss", "val_accuracy")
TRAINED = ROOT / "trained"  # not weights/: what is shipped stays


@dataclass(frozen=True)
class Prepared:
    """What a recipe learns from, and what its card says of that."""

    batches: Callable[[int], keras.utils.PyDataset]  # an epoch's
    inputs: np.ndarray  # of held-out samples, as the network takes them
    allowed: np.ndarray  # float32 (N, classes), the classes that the label of each allows
    card: Callable[[np.ndarray], dict[str, Any]]  # of the logits of the held-out samples


def prepared(recipe: TrainingRecipe, data_dir: Path) -> Prepared:
    """Read, or make, the samples of a recipe.

    Raises:
        DataError: the data are not there, or not what they should be.
    """
    if recipe.data == "characters":
        return _characters(recipe, data_dir)
    if recipe.data == "stroke templates":
        return _strokes(recipe)
    return _rows(recipe, data_dir)


def _characters(recipe: TrainingRecipe, data_dir: Path) -> Prepared:
    data = character_rows.character_data(data_dir)
    print(f"{len(data.training):,} rows; left out, as they look like a test's: {data.left_out}", flush=True)
    print("drawing stroke templates and making negatives (minutes)", flush=True)
    pools = sample_pools.pools(data, recipe)
    allowed = data.held_out.allowed()
    prior = sample_pools.class_shares(data.frequency, recipe.balance)

    def card(logits: np.ndarray) -> dict[str, Any]:
        return {
            "prior": prior.round(6).tolist(),
            "forms": data.frequency.round(6).tolist(),
            "views": views_fitted(logits, allowed, prior),
            "training_data": data.sources,
            "left_out": data.left_out,
            "held_out": f"every {character_rows.HOLD_OUT}th row of the training files, and sd19_128_val",
        }

    inputs = data.held_out.images[..., None].astype(np.float32) / 255
    return Prepared(lambda epoch: PoolBatches(pools, recipe, epoch), inputs, allowed.astype(np.float32), card)


def _strokes(recipe: TrainingRecipe) -> Prepared:
    paths, allowed = stroke_samples.held_out(recipe)

    def card(logits: np.ndarray) -> dict[str, Any]:
        return stroke_samples.card(logits, allowed)

    return Prepared(
        lambda epoch: stroke_samples.StrokeBatches(recipe, epoch), paths, allowed.astype(np.float32), card
    )


def _rows(recipe: TrainingRecipe, data_dir: Path) -> Prepared:
    training, validation = datasets.training_data(recipe, data_dir)

    def card(logits: np.ndarray) -> dict[str, Any]:
        temperature = round(fit_temperature(logits, validation.allowed), 4)
        return {
            "temperature": temperature,
            **promises(logits, validation.allowed, recipe.classes, temperature),
            "training_data": validation.sources,
            "held_out": f"every {recipe.hold_out}th row of the training files, and sd19_128_val where "
            "letters of NIST are used",
        }

    inputs = validation.images[..., None].astype(np.float32) / 255
    return Prepared(
        lambda epoch: RowBatches(training, recipe, epoch),
        inputs,
        validation.allowed.astype(np.float32),
        card,
    )


def network(recipe: TrainingRecipe) -> keras.Model:
    """The recipe's network, untrained."""
    return getattr(architectures, recipe.architecture)(len(recipe.classes), **recipe.settings)


def make(
    recipe: TrainingRecipe, data_dir: Path, resume: bool = False, out: Path = TRAINED, mirrored: bool = False
) -> dict[str, Any]:
    """Train a recipe and write NAME.keras, its card and its history to a folder; gives the card.

    Raises:
        DataError: the data are not there, or not what they should be.
        CheckpointError: there is nothing sound to resume from; or no room for what is written.
    """
    ready = prepared(recipe, data_dir)
    folder = CHECKPOINTS / out.name / recipe.name / f"seed-{recipe.seed}"  # each folder goes on with its own
    validation = ready.inputs, ready.allowed
    keras.utils.set_random_seed(recipe.seed)
    if recipe.kernel_rate:
        torch_fit = _with_pytorch(recipe.name)
        model = network(recipe)
        history = torch_fit.fit(recipe, model, ready.batches, validation, folder, resume)
    else:
        model, history = fit(
            recipe, lambda: network(recipe), ready.batches, validation, folder, resume, mirrored
        )
    plain = network(recipe)  # without optimizer or code of ours
    plain.set_weights(model.get_weights())
    logits = plain.predict(ready.inputs, batch_size=512, verbose=0)
    card = {
        "classes": list(recipe.classes),
        "recipe": recipe.glyph_recipe,
        "input_shape": list(plain.input_shape[1:]),
        "parameters": plain.count_params(),
        **ready.card(logits),
        "hyperparameters": dataclasses.asdict(recipe),
        "engine": f"Keras {keras.__version__} on {keras.backend.backend()}",
        "validation": {"samples": len(logits), **{key: history[-1][key] for key in MEASURED}},
        "metrics": {},
        "command": f"python -m training.train {recipe.name} --seed {recipe.seed}",
    }
    write(recipe.name, plain, card, history, out)
    return card


def _with_pytorch(name: str) -> ModuleType:
    """The training loop on PyTorch, which is large, and nothing else needs it.

    Raises:
        DataError: it is not installed.
    """
    try:
        from training.engine import torch_loop
    except ImportError as error:
        raise DataError(f"{name} is trained with PyTorch ({error}): pip install torch") from error
    return torch_loop


def write(name: str, model: keras.Model, card: dict, history: list[dict], out: Path) -> None:
    """Write NAME.keras, its card NAME.json and NAME-history.json, whole or not at all.

    Raises:
        CheckpointError: there is no room.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out) as folder:
            path = Path(folder) / f"{name}.keras"
            model.save(path)
            write_card(path, card)
            for file in (path, path.with_suffix(".json")):
                shutil.move(file, out / file.name)
        text = json.dumps(history, indent=1) + "\n"
        replace(out / f"{name}-history.json", lambda path: path.write_text(text))
    except OSError as error:
        reason = error.strerror or error
        raise CheckpointError(f"{name} could not be written to {out} ({reason}): make room") from error
