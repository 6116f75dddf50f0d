"""Make weights again from nothing, and say which figures moved by more than seed noise.

    python -m training.reproduce                   all models (hours), into reproduced/
    python -m training.reproduce digits-mlp        some of them
    python -m training.reproduce --noise           measure seed noise: two more seeds of two models

The shipped weights stay as they are. Noise is the standard deviation over three seeds, as measured on
the models of NOISY, or the sampling error of the set where that is larger; a difference of two runs beyond
two standard deviations counts as moved.
"""

import argparse
import dataclasses
import json
import math
import statistics
from pathlib import Path

from recognizer.models import read_card
from training.checkpoints import CheckpointError
from training.datasets import DATA
from training.evaluate import Figure, measure
from training.official import DataError
from training.recipes import EARLIER, RECIPES
from training.test_sets import TRIALS
from training.train import ROOT, make

SHIPPED = [name for name in RECIPES if name not in EARLIER]
AGAIN = ROOT / "reproduced"
NOISE = ROOT / "training" / "noise.json"
NOISY = ("digits-mlp", "digits-compact")  # a dense and a convolutional network, both quick
SEEDS = (2, 3)  # beside the shipped one
MOVED = 2 * math.sqrt(2)  # standard deviations of one run: two of the difference of two runs


def make_again(names: list[str], data_dir: Path, weights: Path) -> list[Figure]:
    """Train models into a folder and measure them there."""
    figures = []
    for name in names:
        make(RECIPES[name], data_dir, resume=False, weights=weights)
        figures += measured(name, data_dir, weights)
    return figures


def measured(name: str, data_dir: Path, weights: Path) -> list[Figure]:
    """All figures of one model in a folder."""
    return [measure(trial, data_dir, weights) for trial in TRIALS if trial.model == name]


def seed_noise(data_dir: Path, folder: Path) -> dict[str, dict[str, float]]:
    """Standard deviation over the shipped model and SEEDS of the share read right, by model and set."""
    noise = {}
    for name in NOISY:
        shipped = read_card(name)["metrics"]
        runs = {on: [metric["right"]] for on, metric in shipped.items()}
        for seed in SEEDS:
            make(dataclasses.replace(RECIPES[name], seed=seed), data_dir, resume=False, weights=folder)
            for figure in measured(name, data_dir, folder):
                runs[figure.on].append(figure.right)
        noise[name] = {on: round(statistics.stdev(shares), 6) for on, shares in runs.items()}
    return noise


def verdict(figure: Figure, shipped: dict, noise: dict[str, dict[str, float]]) -> tuple[float, float, bool]:
    """How far a figure is from the shipped one, the noise to expect of one run, and whether it moved.

    Args:
        figure: of the model made again.
        shipped: the metrics of the shipped model's card.
        noise: by model and set, as `seed_noise` gives it.
    """
    before = shipped[figure.on]["case_merged"]
    sampling = math.sqrt(max(before * (1 - before), 1 / figure.characters) / figure.characters)
    seeds = [by_set[figure.on] for by_set in noise.values() if figure.on in by_set]
    expected = max([sampling, *seeds])
    difference = figure.merged - before
    return difference, expected, abs(difference) > MOVED * expected


def report(figures: list[Figure], noise: dict[str, dict[str, float]]) -> str:
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
    parser = argparse.ArgumentParser(prog="python -m training.reproduce", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: {' '.join(SHIPPED)}")
    parser.add_argument("--noise", action="store_true", help="measure seed noise instead")
    parser.add_argument("--data-dir", type=Path, default=DATA, help="default: $SCRAWL_DATA, else data/")
    arguments = parser.parse_args()
    names = arguments.names or SHIPPED
    if unknown := sorted(set(names) - set(SHIPPED)):
        parser.error(f"no recipe for {', '.join(unknown)}; there are {', '.join(SHIPPED)}")
    AGAIN.mkdir(exist_ok=True)
    try:
        if arguments.noise:
            found = seed_noise(arguments.data_dir, AGAIN)
            NOISE.write_text(json.dumps(found, indent=1) + "\n")
            print(json.dumps(found, indent=1))
        else:
            print(report(make_again(names, arguments.data_dir, AGAIN), json.loads(NOISE.read_text())))
    except (DataError, CheckpointError) as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
