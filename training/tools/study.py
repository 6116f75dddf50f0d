"""Compare the five classic digit networks after 10, 50 and 100 epochs, as the study they come from did.

    python -m training.tools.study                 all five
    python -m training.tools.study digits-mlp      one of them

The rate is constant and the order of the samples a function of the seed, so a run of 10 epochs is the
beginning of the run of 100: one run is measured at each milestone. It goes on after a kill by itself.
Each milestone's losses and accuracies, on training rows, held-out rows and the MNIST test, go to
training/histories/NAME-EPOCHS.json.
"""

import argparse
import dataclasses
import json
import shutil
from pathlib import Path

from training.data.datasets import DATA
from training.data.official import DataError, mnist
from training.engine.checkpoints import CHECKPOINTS, CheckpointError
from training.engine.keras_loop import fit
from training.engine.make import network, prepared
from training.recipes import MILESTONES, STUDIED, TrainingRecipe
from training.tools.promote import keep_history


def study(recipe: TrainingRecipe, data_dir: Path, milestones: tuple[int, ...] = MILESTONES) -> None:
    """Train to each milestone in turn and keep its history with the accuracy on the MNIST test."""
    ready = prepared(recipe, data_dir)
    images, labels = mnist(data_dir, "test")
    folder = CHECKPOINTS / f"{recipe.name}-study"
    for epochs in milestones:
        if _epochs_done(folder) > epochs:
            continue
        longer = dataclasses.replace(recipe, epochs=epochs)
        validation = ready.inputs, ready.allowed
        model, history = fit(longer, lambda: network(recipe), ready.batches, validation, folder, resume=True)
        best = model.predict(images[..., None] / 255.0, batch_size=512, verbose=0).argmax(axis=1)
        right = float((best == labels.astype(int)).mean())
        keep_history(f"{recipe.name}-{epochs}", [*history[:-1], history[-1] | {"test_accuracy": right}])
        shutil.copy(folder / "epoch.keras", folder / f"milestone-{epochs}.keras")
        print(
            f"{recipe.name}, {epochs} epochs: held out {history[-1]['val_accuracy']:.4f}, test {right:.4f}",
            flush=True,
        )


def _epochs_done(folder: Path) -> int:
    log = folder / "history.json"
    return len(json.loads(log.read_text())) if log.exists() and (folder / "epoch.keras").exists() else 0


def main() -> None:
    description = __doc__.splitlines()[0]
    parser = argparse.ArgumentParser(prog="python -m training.tools.study", description=description)
    recipes = {recipe.name: recipe for recipe in STUDIED}
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: {' '.join(recipes)}")
    parser.add_argument("--data-dir", type=Path, default=DATA, help="default: $SCRAWL_DATA, else data/")
    arguments = parser.parse_args()
    names = arguments.names or list(recipes)
    if unknown := sorted(set(names) - set(recipes)):
        parser.error(f"no such network: {', '.join(unknown)}; there are {', '.join(recipes)}")
    try:
        for name in names:
            study(recipes[name], arguments.data_dir)
    except (DataError, CheckpointError) as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
