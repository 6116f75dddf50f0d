"""What a card says of a network's probabilities, fitted on held-out samples; training writes it too.

    python -m training.calibrate [NAME...]

fits anew, from the shipped weights, what `Recognizer.load(name, max_error=..., coverage=...)` promises.
"""

import argparse
from pathlib import Path

import numpy as np

from recognizer.confidence import LEAST, is_label, softmax
from recognizer.models import WEIGHTS, available_models, load_model, write_card
from recognizer.selective import coverage_table, risk_table
from training.datasets import DATA, training_data
from training.official import DataError
from training.recipes import RECIPES


def promises(
    logits: np.ndarray, allowed: np.ndarray, classes: tuple[str, ...], temperature: float, prior
) -> dict:
    """The card's entries "risk" and "coverage", as the reader will see these samples.

    Args:
        logits: (N, classes) on held-out samples.
        allowed: bool (N, classes), the classes that each label allows.
        classes: labels; what is no character, "", is never an answer.
        temperature, prior: the card's.
    """
    named = is_label(classes)
    characters = (allowed & named).any(axis=1)  # what is none has no right label
    logits, allowed = logits[characters], allowed[characters]
    known = softmax(logits, temperature, prior) * named
    probabilities = known / known.sum(axis=1, keepdims=True)  # if this is a character, which all are
    best = probabilities.argmax(axis=1)
    right = allowed[np.arange(len(best)), best]
    answered = known.max(axis=1) > LEAST  # else it is refused, however sure a label would be
    return {
        "risk": risk_table(np.where(answered, probabilities.max(axis=1), 0.0), right),
        "coverage": coverage_table((probabilities * allowed).max(axis=1)),
    }


def calibrate(name: str, data_dir: Path, weights: Path = WEIGHTS) -> dict:
    """Fit the promises of one model and write them into its card."""
    model = load_model(name, weights)
    _, held_out = training_data(RECIPES[name], data_dir)
    card = dict(model.card)
    logits = model.logits(held_out.images.astype(np.float32) / 255)
    card |= promises(logits, held_out.allowed, model.classes, card["temperature"], card.get("prior", 1.0))
    write_card(weights / f"{name}.keras", card)
    return card


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.calibrate", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--data-dir", type=Path, default=DATA, help="default: $SCRAWL_DATA, else data/")
    arguments = parser.parse_args()
    for name in arguments.names or available_models():
        try:
            card = calibrate(name, arguments.data_dir)
        except DataError as error:
            parser.exit(1, f"{error}\n")
        print(f"{name}: {card['risk'][0][1]} held-out samples, {card['risk'][0][2]} of them read wrongly")


if __name__ == "__main__":
    main()
