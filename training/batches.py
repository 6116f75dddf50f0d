"""The samples of one epoch, batch by batch, as a function of the seed and the epoch's number alone."""

from collections.abc import Sequence

import keras
import numpy as np

from recognizer.glyphs import glyph
from training import ways
from training.augment import AS_ON_FORMS, Augmentation, augment, worn
from training.datasets import Samples
from training.distillation import Teachers
from training.habits import plain_share
from training.nothing import nothing
from training.recipe import NOTHING, TrainingRecipe


class Batches(keras.utils.PyDataset):
    """One epoch of batches, augmented where the recipe says so; in another `sequence` where one is given."""

    def __init__(
        self,
        samples: Samples,
        recipe: TrainingRecipe,
        epoch: int,
        teachers: Teachers | None = None,
        sequence: Sequence[int] | None = None,
    ):
        super().__init__(workers=1, max_queue_size=16)
        self.samples, self.recipe, self.epoch, self.teachers = samples, recipe, epoch, teachers
        self.sequence = sequence
        rng = np.random.default_rng((recipe.seed, epoch))
        self.order = (
            rng.permutation(len(samples))
            if recipe.balance is None
            else rng.choice(len(samples), len(samples), p=_shares(samples, recipe))
        )

        # of drawn ones: as frequent as rows of the class
        chances = np.array([label != NOTHING for label in recipe.classes]) * (
            1.0 if recipe.balance is None else samples.frequency ** (1 - recipe.balance)
        )
        self.chances = chances / chances.sum()

    def __len__(self) -> int:
        return len(self.order) // self.recipe.batch_size

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        index = number if self.sequence is None else self.sequence[number]
        size = self.recipe.batch_size
        rows = self.order[index * size : (index + 1) * size]
        rng = np.random.default_rng((self.recipe.seed, self.epoch, index))
        images, allowed = self._images(rows, rng), self.samples.allowed[rows].astype(np.float32)
        taught = self.teachers(images) if self.teachers else None
        for place in np.nonzero(rng.random(size) < self.recipe.nothing)[0]:
            parents = [self.samples.images[row] for row in rng.choice(self.order, 3)]
            made = nothing(parents, self.recipe.glyph_recipe, self.recipe.side, rng)
            how = self.recipe.augmentation
            images[place] = worn(made, how, rng.random(), rng) if how else made
            allowed[place] = [label == NOTHING for label in self.recipe.classes]
            if taught is not None:
                taught[place] = 0  # there is one true answer
        for place in np.nonzero(rng.random(size) < self.recipe.drawn)[0]:
            label = rng.choice(self.recipe.classes, p=self.chances)
            images[place] = self._drawn(label, rng)
            allowed[place] = [one == label for one in self.recipe.classes]
            if taught is not None:
                taught[place] = 0
        return images[..., None], allowed if taught is None else np.stack([allowed, taught], axis=1)

    def _drawn(self, label: str, rng: np.random.Generator) -> np.ndarray:
        """A character that is drawn with a pen, as people write it, and read as a picture."""
        if label.islower() and label.upper() not in self.recipe.classes and rng.random() < 0.5:
            label = label.upper()
        only_digits = not any(one.isalpha() for one in self.recipe.classes)
        seen = np.zeros(())
        while not seen.any():
            seen = glyph(ways.picture(label, rng, only_digits), self.recipe.glyph_recipe, self.recipe.side)
        how = self.recipe.augmentation
        return worn(seen, how, rng.random(), rng) if how else seen

    def _images(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        images, labels = self.samples.images[rows], self.samples.labels[rows].tolist()
        how = self.recipe.augmentation
        if how is None:
            return images.astype(np.float32) / 255
        return np.stack(
            [
                augment(image, label, self.recipe.glyph_recipe, self._how(how, rng), rng)
                for image, label in zip(images, labels, strict=True)
            ]
        )

    def _how(self, usual: Augmentation, rng: np.random.Generator) -> Augmentation:
        share = self.recipe.as_on_forms
        # no chance is drawn where no row is varied so: what was trained before stays the same
        return AS_ON_FORMS if share and rng.random() < share else usual


def _shares(samples: Samples, recipe: TrainingRecipe) -> np.ndarray:
    """Each row's chance to be drawn, summing to 1.

    A character to which strokes are often added is drawn more often, so that its plain form does not
    become rarer: else a bare stroke would hardly be a 1 any more.
    """
    share = samples.allowed / samples.allowed.sum(axis=1, keepdims=True)
    present = share.sum(axis=0)
    weight = share @ (samples.frequency ** (1 - recipe.balance) / np.maximum(present, 1))
    if recipe.augmentation:
        plain = {label: plain_share(label, recipe.augmentation.habits) for label in set(samples.labels)}
        weight /= np.array([plain[label] for label in samples.labels.tolist()])
    return weight / weight.sum()
