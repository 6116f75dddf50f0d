"""Compare the five classic digit networks after 10, 50 and 100 epochs, as the study they come from did.

    python -m training.tools.study                 all five
    python -m training.tools.study digits-mlp      one of them

The learning rate is constant and the order of samples depends on the seed alone, so a run of 10 epochs is the
beginning of a run of 100: each network is trained once and measured at each milestone. A run that was stopped
continues from its last checkpoint. Losses and accuracies of all epochs, and the accuracy on the MNIST test at
the milestone, go to training/histories/NAME-EPOCHS.json.
"""

import dataclasses
import json
import shutil
from pathlib import Path

from training.data.official import DataError, mnist
from training.engine.checkpoints import CHECKPOINTS, CheckpointError
from training.engine.keras_loop import fit
from training.engine.make import network, prepare
from training.options import add_data_dir, command_parser
from training.recipes import MILESTONES, STUDIED, TrainingRecipe
from training.tools.promote import keep_history


def study(recipe: TrainingRecipe, data_dir: Path, milestones: tuple[int, ...] = MILESTONES) -> None:
    """Train to each milestone in turn; write its history with the accuracy on the MNIST test.

    Raises:
        DataError: a data file is missing or damaged.
        CheckpointError: the checkpoint is damaged, or a file cannot be written.
    """
    data = prepare(recipe, data_dir)
    images, labels = mnist(data_dir, "test")
    folder = CHECKPOINTS / f"{recipe.name}-study"
    for epochs in milestones:
        if _epochs_done(folder) > epochs:
            continue
        until_milestone = dataclasses.replace(recipe, epochs=epochs)
        validation = data.inputs, data.allowed
        model, history = fit(
            until_milestone, lambda: network(recipe), data.batches, validation, folder, resume=True
        )
        best = model.predict(images[..., None] / 255.0, batch_size=512, verbose=0).argmax(axis=1)
        accuracy = float((best == labels.astype(int)).mean())
        keep_history(f"{recipe.name}-{epochs}", [*history[:-1], history[-1] | {"test_accuracy": accuracy}])
        shutil.copy(folder / "epoch.keras", folder / f"milestone-{epochs}.keras")
        held_out = history[-1]["val_accuracy"]
        print(f"{recipe.name}, {epochs} epochs: held out {held_out:.4f}, test {accuracy:.4f}", flush=True)


def _epochs_done(folder: Path) -> int:
    log = folder / "history.json"
    return len(json.loads(log.read_text())) if log.exists() and (folder / "epoch.keras").exists() else 0


def main() -> None:
    parser = command_parser("training.tools.study", __doc__)
    recipes = {recipe.name: recipe for recipe in STUDIED}
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: {' '.join(recipes)}")
    add_data_dir(parser)
    options = parser.parse_args()
    names = options.names or list(recipes)
    if unknown := sorted(set(names) - set(recipes)):
        parser.error(f"no such network: {', '.join(unknown)}; there are {', '.join(recipes)}")
    try:
        for name in names:
            study(recipes[name], options.data_dir)
    except (DataError, CheckpointError) as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
