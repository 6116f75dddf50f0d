"""Measure models on single characters: the official test sets, and other people's writing.

    python -m training.evaluate characters                 all models
    python -m training.evaluate characters digits --data-dir ~/data

The figures go into the model cards, and from all cards into docs/measured.md. The confusion matrix and the
most confident mistakes on each model's first test set go to training/figures/NAME.json, for the Compare page.
No model is chosen by a test set; that is done on held-out training rows.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np

from recognizer import ModelError, Recognizer, available_models
from recognizer.decoding.calibration import label_mask
from recognizer.decoding.classifier import Classifier
from recognizer.models.store import WEIGHTS, Model, load_model, read_card, write_card
from recognizer.models.views import NETWORK, VIEWS
from recognizer.numerics import softmax
from training.data.official import DataError
from training.data.test_sets import BYCLASS, TRIALS, WILD, Trial, glyphs, label_filter, pictures
from training.evaluation.measured import MEASURED, replace_section
from training.options import add_data_dir, command_parser

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "training" / "figures"
MIN_FREQUENCY = 1e-9  # lower bound: on NIST's forms negatives have 0
MISTAKES = 24  # kept for each model, the most confident first


@dataclass(frozen=True)
class Figure:
    """The accuracy of a model on a test set."""

    model: str
    on: str  # the test set
    right: float  # accuracy
    merged: float  # accuracy with case merged
    characters: int


@dataclass(frozen=True)
class Readings:
    """A model's answers on the characters of a test set."""

    answers: np.ndarray  # most probable labels (N,), whether accepted or not
    true: np.ndarray  # true labels (N,)
    probability: np.ndarray  # of the answers (N,)
    rows: np.ndarray  # index of each character in its set (N,)


def read_trial(trial: Trial, data_dir: Path, weights: Path = WEIGHTS) -> Readings:
    """Read a trial's test set with its model."""
    model = load_model(trial.model, weights)
    glyph_set = glyphs(data_dir, trial.on, model.side)
    if glyph_set is None:
        return _read_pictures(model, *pictures(data_dir, trial.on))
    # the classes of ByClass are as frequent as on NIST's forms; the model is given these frequencies
    frequency = model.card.get("forms") if trial.on == BYCLASS else None
    return _read_glyphs(model, *glyph_set, frequency=frequency)


def _read_glyphs(
    model: Model, images: np.ndarray, labels: np.ndarray, frequency: list[float] | None = None
) -> Readings:
    logits = model.logits(images.astype(np.float32) / 255)
    prior = 1.0 if frequency is None else 1 / np.maximum(frequency, MIN_FREQUENCY)
    probabilities = softmax(logits, model.card["temperature"], prior)
    probabilities = probabilities * label_mask(model.classes)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    answers = np.array(model.classes)[probabilities.argmax(axis=1)]
    return Readings(answers, labels, probabilities.max(axis=1), np.arange(len(labels)))


def _read_pictures(model: Model, images: list[np.ndarray], labels: np.ndarray) -> Readings:
    rows = np.nonzero(label_filter(model.classes)(labels))[0]
    characters = Recognizer(Classifier(model)).characters(images[row] for row in rows)
    answers = np.array([character.label for character in characters])
    probability = np.array([character.probability for character in characters])
    return Readings(answers, labels[rows], probability, rows)


def figure_of(trial: Trial, readings: Readings) -> Figure:
    """The accuracy of the answers."""
    answers, true = readings.answers, readings.true
    merged = _canonical(answers, trial.equivalent) == _canonical(true, trial.equivalent)
    return Figure(trial.model, trial.on, float((answers == true).mean()), float(merged.mean()), len(true))


def _canonical(labels: np.ndarray, equivalent: str) -> np.ndarray:
    """Labels in small letters, with the first equivalent label in place of the others."""
    labels = np.char.lower(labels)
    return np.where(np.isin(labels, list(equivalent)), equivalent[:1], labels)


def measure(trial: Trial, data_dir: Path, weights: Path = WEIGHTS) -> Figure:
    """Measure one trial, with the weights in a folder."""
    return figure_of(trial, read_trial(trial, data_dir, weights))


def details(trial: Trial, readings: Readings, classes: tuple[str, ...]) -> dict:
    """The confusion matrix (rows: true labels, columns: answers) and the most confident mistakes.

    Args:
        trial: gives the test set.
        readings: of the trial.
        classes: of the model.
    """
    merged = "A" not in classes  # the model does not tell the cases of a letter apart
    true = np.char.lower(readings.true) if merged else readings.true
    index_of = {label: index for index, label in enumerate(classes)}
    matrix = np.zeros((len(classes), len(classes)), int)
    np.add.at(
        matrix, ([index_of[label] for label in true], [index_of[label] for label in readings.answers]), 1
    )
    wrong = np.nonzero(true != readings.answers)[0]
    worst = wrong[np.argsort(-readings.probability[wrong], kind="stable")][:MISTAKES]
    return {
        "test": trial.on,
        "classes": list(classes),
        "confusion": matrix.tolist(),
        "mistakes": [
            {
                "row": int(readings.rows[index]),
                "true": str(readings.true[index]),
                "said": str(readings.answers[index]),
                "probability": round(float(readings.probability[index]), 4),
            }
            for index in worst
        ],
    }


def table(trials: list[Trial], figures: list[Figure]) -> str:
    """A Markdown table of the figures.

    "Right" is empty for models of letters, which merge case anyway, and "case merged" for models of digits.
    """
    lines = ["| model | set | characters | right | case merged | target |", "|---|---|---|---|---|---|"]
    for trial, figure in zip(trials, figures, strict=True):
        right = "" if figure.model.startswith("letters") else f"{figure.right:.2%}"
        merged = "" if figure.model.startswith("digits") else f"{figure.merged:.2%}"
        target = "; ".join(
            f"{100 * accuracy:g}%"
            for accuracy in (trial.min_accuracy, trial.min_merged_accuracy)
            if accuracy is not None
        )
        lines.append(
            f"| `{figure.model}` | {figure.on} | {figure.characters:,} | {right} | {merged} | {target} |"
        )
    return "\n".join(lines) + "\n"


def zoo_table(trials: list[Trial], figures: list[Figure]) -> str:
    """A Markdown table with one row per model: its size, its first test set, and WILD with case merged."""
    lines = [
        "| model | parameters | official test | right | target | drawn freely | photographed |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(trial.model for trial in trials):
        by_set = {figure.on: figure for figure in figures if figure.model == name}
        official = next(trial for trial in trials if trial.model == name)
        right = by_set[official.on].merged if name.startswith("letters") else by_set[official.on].right
        target = official.min_accuracy or official.min_merged_accuracy
        drawn, photographed = (f"{by_set[on].merged:.2%}" for on in WILD)
        lines.append(
            f"| `{name}` | {read_card(name)['parameters']:,} | {official.on} | {right:.2%} | "
            f"{f'{100 * target:g}%' if target else ''} | {drawn} | {photographed} |"
        )
    return "\n".join(lines) + "\n"


def write_metrics(name: str, figures: list[Figure]) -> None:
    """Write a model's figures into its card."""
    metrics = {
        figure.on: {"right": round(figure.right, 5), "case_merged": round(figure.merged, 5),
                    "characters": figure.characters}
        for figure in figures
        if figure.model == name
    }  # fmt: skip
    file = NETWORK if name in VIEWS else name
    card = read_card(file)
    if name in VIEWS:
        card["views"][name]["metrics"] = metrics
    else:
        card["metrics"] = metrics
    write_card(WEIGHTS / f"{file}.keras", card)


def figures_in_cards() -> tuple[list[Trial], list[Figure]]:
    """All figures in the model cards, and their trials."""
    trials, figures = [], []
    for trial in TRIALS:
        if trial.model in available_models() and (metric := read_card(trial.model)["metrics"].get(trial.on)):
            trials.append(trial)
            figures.append(
                Figure(trial.model, trial.on, metric["right"], metric["case_merged"], metric["characters"])
            )
    return trials, figures


def with_tables(text: str) -> str:
    """The text of docs/measured.md, its two tables replaced by those of the figures in the cards."""
    trials, figures = figures_in_cards()
    ours = [pair for pair in zip(trials, figures, strict=True) if pair[0].model in VIEWS]
    text = replace_section(text, "characters", table(*zip(*ours, strict=True)))
    return replace_section(text, "zoo", zoo_table(trials, figures))


def evaluate(names: list[str], data_dir: Path) -> tuple[list[Trial], list[Figure]]:
    """Measure models, and write their figures into their cards and training/figures/."""
    trials, figures = [trial for trial in TRIALS if trial.model in names], []
    for trial in trials:
        readings = read_trial(trial, data_dir)
        if trial.model not in {figure.model for figure in figures}:  # the first test set of this model
            FIGURES.mkdir(exist_ok=True)
            content = details(trial, readings, tuple(read_card(trial.model)["classes"]))
            (FIGURES / f"{trial.model}.json").write_text(json.dumps(content, ensure_ascii=False) + "\n")
        figures.append(figure_of(trial, readings))
        print(
            f"{trial.model} on {trial.on}: {figures[-1].right:.4f}, case merged {figures[-1].merged:.4f}",
            flush=True,
        )
    for name in names:
        write_metrics(name, figures)
    return trials, figures


def main(arguments: list[str] | None = None) -> None:
    parser = command_parser("training.evaluate characters", __doc__)
    models = list(dict.fromkeys(trial.model for trial in TRIALS))
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of a model (default: {' '.join(models)})")
    add_data_dir(parser)
    options = parser.parse_args(arguments)
    names = options.names or models
    if unknown := sorted(set(names) - set(models)):
        parser.error(f"no test for {', '.join(unknown)}; there are tests for {', '.join(models)}")
    try:
        trials, figures = evaluate(names, options.data_dir)
    except (DataError, ModelError) as error:
        parser.exit(1, f"{error}\n")
    print(f"\n{table(trials, figures)}")
    MEASURED.write_text(with_tables(MEASURED.read_text()))
