"""Records of the models, as training and evaluation wrote them: cards, learning curves and mistakes.

Nothing here loads a network.
"""

import json
from pathlib import Path

from pages.common import ROOT
from recognizer.models.store import WEIGHTS, available_models, read_card
from recognizer.models.views import NETWORK, VIEWS

TRAINING = ROOT / "training"
DRAWN_TEST, PHOTO_TEST = "wild/strokes62, drawn freely", "wild/photo_characters"  # as the cards name them
MILESTONES = (10, 50, 100)  # epochs of the runs of training.tools.study
# the networks that were trained to every milestone
STUDIED = tuple(f"digits-{network}" for network in ("mlp", "cnn", "lenet", "lenet5", "resnet"))


def overview() -> list[dict]:
    """One row for each model, Scrawl's own first: what it is, and the percentages that it reads correctly."""
    names = sorted(available_models(), key=lambda name: (name not in VIEWS, task(name), name))
    return [_row(name, read_card(name)) for name in names]


def task(name: str) -> str:
    """What a model reads: "digits", "letters" or "alphanumeric"."""
    classes = read_card(name)["classes"]
    if "0" not in classes:
        return "letters"
    return "alphanumeric" if "a" in classes else "digits"


def _row(name: str, card: dict) -> dict:
    metrics = card["metrics"]
    official = next(iter(metrics), None)
    exact = "right" if "0" in card["classes"] else "case_merged"
    return {
        "model": name,
        "task": task(name),
        "parameters": card["parameters"],
        "kilobytes": (WEIGHTS / f"{NETWORK if name in VIEWS else name}.keras").stat().st_size / 1024,
        "official test": official,
        "test accuracy": _percent(metrics, official, exact),
        "drawings": _percent(metrics, DRAWN_TEST, "case_merged"),
        "photos": _percent(metrics, PHOTO_TEST, "case_merged"),
    }


def _percent(metrics: dict, test: str | None, key: str) -> float | None:
    return 100 * metrics[test][key] if test in metrics else None


def curves(name: str, epochs: int | None = None) -> list[dict]:
    """The learning curves of a run, empty if there is no record of it.

    Args:
        name: of the model.
        epochs: one of MILESTONES for the networks of STUDIED; None for the shipped weights.

    Returns:
        A row for each epoch and part: epoch, part ("training" or "held out"), accuracy (percent) and loss.
    """
    rows = []
    for number, line in enumerate(_history(name, epochs), start=1):
        for part, prefix in (("training", ""), ("held out", "val_")):
            accuracy, loss = 100 * line[f"{prefix}accuracy"], line[f"{prefix}loss"]
            rows.append({"epoch": number, "part": part, "accuracy": accuracy, "loss": loss})
    return rows


def milestones() -> list[dict]:
    """The final accuracies (percent) and losses, a row for each network of STUDIED and each of MILESTONES."""
    rows = []
    for name in STUDIED:
        for epochs in MILESTONES:
            if history := _history(name, epochs):
                last = history[-1]
                row = {"network": name, "epochs": epochs, "training loss": last["loss"]}
                row |= {"training": 100 * last["accuracy"], "held-out loss": last["val_loss"]}
                rows.append(
                    row | {"held out": 100 * last["val_accuracy"], "MNIST test": 100 * last["test_accuracy"]}
                )
    return rows


def _history(name: str, epochs: int | None) -> list[dict]:
    if name in VIEWS:
        name = NETWORK
    path = TRAINING / "histories" / (f"{name}.json" if epochs is None else f"{name}-{epochs}.json")
    return json.loads(path.read_text()) if path.exists() else []


def certainty(name: str, weights: Path = WEIGHTS) -> list[dict]:
    """How many held-out samples a model answers with at least a probability, and how many of them wrongly.

    Returns:
        A row for each probability: itself ("sure"), the numbers of all samples, of those read, and of wrong
        ones among these; also "read %" of the samples and "wrong %" of those read. Empty if the card has no
        such figures.
    """
    card = read_card(name, weights)
    (_, samples, _), *rows = card.get("risk", [[0.0, 0, 0]])
    return [
        {"sure": sure, "samples": samples, "read": read, "wrong": wrong}
        | {"read %": 100 * read / samples, "wrong %": 100 * wrong / max(read, 1)}
        for sure, read, wrong in rows
    ]


def details(name: str) -> dict | None:
    """The confusion matrix and the most confident mistakes, as `training.evaluate` found them; else None."""
    path = TRAINING / "figures" / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None
