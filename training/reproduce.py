"""Train shipped models again into reproduced/, and report which test figures moved.

    python -m training.reproduce characters             with the shipped recipe and seed (hours)
    python -m training.reproduce characters --seed 2
    python -m training.reproduce                        every model
    python -m training.reproduce --noise                write how much the seeds in reproduced/ differ

The shipped weights stay as they are. The noise of a figure is its standard deviation over training seeds
(training/noise.json), or its sampling error if that is larger. A figure has moved if it differs from the
shipped one by more than two standard deviations of the difference between two runs.
"""

import argparse
import dataclasses
import json
import math
import statistics
from pathlib import Path
from typing import TYPE_CHECKING

from recognizer.models.store import read_card
from recognizer.models.views import NETWORK, VIEWS
from training.options import add_data_dir, command_parser
from training.train import choose_engine

if TYPE_CHECKING:  # these import Keras, and its backend must be chosen first
    from training.evaluation.characters import Figure
    from training.recipes import TrainingRecipe

ROOT = Path(__file__).resolve().parent.parent
REPRODUCED = ROOT / "reproduced"
NOISE = ROOT / "training" / "noise.json"
MOVED = 2 * math.sqrt(2)  # standard deviations of one run; that is two of the difference between two runs


def models_of(recipe: str) -> tuple[str, ...]:
    """The readers that use a recipe's weights: the views for `characters`, else the model itself."""
    return tuple(VIEWS) if recipe == NETWORK else (recipe,)


def measure_all(recipe: str, data_dir: Path, weights: Path) -> list["Figure"]:
    """The figures of all tests of a recipe's readers, with the weights in a folder."""
    from training.data.test_sets import TRIALS
    from training.evaluation.characters import measure

    return [measure(trial, data_dir, weights) for trial in TRIALS if trial.model in models_of(recipe)]


def train_again(recipe: "TrainingRecipe", data_dir: Path, resume: bool) -> list["Figure"]:
    """Train a recipe into reproduced/seed-N, measure it, and write the figures there."""
    from training.engine.make import make

    folder = REPRODUCED / f"seed-{recipe.seed}"
    make(recipe, data_dir, resume, folder)
    figures = measure_all(recipe.name, data_dir, folder)
    text = json.dumps([dataclasses.asdict(figure) for figure in figures], indent=1)
    (folder / f"{recipe.name}-figures.json").write_text(text + "\n")
    return figures


def seed_noise(folder: Path = REPRODUCED) -> dict[str, dict[str, dict[str, float]]]:
    """Mean and standard deviation over seeds of the accuracies with case merged, by model and test set.

    Args:
        folder: holds the folders seed-N that `train_again` wrote.
    """
    runs: dict[tuple[str, str], list[float]] = {}
    for path in sorted(folder.glob("seed-*/*-figures.json")):
        for figure in json.loads(path.read_text()):
            runs.setdefault((figure["model"], figure["on"]), []).append(figure["merged"])
    noise: dict[str, dict[str, dict[str, float]]] = {}
    for (model, on), shares in runs.items():
        if len(shares) > 1:
            spread = {"mean": statistics.mean(shares), "deviation": statistics.stdev(shares)}
            noise.setdefault(model, {})[on] = {key: round(value, 6) for key, value in spread.items()}
            noise[model][on]["seeds"] = len(shares)
    return noise


def compare(figure: "Figure", shipped: dict, noise: dict) -> tuple[float, float, bool]:
    """Compare a figure with the shipped one.

    Args:
        figure: of the model that was trained again.
        shipped: the metrics of the shipped model's card.
        noise: as `seed_noise` returns it.

    Returns:
        The difference, the noise of one run, and whether the figure moved.
    """
    before = shipped[figure.on]["case_merged"]
    sampling = math.sqrt(max(before * (1 - before), 1 / figure.characters) / figure.characters)
    # a model without measured noise on this set is taken to be as noisy as the noisiest other model
    relevant = [noise[figure.model]] if figure.on in noise.get(figure.model, {}) else noise.values()
    deviations = [by_set[figure.on]["deviation"] for by_set in relevant if figure.on in by_set]
    expected = max([sampling, *deviations])
    difference = figure.merged - before
    return difference, expected, abs(difference) > MOVED * expected


def report(figures: list["Figure"], noise: dict) -> str:
    """A Markdown table of reproduced and shipped accuracies, with case merged."""
    lines = ["| model | set | shipped | reproduced | difference | noise | |", "|---|---|---|---|---|---|---|"]
    for figure in figures:
        shipped = read_card(figure.model)["metrics"]
        difference, expected, moved = compare(figure, shipped, noise)
        before = figure.merged - difference
        lines.append(
            f"| `{figure.model}` | {figure.on} | {before:.2%} | {figure.merged:.2%} "
            f"| {difference:+.2%} | {expected:.2%} | {'moved' if moved else ''} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = command_parser("training.reproduce", __doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: every recipe")
    parser.add_argument("--seed", type=int, help="instead of the shipped one")
    parser.add_argument("--resume", action="store_true", help="continue after the last checkpoint")
    parser.add_argument("--noise", action="store_true", help="write training/noise.json and train nothing")
    add_data_dir(parser)
    options = parser.parse_args()
    if options.noise:
        noise = json.loads(NOISE.read_text()) | seed_noise()
        NOISE.write_text(json.dumps(noise, indent=1) + "\n")
        print(json.dumps(noise, indent=1))
        return
    choose_engine()
    run(parser, options)


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Train and print what moved; expected errors end the command with their message."""
    from training.data.official import DataError
    from training.engine.checkpoints import CheckpointError
    from training.recipes import RECIPES

    if unknown := sorted(set(options.names) - set(RECIPES)):
        parser.error(f"no recipe for {', '.join(unknown)}; there are {', '.join(RECIPES)}")
    noise = json.loads(NOISE.read_text())
    for name in options.names or RECIPES:
        recipe = RECIPES[name]
        if options.seed is not None:
            recipe = dataclasses.replace(recipe, seed=options.seed)
        try:
            figures = train_again(recipe, options.data_dir, options.resume)
        except (DataError, CheckpointError) as error:
            parser.exit(1, f"{error}\n")
        print(report(figures, noise), flush=True)


if __name__ == "__main__":
    main()
