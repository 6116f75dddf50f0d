"""The samples of `characters`: four pools, made once; every batch takes its share of each and varies it anew.

| pool | what | varied |
|---|---|---|
| forms | rows as they were written on NIST's forms | as NIST's hands vary among themselves |
| others | the same rows with what other people do: strokes added or left out, another pen | widely |
| drawn | stroke templates, drawn with a pen and read as a picture | little: they vary already |
| negatives | what is no character | little |
"""

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from multiprocessing import get_context

import cv2
import numpy as np

from recognizer.preprocessing.normalize import glyph
from training.data.character_rows import CLASSES, CharacterData
from training.labels import NOTHING
from training.recipes import TrainingRecipe
from training.synthesis import augment, stroke_templates
from training.synthesis.allographs import Habits, with_habits
from training.synthesis.jitter import Jitter
from training.synthesis.negatives import nothing

AS_ON_FORMS = Jitter(
    untouched=0.35, rotation=6, slant=0.18, aspect=0.12, bulge=0.0, size=0.04, shift=0.6, wobble=0.7,
    thinner=0.4, thicker=0.6, blur=0.15,
)  # fmt: skip
AS_OTHERS_WRITE = Jitter(
    untouched=0.2, rotation=9, slant=0.25, aspect=0.25, bulge=0.1, size=0.05, shift=0.7, wobble=0.8,
    thinner=0.6, thicker=1.0, blur=0.3,
)  # fmt: skip
A_LITTLE = Jitter(
    untouched=0.3, rotation=4, slant=0.08, aspect=0.1, bulge=0.05, size=0.05, shift=0.5, wobble=0.5,
    thinner=0.6, thicker=1.0, blur=0.3,
)  # fmt: skip
AS_READ = 0.25  # share of rows of "others" with another, often heavy pen, thinned as the reader thins it
SERIF, LOSS = 0.1, 0.07  # shares of them with a bar or a curl more, and with an end of a stroke less
# how often each stroke is added that NIST's American forms hardly show: strokes that make a European 1, 4, 7
HABITS = Habits(
    upstroke=0.55, foot=0.25, foot_reach=0.5, short_stem=0.35, tick=0.2, crossing=0.35, bow=0.35, nose=0.15,
    hook=0.15, joined=0.12, flat=0.12,
)  # fmt: skip
CHUNK = 2000  # samples made by one task


@dataclass(frozen=True)
class Pool:
    """Samples of one kind."""

    images: np.ndarray  # uint8 (N, 28, 28), 255 = ink
    allowed: np.ndarray  # bool (N, CLASSES)
    chances: np.ndarray  # float64 (N,), summing to 1: how often each is taken
    jitter: Jitter

    @cached_property
    def _ends(self) -> np.ndarray:
        return np.cumsum(self.chances)

    def take(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Random rows, as their chances are: int (count,)."""
        ends = self._ends
        return np.minimum(np.searchsorted(ends, rng.random(count) * ends[-1]), len(ends) - 1)


def pools(data: CharacterData, recipe: TrainingRecipe) -> dict[str, Pool]:
    """All pools, made by as many processes as there are cores.

    Args:
        data: the rows.
        recipe: says how often classes are taken, how many samples are made, and the seed of all chance.
    """
    rows, allowed = data.training, data.training.allowed()
    mixture, seed = recipe.mixture, recipe.seed
    of_class = class_shares(data.frequency, recipe.balance)
    chances = chances_of(allowed, rows.shares, of_class)
    labels = np.random.default_rng((seed, 0)).choice(CLASSES, mixture.templates, p=of_class)
    parents = np.random.default_rng((seed, 1)).choice(len(rows), (mixture.made, 3))
    with ProcessPoolExecutor(os.cpu_count(), get_context("forkserver")) as processes:
        others = _made(processes, _as_others, rows.images, rows.labels, seed=(seed, 2))
        pictures = _made(processes, _drawn, labels, seed=(seed, 3))
        none = _made(processes, _negatives, rows.images[parents], seed=(seed, 4))
    drawn_allowed = labels[:, None] == np.array(CLASSES)
    none_allowed = np.tile(np.array(CLASSES) == NOTHING, (len(none), 1))
    return {
        "forms": Pool(rows.images, allowed, chances, AS_ON_FORMS),
        "others": Pool(others, allowed, chances, AS_OTHERS_WRITE),
        "drawn": Pool(pictures, drawn_allowed, np.full(len(pictures), 1 / len(pictures)), A_LITTLE),
        "negatives": Pool(none, none_allowed, np.full(len(none), 1 / len(none)), A_LITTLE),
    }


def class_shares(frequency: np.ndarray, balance: float) -> np.ndarray:
    """How often each class is taken, summing to 1; of what is no character, which has its own pool, 0."""
    shares = np.where(frequency > 0, frequency, 1.0) ** (1 - balance) * (frequency > 0)
    return shares / shares.sum()


def chances_of(allowed: np.ndarray, shares: np.ndarray, of_class: np.ndarray) -> np.ndarray:
    """Each row's chance to be taken, summing to 1, so that classes are as frequent as asked.

    Args:
        allowed: bool (N, classes), the classes that each row allows.
        shares: (N,), how many written characters each row stands for.
        of_class: (classes,), how frequent each shall be.
    """
    parts = shares[:, None] * allowed / allowed.sum(axis=1, keepdims=True)
    chances = parts @ (of_class / np.maximum(parts.sum(axis=0), 1))
    return chances / chances.sum()


def _made(processes: ProcessPoolExecutor, make, *columns: np.ndarray, seed: tuple[int, ...]) -> np.ndarray:
    """One sample for each row of the columns: uint8 (N, 28, 28)."""
    starts = range(0, len(columns[0]), CHUNK)
    parts = [[column[start : start + CHUNK] for start in starts] for column in columns]
    seeds = [(*seed, number) for number in range(len(starts))]
    return np.concatenate(list(processes.map(_chunk, repeat(make), seeds, *parts)))


def _chunk(make, seed: tuple[int, ...], *columns: np.ndarray) -> np.ndarray:
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    made = [make(*row, rng) for row in zip(*columns, strict=True)]
    return np.rint(255 * np.stack(made)).astype(np.uint8)


def _as_others(image: np.ndarray, label: str, rng: np.random.Generator) -> np.ndarray:
    """A row with what other people do to such a character: float32 (28, 28)."""
    sheet = augment._sheet(image.astype(np.float32) / 255, 1.0)
    sheet = with_habits(sheet, label if len(label) == 1 else "", HABITS, 1.0, rng)
    if rng.random() < SERIF:
        sheet = augment._with_serif(sheet, 1.0, rng)
    if rng.random() < LOSS:
        sheet = augment._without_end(sheet, 1.0, rng)
    if rng.random() < AS_READ:
        return augment._as_read(sheet, "emnist", 28, rng)
    return _fitted(sheet)


def _fitted(sheet: np.ndarray) -> np.ndarray:
    """The ink of a sheet in 28x28, where its box is in the middle and has the longer side that it had."""
    x, y, width, height = cv2.boundingRect((sheet > augment.INK).astype(np.uint8))
    scale = min(1.0, 24 / max(width, height))  # what a stroke made larger than EMNIST's characters are
    middle = np.array([x + (width - 1) / 2, y + (height - 1) / 2])
    start = middle - 13.5 / scale
    to_sheet = np.array([[1 / scale, 0, start[0]], [0, 1 / scale, start[1]]], np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.clip(cv2.warpAffine(sheet, to_sheet, (28, 28), flags=flags), 0, 1)


def _drawn(label: str, rng: np.random.Generator) -> np.ndarray:
    """A character drawn with a pen, as people write it, and read as a picture: float32 (28, 28)."""
    seen = np.zeros(())
    while not seen.any():
        seen = glyph(stroke_templates.picture(str(label), rng), "emnist")
    return seen


def _negatives(parents: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What is no character, made of three that are, or of chance: float32 (28, 28)."""
    return nothing(list(parents), "emnist", 28, rng)
