"""What is known about the models: their cards, learning curves and mistakes, as the training wrote them.

Nothing here loads a network.
"""

import json
from pathlib import Path

from pages.common import ROOT
from recognizer.models.store import WEIGHTS, available_models, read_card
from recognizer.models.views import NETWORK, VIEWS

TRAINING = ROOT / "training"
FREE, PHOTO = "wild/strokes62, drawn freely", "wild/photo_characters"  # test sets, as the cards name them
MILESTONES = (10, 50, 100)  # epochs of the runs that are compared (training.tools.study)
# the networks that were trained to every milestone
CURVES = tuple(f"digits-{network}" for network in ("mlp", "cnn", "lenet", "lenet5", "resnet"))


def overview() -> list[dict]:
    """One row a model, ours first: what it is, and the shares of characters it read right, in percent."""
    names = sorted(available_models(), key=lambda name: (name not in VIEWS, task(name), name))
    return [_row(name, read_card(name)) for name in names]


def task(name: str) -> str:
    """ "digits", "letters" or "alphanumeric", by what a model can say."""
    classes = read_card(name)["classes"]
    if "0" not in classes:
        return "letters"
    return "alphanumeric" if "a" in classes else "digits"


def _row(name: str, card: dict) -> dict:
    metrics = card["metrics"]
    first = next(iter(metrics), None)
    exact = "right" if "0" in card["classes"] else "case_merged"
    return {
        "model": name,
        "task": task(name),
        "parameters": card["parameters"],
        "kilobytes": (WEIGHTS / f"{NETWORK if name in VIEWS else name}.keras").stat().st_size / 1024,
        "official test": first,
        "test accuracy": _percent(metrics, first, exact),
        "drawings": _percent(metrics, FREE, "case_merged"),
        "photos": _percent(metrics, PHOTO, "case_merged"),
    }


def _percent(metrics: dict, on: str | None, key: str) -> float | None:
    return 100 * metrics[on][key] if on in metrics else None


def curves(name: str, epochs: int | None = None) -> list[dict]:
    """A row an epoch and part: epoch, part ("training" or "held out"), accuracy (percent) and loss.

    Args:
        name: a model.
        epochs: one of MILESTONES for the networks of CURVES; None for the run that is shipped.

    Returns:
        Empty where that run was not written down.
    """
    rows = []
    for number, line in enumerate(_history(name, epochs), start=1):
        for part, prefix in (("training", ""), ("held out", "val_")):
            accuracy, loss = 100 * line[f"{prefix}accuracy"], line[f"{prefix}loss"]
            rows.append({"epoch": number, "part": part, "accuracy": accuracy, "loss": loss})
    return rows


def milestones() -> list[dict]:
    """A row a network of CURVES and number of epochs: accuracies in percent and losses at its end."""
    rows = []
    for name in CURVES:
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
    """A row a threshold: how many held-out samples are answered at least so surely, and how many wrongly.

    Returns:
        Rows of sure (a probability), samples, read (of these), wrong (of those read), and the last two as
        "read %" of the samples and "wrong %" of those read; empty where the card does not say it.
    """
    card = read_card(name, weights)
    (_, samples, _), *rows = card.get("risk", [[0.0, 0, 0]])
    return [
        {"sure": sure, "samples": samples, "read": read, "wrong": wrong}
        | {"read %": 100 * read / samples, "wrong %": 100 * wrong / max(read, 1)}
        for sure, read, wrong in rows
    ]


def details(name: str) -> dict | None:
    """Confusion matrix and most confident mistakes, by `training.evaluate`; None if not measured."""
    path = TRAINING / "figures" / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None
