"""The samples of one epoch, batch by batch, as a function of the seed and the epoch's number alone."""

import keras
import numpy as np

from training.augment import augment
from training.datasets import Samples
from training.recipes import TrainingRecipe


class Batches(keras.utils.PyDataset):
    """One epoch of batches, augmented where the recipe says so."""

    def __init__(self, samples: Samples, recipe: TrainingRecipe, epoch: int):
        super().__init__(workers=1, max_queue_size=16)
        self.samples, self.recipe, self.epoch = samples, recipe, epoch
        rng = np.random.default_rng((recipe.seed, epoch))
        self.order = (
            rng.choice(len(samples), len(samples), p=_shares(samples.allowed, recipe.balance))
            if recipe.balance
            else rng.permutation(len(samples))
        )

    def __len__(self) -> int:
        return len(self.order) // self.recipe.batch_size

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        size = self.recipe.batch_size
        rows = self.order[index * size : (index + 1) * size]
        return self._images(rows, index)[..., None], self.samples.allowed[rows].astype(np.float32)

    def _images(self, rows: np.ndarray, index: int) -> np.ndarray:
        images, labels = self.samples.images[rows], self.samples.labels[rows].tolist()
        how = self.recipe.augmentation
        if how is None:
            return images.astype(np.float32) / 255
        rng = np.random.default_rng((self.recipe.seed, self.epoch, index))
        return np.stack(
            [
                augment(image, label, self.recipe.glyph_recipe, how, rng)
                for image, label in zip(images, labels, strict=True)
            ]
        )


def _shares(allowed: np.ndarray, balance: float) -> np.ndarray:
    """Each row's chance to be drawn: its class's frequency to the power of minus `balance`, summing to 1."""
    share = allowed / allowed.sum(axis=1, keepdims=True)
    weight = share @ np.maximum(share.sum(axis=0), 1) ** -balance
    return weight / weight.sum()
