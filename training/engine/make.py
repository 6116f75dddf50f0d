"""Make one model from its recipe: prepare the samples, train, write the weights, the card and the history."""

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
from training.engine.calibrate import fit_views, risk_and_coverage
from training.engine.checkpoints import CHECKPOINTS, CheckpointError, write_atomically
from training.engine.keras_loop import fit
from training.models import architectures
from training.recipes import TrainingRecipe

ROOT = Path(__file__).resolve().parents[2]
VALIDATION_KEYS = ("val_loss", "val_accuracy")  # of the last epoch, in the card
TRAINED = ROOT / "trained"  # not weights/, so that the shipped weights stay as they are


@dataclass(frozen=True)
class PreparedData:
    """The training and held-out samples of a recipe."""

    batches: Callable[[int], keras.utils.PyDataset]  # the training samples of an epoch, by its number
    inputs: np.ndarray  # float32 (N, ...), held-out samples as the network takes them
    allowed: np.ndarray  # float32 (N, classes), 1 for the classes that each held-out label allows
    card: Callable[[np.ndarray], dict[str, Any]]  # entries of the model card, from the held-out logits


def prepare(recipe: TrainingRecipe, data_dir: Path) -> PreparedData:
    """Read or synthesize the samples of a recipe.

    Raises:
        DataError: a data file is missing or damaged.
    """
    if recipe.data == "characters":
        return _characters(recipe, data_dir)
    if recipe.data == "stroke templates":
        return _strokes(recipe)
    return _rows(recipe, data_dir)


def _characters(recipe: TrainingRecipe, data_dir: Path) -> PreparedData:
    data = character_rows.character_data(data_dir)
    print(
        f"{len(data.training):,} rows; left out as near-duplicates of test sets: {data.left_out}", flush=True
    )
    print("drawing stroke templates and negatives (takes minutes)", flush=True)
    pools = sample_pools.pools(data, recipe)
    allowed = data.held_out.allowed()
    prior = sample_pools.class_shares(data.frequency, recipe.balance)

    def card(logits: np.ndarray) -> dict[str, Any]:
        return {
            "prior": prior.round(6).tolist(),
            "forms": data.frequency.round(6).tolist(),
            "views": fit_views(logits, allowed, prior),
            "training_data": data.sources,
            "left_out": data.left_out,
            "held_out": f"every {character_rows.HOLD_OUT}th row of the training files, and sd19_128_val",
        }

    inputs = data.held_out.images[..., None].astype(np.float32) / 255
    return PreparedData(
        lambda epoch: PoolBatches(pools, recipe, epoch), inputs, allowed.astype(np.float32), card
    )


def _strokes(recipe: TrainingRecipe) -> PreparedData:
    paths, allowed = stroke_samples.held_out(recipe)

    def card(logits: np.ndarray) -> dict[str, Any]:
        return stroke_samples.card(logits, allowed)

    return PreparedData(
        lambda epoch: stroke_samples.StrokeBatches(recipe, epoch), paths, allowed.astype(np.float32), card
    )


def _rows(recipe: TrainingRecipe, data_dir: Path) -> PreparedData:
    training, validation = datasets.training_data(recipe, data_dir)

    def card(logits: np.ndarray) -> dict[str, Any]:
        temperature = round(fit_temperature(logits, validation.allowed), 4)
        return {
            "temperature": temperature,
            **risk_and_coverage(logits, validation.allowed, recipe.classes, temperature),
            "training_data": validation.sources,
            "held_out": f"every {recipe.hold_out}th row of the training files, and sd19_128_val where "
            "letters of NIST are used",
        }

    inputs = validation.images[..., None].astype(np.float32) / 255
    return PreparedData(
        lambda epoch: RowBatches(training, recipe, epoch),
        inputs,
        validation.allowed.astype(np.float32),
        card,
    )


def network(recipe: TrainingRecipe) -> keras.Model:
    """Build the untrained network of a recipe."""
    return getattr(architectures, recipe.architecture)(len(recipe.classes), **recipe.settings)


def make(
    recipe: TrainingRecipe, data_dir: Path, resume: bool = False, out: Path = TRAINED, mirrored: bool = False
) -> dict[str, Any]:
    """Train a recipe and write NAME.keras, its card and its history.

    Args:
        recipe: what to train, and how.
        data_dir: folder of the training data.
        resume: continue after the last checkpoint, if there is one.
        out: folder to write to.
        mirrored: share each batch among all GPUs of this machine (TensorFlow only).

    Returns:
        The card.

    Raises:
        DataError: a data file is missing or damaged, or PyTorch is needed and not installed.
        CheckpointError: the checkpoint is damaged, or a file cannot be written.
    """
    data = prepare(recipe, data_dir)
    folder = (
        CHECKPOINTS / out.name / recipe.name / f"seed-{recipe.seed}"
    )  # runs into other folders have theirs
    validation = data.inputs, data.allowed
    keras.utils.set_random_seed(recipe.seed)
    if recipe.kernel_rate:
        torch_loop = _import_torch_loop(recipe.name)
        model = network(recipe)
        history = torch_loop.fit(recipe, model, data.batches, validation, folder, resume)
    else:
        model, history = fit(
            recipe, lambda: network(recipe), data.batches, validation, folder, resume, mirrored
        )
    plain = network(recipe)  # without the optimizer and our loss: Keras alone can load it
    plain.set_weights(model.get_weights())
    logits = plain.predict(data.inputs, batch_size=512, verbose=0)
    card = {
        "classes": list(recipe.classes),
        "recipe": recipe.glyph_recipe,
        "input_shape": list(plain.input_shape[1:]),
        "parameters": plain.count_params(),
        **data.card(logits),
        "hyperparameters": dataclasses.asdict(recipe),
        "engine": f"Keras {keras.__version__} on {keras.backend.backend()}",
        "validation": {"samples": len(logits), **{key: history[-1][key] for key in VALIDATION_KEYS}},
        "metrics": {},
        "command": f"python -m training.train {recipe.name} --seed {recipe.seed}",
    }
    write_model(recipe.name, plain, card, history, out)
    return card


def _import_torch_loop(name: str) -> ModuleType:
    """Import the PyTorch training loop only when needed: PyTorch is large, and an optional dependency.

    Raises:
        DataError: PyTorch is not installed.
    """
    try:
        from training.engine import torch_loop
    except ImportError as error:
        raise DataError(f"{name} is trained with PyTorch ({error}): pip install torch") from error
    return torch_loop


def write_model(name: str, model: keras.Model, card: dict, history: list[dict], out: Path) -> None:
    """Write NAME.keras, its card NAME.json and NAME-history.json, each completely or not at all.

    Raises:
        CheckpointError: a file cannot be written.
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
        write_atomically(out / f"{name}-history.json", lambda path: path.write_text(text))
    except OSError as error:
        reason = error.strerror or error
        raise CheckpointError(
            f"{name} could not be written to {out} ({reason}): free some disk space"
        ) from error
