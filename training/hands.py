"""Hands made of held-out rows, on which it is chosen how much corrections count (recognizer.personal.Blend).

    python -m training.hands [NAME...] [--data-dir DIR]

prints how the errors of a model change on them, with the blend in use and with others. NIST's rows do not
name their writers, and most people wrote each letter once or twice. So a made hand has, of each class, one
held-out character, those that look most like it, and now and then another. Digits of SD19 that follow each
other are mostly one writer's: a check with real hands.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from recognizer.confidence import is_label, softmax
from recognizer.models import load_model
from recognizer.personal import TINY, Blend, Hand, personal
from training.datasets import DATA, sd19, training_data
from training.recipes import RECIPES

HANDS = 30
EACH = 15  # characters of a class in a hand
TAUGHT = 5  # of them, at most
# Of how many rows the characters of a hand are drawn, and how many of them are other people's. Their features
# are 0.7 and 0.8 times as far apart as those of any two rows of a class; those of one writer's digits 0.6
NEAT, LOOSE = (15, 0.03), (45, 0.08)
IN_A_ROW = 12  # rows of a digit of SD19
SLIPS = 0.05  # share of wrong labels
SOME = 0.3  # share of the classes, where only some are taught
ONE_CASE = 0.4  # share of people who write a reader of letters capitals; as many write small letters only
TRIED = {
    "as it is": Blend(),
    "vote 0": Blend(vote=0),
    "vote 1": Blend(vote=1),
    "gain 10": Blend(gain=10),
    "gain 60": Blend(gain=60),
    "sharpness 8": Blend(sharpness=8),
    "sharpness 17": Blend(sharpness=17),
    "own 0.5": Blend(own=0.5),
    "own 1": Blend(own=1),
    "dilution 0": Blend(dilution=0),
    "dilution 1": Blend(dilution=1),
    "dilution 6": Blend(dilution=6),
    "doubt 0": Blend(doubt=0),
    "likeness 0.1": Blend(likeness=0.1),
    "likeness 1": Blend(likeness=1),
    "likeness 1000, no share": Blend(likeness=1000),
}


@dataclass(frozen=True)
class Pool:
    """Characters as one network sees them."""

    known: np.ndarray  # (N, labels), each row summing to 1
    features: np.ndarray  # (N, width)
    columns: np.ndarray  # int (N,): which of the labels each is


def pool(name: str, images: np.ndarray, columns: np.ndarray) -> Pool:
    """What a model sees in glyphs, uint8 (N, side, side)."""
    model = load_model(name)
    logits, features = model.logits_and_features(images.astype(np.float32) / 255)
    known = softmax(logits, model.card["temperature"], model.card.get("prior", 1.0))
    known = known[:, is_label(model.classes)]
    return Pool(known / np.maximum(known.sum(axis=1, keepdims=True), TINY), features, columns)


def made(
    images: np.ndarray, columns: np.ndarray, labels: np.ndarray, near: int, others: float, seed: int
) -> list[list[np.ndarray]]:
    """Hands made of rows that look alike.

    Args:
        images: uint8 (N, side, side).
        columns: int (N,), the class of each; -1 of none.
        labels: (N,), each in its true case.
        near: of how many of the rows that look most like one, EACH are drawn.
        others: share of the rows that are drawn from all of the class instead.
        seed: of all chance.

    Returns:
        For each hand, for each class, the rows it has.
    """
    looks = np.stack(
        [cv2.GaussianBlur(one.astype(np.float32) / 255, (0, 0), 1.5)[::2, ::2] for one in images]
    )
    rng = np.random.default_rng(seed)
    hands = []
    for _ in range(HANDS):
        case = rng.random()
        hand, capitals = [], {}
        for column in range(columns.max() + 1):
            rows = np.nonzero(columns == column)[0]
            mine = rows
            if case < 2 * ONE_CASE:
                in_case = (np.char.isupper if case < ONE_CASE else np.char.islower)(labels[rows])
                mine = rows[in_case] if in_case.any() else rows
            letter = labels[
                rows[0]
            ].upper()  # where a small letter is a class of its own, it is like the capital
            like = capitals.setdefault(letter, rng.choice(mine))
            away = ((looks[mine] - looks[like]) ** 2).sum(axis=(1, 2))
            drawn = rng.permutation(mine[np.argsort(away, kind="stable")[:near]])[:EACH]
            hand.append(np.where(rng.random(len(drawn)) < others, rng.choice(mine, len(drawn)), drawn))
        hands.append(hand)
    return hands


def in_a_row(columns: np.ndarray, seed: int) -> list[list[np.ndarray]]:
    """Hands of rows that follow each other, of each class that there is."""
    rng = np.random.default_rng(seed)
    every = [np.nonzero(columns == column)[0] for column in np.unique(columns)]
    starts = [[rng.integers(len(rows) - IN_A_ROW) for rows in every] for _ in range(HANDS)]
    return [
        [rng.permutation(rows[start : start + IN_A_ROW]) for rows, start in zip(every, hand, strict=True)]
        for hand in starts
    ]


def changes(pool: Pool, hands: list[list[np.ndarray]], blend: Blend, seed: int = 0) -> dict[str, float]:
    """Errors after adapting over errors before, by what was taught and what was read."""
    rng = np.random.default_rng(seed)
    before, after = {}, {}

    def count(what: str, taught: np.ndarray, read: np.ndarray, columns: np.ndarray) -> None:
        hand = Hand(pool.features[taught], pool.known[taught], columns, blend)
        moved = personal(pool.known[read], pool.features[read], hand) if len(taught) else pool.known[read]
        for counts, known in ((before, pool.known[read]), (after, moved)):
            counts[what] = counts.get(what, 0) + int((known.argmax(axis=1) != pool.columns[read]).sum())

    for hand in hands:
        rest = np.concatenate([rows[TAUGHT:] for rows in hand])
        five, one = (np.concatenate([rows[:number] for rows in hand]) for number in (TAUGHT, 1))
        right, classes = pool.columns[five], pool.columns[one]
        slips = np.where(rng.random(len(five)) < SLIPS, rng.choice(classes, len(five)), right)
        misread = five[pool.known[five].argmax(axis=1) != right]
        some = np.isin(right, rng.permutation(classes)[: round(SOME * len(classes))])
        untaught = rest[~np.isin(pool.columns[rest], right[some])]
        count("five of each", five, rest, right)
        count("one", one, rest, classes)
        count("five, 5 % wrong", five, rest, slips)
        count("only misread ones", misread, rest, pool.columns[misread])
        count("five of some", five[some], rest, right[some])
        count("of the other classes", five[some], untaught, right[some])
        half = np.isin(classes, rng.permutation(classes)[: len(classes) // 2])
        others = rest[~np.isin(pool.columns[rest], classes[half])]
        count("one of half, the others", one[half], others, classes[half])
    return {what: after[what] / max(before[what], 1) for what in before}


def sets(name: str, data_dir: Path) -> dict[str, tuple[Pool, list[list[np.ndarray]]]]:
    """The hands that a model is measured on."""
    _, held_out = training_data(RECIPES[name], data_dir)
    labels = [label for label in RECIPES[name].classes if label]
    merged = "A" not in labels
    named = np.char.lower(held_out.labels) if merged else held_out.labels
    columns = np.array([labels.index(label) if label in labels else -1 for label in named])
    everyone = pool(name, held_out.images, columns)
    found = {
        f"{what} hands": (everyone, made(held_out.images, columns, held_out.labels, near, others, seed))
        for seed, (what, (near, others)) in enumerate({"neat": NEAT, "loose": LOOSE}.items())
    }
    if "0" in labels and RECIPES[name].glyph_recipe == "emnist":
        images, digits = sd19(data_dir, "val", RECIPES[name].side, twins=True)
        images, digits = images[np.char.isdigit(digits)], digits[np.char.isdigit(digits)]
        columns = np.array([labels.index(digit) for digit in digits])
        found["digits in a row"] = (pool(name, images, columns), in_a_row(columns, seed=0))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.hands", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", default=["letters", "alphanumeric"])
    parser.add_argument("--data-dir", type=Path, default=DATA, help="default: $SCRAWL_DATA, else data/")
    arguments = parser.parse_args()
    for name in arguments.names:
        for what, (seen, hands) in sets(name, arguments.data_dir).items():
            print(f"\n`{name}`, {what}")
            for number, (how, blend) in enumerate(TRIED.items()):
                found = changes(seen, hands, blend)
                if not number:
                    print(f"| | {' | '.join(found)} |\n|---|{'---|' * len(found)}")
                print(f"| {how} | {' | '.join(f'{100 * (one - 1):+.0f} %' for one in found.values())} |")


if __name__ == "__main__":
    main()
