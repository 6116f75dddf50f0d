"""Train again beside the shipped weights, and say which figures moved by more than two standard deviations.

    python -m training.reproduce characters        the shipped recipe and seed, into reproduced/ (hours)
    python -m training.reproduce characters --seed 2
    python -m training.reproduce                   every model
    python -m training.reproduce --noise           of the seeds in reproduced/: mean and standard deviation

The shipped weights stay as they are. Noise is the standard deviation over three seeds where it was measured
(training/noise.json), or the sampling error of the set where that is larger; a difference of two runs beyond
two standard deviations of such a difference counts as moved.
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
from training.data.datasets import DATA
from training.train import choose_engine

if TYPE_CHECKING:  # they import Keras, whose engine is chosen first
    from training.evaluation.characters import Figure
    from training.recipes import TrainingRecipe

ROOT = Path(__file__).resolve().parent.parent
AGAIN = ROOT / "reproduced"
NOISE = ROOT / "training" / "noise.json"
MOVED = 2 * math.sqrt(2)  # standard deviations of one run: two of the difference of two runs


def models_of(recipe: str) -> tuple[str, ...]:
    """The readers that a recipe's weights are: the views of the network of characters, else itself."""
    return tuple(VIEWS) if recipe == NETWORK else (recipe,)


def measured(recipe: str, data_dir: Path, weights: Path) -> list["Figure"]:
    """All figures of what one recipe made, in a folder."""
    from training.data.test_sets import TRIALS
    from training.evaluation.characters import measure

    return [measure(trial, data_dir, weights) for trial in TRIALS if trial.model in models_of(recipe)]


def train_again(recipe: "TrainingRecipe", data_dir: Path, resume: bool) -> list["Figure"]:
    """Train a recipe with its seed into a folder of its own, measure it, and keep the figures there."""
    from training.engine.make import make

    folder = AGAIN / f"seed-{recipe.seed}"
    make(recipe, data_dir, resume, folder)
    figures = measured(recipe.name, data_dir, folder)
    text = json.dumps([dataclasses.asdict(figure) for figure in figures], indent=1)
    (folder / f"{recipe.name}-figures.json").write_text(text + "\n")
    return figures


def seed_noise(folder: Path = AGAIN) -> dict[str, dict[str, dict[str, float]]]:
    """By model and set, over a folder of seeds, the mean and deviation of what was right, case merged."""
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


def verdict(figure: "Figure", shipped: dict, noise: dict) -> tuple[float, float, bool]:
    """How far a figure is from the shipped one, the noise to expect of one run, and whether it moved.

    Args:
        figure: of the model made again.
        shipped: the metrics of the shipped model's card.
        noise: as `seed_noise` gives it.
    """
    before = shipped[figure.on]["case_merged"]
    sampling = math.sqrt(max(before * (1 - before), 1 / figure.characters) / figure.characters)
    known = [noise[figure.model]] if figure.on in noise.get(figure.model, {}) else noise.values()
    seeds = [by_set[figure.on]["deviation"] for by_set in known if figure.on in by_set]
    expected = max([sampling, *seeds])
    difference = figure.merged - before
    return difference, expected, abs(difference) > MOVED * expected


def report(figures: list["Figure"], noise: dict) -> str:
    """A Markdown table of the figures made again beside the shipped ones; case merged."""
    lines = ["| model | on | shipped | again | difference | noise | |", "|---|---|---|---|---|---|---|"]
    for figure in figures:
        shipped = read_card(figure.model)["metrics"]
        difference, expected, moved = verdict(figure, shipped, noise)
        before = figure.merged - difference
        lines.append(
            f"| `{figure.model}` | {figure.on} | {before:.2%} | {figure.merged:.2%} "
            f"| {difference:+.2%} | {expected:.2%} | {'moved' if moved else ''} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m training.reproduce",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: every recipe")
    parser.add_argument("--seed", type=int, help="another than the shipped one")
    parser.add_argument("--resume", action="store_true", help="go on after the last checkpoint")
    parser.add_argument("--noise", action="store_true", help="write what the seeds in reproduced/ differ by")
    parser.add_argument("--data-dir", type=Path, default=DATA, help="default: $SCRAWL_DATA, else data/")
    given = parser.parse_args()
    if given.noise:
        known = json.loads(NOISE.read_text()) | seed_noise()
        NOISE.write_text(json.dumps(known, indent=1) + "\n")
        print(json.dumps(known, indent=1))
        return
    choose_engine()
    run(parser, given)


def run(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """Train again, and print what moved; errors that a person can mend end with their message."""
    from training.data.official import DataError
    from training.engine.checkpoints import CheckpointError
    from training.recipes import RECIPES

    if unknown := sorted(set(given.names) - set(RECIPES)):
        parser.error(f"no recipe for {', '.join(unknown)}; there are {', '.join(RECIPES)}")
    noise = json.loads(NOISE.read_text())
    for name in given.names or RECIPES:
        recipe = RECIPES[name]
        if given.seed is not None:
            recipe = dataclasses.replace(recipe, seed=given.seed)
        try:
            figures = train_again(recipe, given.data_dir, given.resume)
        except (DataError, CheckpointError) as error:
            parser.exit(1, f"{error}\n")
        print(report(figures, noise), flush=True)


if __name__ == "__main__":
    main()
