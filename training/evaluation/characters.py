"""Measure models on the official trials and on other people's hands; the figures go into their cards.

    python -m training.evaluate characters                 all models
    python -m training.evaluate characters digits --data-dir ~/data

Prints a table, and brings the tables of docs/measured.md up to all cards. The confusion matrix and the most
confident mistakes on each model's first test go to training/figures/NAME.json, for the Compare page.
Test sets are read once a run; nothing is chosen by them (that is done on the validation split, see the
cards).
"""

import argparse
import json
import os
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np

from recognizer import ModelError, Recognizer, available_models
from recognizer.decoding.calibration import is_label
from recognizer.decoding.classifier import Classifier
from recognizer.models.store import WEIGHTS, Model, load_model, read_card, write_card
from recognizer.models.views import NETWORK, VIEWS
from recognizer.numerics import softmax
from training.data.datasets import DATA
from training.data.official import DataError
from training.data.test_sets import BYCLASS, TRIALS, WILD, Trial, glyphs, pictures, wanted

ROOT = Path(__file__).resolve().parents[2]
MEASURED = ROOT / "docs" / "measured.md"
FIGURES = ROOT / "training" / "figures"
LEAST_FREQUENCY = 1e-9  # of what is no character, which a form never has
MISTAKES = 24  # the most confident ones are kept


@dataclass(frozen=True)
class Figure:
    """One measured accuracy."""

    model: str
    on: str  # which data
    right: float  # share of characters whose label is right
    merged: float  # the same where a letter's case does not count
    characters: int


@dataclass(frozen=True)
class Readings:
    """What a model said of every character of a set."""

    said: np.ndarray  # labels (N,), the likeliest; also where it was not sure enough to be accepted
    true: np.ndarray  # labels (N,)
    probability: np.ndarray  # of what it said (N,)
    rows: np.ndarray  # where each stands in its set (N,)


def read(trial: Trial, data_dir: Path, weights: Path = WEIGHTS) -> Readings:
    """Read a trial's set with its model."""
    model = load_model(trial.model, weights)
    found = glyphs(data_dir, trial.on, model.side)
    if found is None:
        return _of_pictures(model, *pictures(data_dir, trial.on))
    # ByClass has classes as frequent as they are on NIST's forms, which its reader is told
    forms = model.card.get("forms") if trial.on == BYCLASS else None
    return _of_glyphs(model, *found, frequency=forms)


def _of_glyphs(
    model: Model, images: np.ndarray, labels: np.ndarray, frequency: list[float] | None = None
) -> Readings:
    logits = model.logits(images.astype(np.float32) / 255)
    prior = 1.0 if frequency is None else 1 / np.maximum(frequency, LEAST_FREQUENCY)
    probabilities = softmax(logits, model.card["temperature"], prior)
    probabilities = probabilities * is_label(model.classes)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    said = np.array(model.classes)[probabilities.argmax(axis=1)]
    return Readings(said, labels, probabilities.max(axis=1), np.arange(len(labels)))


def _of_pictures(model: Model, images: list[np.ndarray], labels: np.ndarray) -> Readings:
    rows = np.nonzero(wanted(model.classes)(labels))[0]
    read = Recognizer(Classifier(model)).characters(images[row] for row in rows)
    said = np.array([character.label for character in read])
    return Readings(said, labels[rows], np.array([one.probability for one in read]), rows)


def figure(trial: Trial, readings: Readings) -> Figure:
    """How much of it was right."""
    said, true = readings.said, readings.true
    merged = _merged(said, trial.alike) == _merged(true, trial.alike)
    return Figure(trial.model, trial.on, float((said == true).mean()), float(merged.mean()), len(true))


def _merged(labels: np.ndarray, alike: str) -> np.ndarray:
    """Labels without case, and the first of those that count as one for all of them."""
    labels = np.char.lower(labels)
    return np.where(np.isin(labels, list(alike)), alike[:1], labels)


def measure(trial: Trial, data_dir: Path, weights: Path = WEIGHTS) -> Figure:
    """Run one trial on the model in a folder."""
    return figure(trial, read(trial, data_dir, weights))


def details(trial: Trial, readings: Readings, classes: tuple[str, ...]) -> dict:
    """The confusion matrix (true label by row, said by column) and the most confident mistakes."""
    merged = "A" not in classes
    true = np.char.lower(readings.true) if merged else readings.true
    columns = {label: index for index, label in enumerate(classes)}
    matrix = np.zeros((len(classes), len(classes)), int)
    np.add.at(matrix, ([columns[one] for one in true], [columns[one] for one in readings.said]), 1)
    wrong = np.nonzero(true != readings.said)[0]
    worst = wrong[np.argsort(-readings.probability[wrong], kind="stable")][:MISTAKES]
    return {
        "test": trial.on,
        "classes": list(classes),
        "confusion": matrix.tolist(),
        "mistakes": [
            {
                "row": int(readings.rows[index]),
                "true": str(readings.true[index]),
                "said": str(readings.said[index]),
                "probability": round(float(readings.probability[index]), 4),
            }
            for index in worst
        ],
    }


def table(trials: list[Trial], figures: list[Figure]) -> str:
    """The figures as a Markdown table; letters have no figure by case, digits none by merged case."""
    lines = ["| model | on | characters | right | case merged | asked |", "|---|---|---|---|---|---|"]
    for trial, one in zip(trials, figures, strict=True):
        right = "" if one.model.startswith("letters") else f"{one.right:.2%}"
        merged = "" if one.model.startswith("digits") else f"{one.merged:.2%}"
        asked = "; ".join(
            f"{100 * least:g}%" for least in (trial.least, trial.least_merged) if least is not None
        )
        lines.append(f"| `{one.model}` | {one.on} | {one.characters:,} | {right} | {merged} | {asked} |")
    return "\n".join(lines) + "\n"


def zoo_table(trials: list[Trial], figures: list[Figure]) -> str:
    """One line a model: its size, its official test, other people's drawings and photos; case merged."""
    lines = [
        "| model | parameters | official test | right | asked | drawn freely | photographed |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(trial.model for trial in trials):
        mine = {one.on: one for one in figures if one.model == name}
        official = next(trial for trial in trials if trial.model == name)
        right = mine[official.on].merged if name.startswith("letters") else mine[official.on].right
        asked = official.least or official.least_merged
        drawn, photographed = (f"{mine[on].merged:.2%}" for on in WILD)
        lines.append(
            f"| `{name}` | {read_card(name)['parameters']:,} | {official.on} | {right:.2%} | "
            f"{f'{100 * asked:g}%' if asked else ''} | {drawn} | {photographed} |"
        )
    return "\n".join(lines) + "\n"


def keep(name: str, figures: list[Figure]) -> None:
    """Write a model's figures into its card."""
    metrics = {
        one.on: {"right": round(one.right, 5), "case_merged": round(one.merged, 5),
                 "characters": one.characters}
        for one in figures
        if one.model == name
    }  # fmt: skip
    file = NETWORK if name in VIEWS else name
    card = read_card(file)
    if name in VIEWS:
        card["views"][name]["metrics"] = metrics
    else:
        card["metrics"] = metrics
    write_card(WEIGHTS / f"{file}.keras", card)


def put(text: str, mark: str, new: str) -> str:
    """Replace what stands between <!-- mark --> and <!-- end of mark -->."""
    begin, end = f"<!-- {mark} -->\n", f"<!-- end of {mark} -->"
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return before + begin + new + end + after


def noted() -> tuple[list[Trial], list[Figure]]:
    """All figures that stand in the cards, and the trials that they are of."""
    trials, figures = [], []
    for trial in TRIALS:
        if trial.model in available_models() and (metric := read_card(trial.model)["metrics"].get(trial.on)):
            trials.append(trial)
            figures.append(
                Figure(trial.model, trial.on, metric["right"], metric["case_merged"], metric["characters"])
            )
    return trials, figures


def with_tables(text: str) -> str:
    """docs/measured.md with the figures of all cards in its two tables."""
    trials, figures = noted()
    ours = [pair for pair in zip(trials, figures, strict=True) if pair[0].model in VIEWS]
    return put(put(text, "figures", table(*zip(*ours, strict=True))), "zoo", zoo_table(trials, figures))


def evaluate(names: list[str], data_dir: Path) -> tuple[list[Trial], list[Figure]]:
    """Measure models and write their cards and details."""
    trials, figures = [trial for trial in TRIALS if trial.model in names], []
    for trial in trials:
        readings = read(trial, data_dir)
        if trial.model not in {one.model for one in figures}:
            FIGURES.mkdir(exist_ok=True)
            found = details(trial, readings, tuple(read_card(trial.model)["classes"]))
            (FIGURES / f"{trial.model}.json").write_text(json.dumps(found, ensure_ascii=False) + "\n")
        figures.append(figure(trial, readings))
        print(
            f"{trial.model} on {trial.on}: {figures[-1].right:.4f}, case merged {figures[-1].merged:.4f}",
            flush=True,
        )
    for name in names:
        keep(name, figures)
    return trials, figures


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate characters", description=__doc__.splitlines()[0]
    )
    every = list(dict.fromkeys(trial.model for trial in TRIALS))
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: {' '.join(every)}")
    parser.add_argument("--data-dir", type=Path, default=DATA, help="default: $SCRAWL_DATA, else data/")
    arguments = parser.parse_args(arguments)
    names = arguments.names or every
    if unknown := sorted(set(names) - set(every)):
        parser.error(f"no test for {', '.join(unknown)}; there are tests for {', '.join(every)}")
    try:
        trials, figures = evaluate(names, arguments.data_dir)
    except (DataError, ModelError) as error:
        parser.exit(1, f"{error}\n")
    print(f"\n{table(trials, figures)}")
    MEASURED.write_text(with_tables(MEASURED.read_text()))
