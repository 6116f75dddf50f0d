"""The training samples of one epoch, batch by batch.

A batch depends only on the seed, the epoch and its own number, so a resumed run sees the same batches.
"""

import keras
import numpy as np

from training.data.datasets import Samples
from training.data.sample_pools import Pool, row_probabilities
from training.recipes import TrainingRecipe
from training.synthesis.augment import augment
from training.synthesis.jitter import jittered

PREFETCH = {"workers": 1, "max_queue_size": 16}  # one thread prepares batches while the network trains


class RowBatches(keras.utils.PyDataset):
    """One epoch of training-set rows, augmented if the recipe says so."""

    def __init__(self, samples: Samples, recipe: TrainingRecipe, epoch: int):
        super().__init__(**PREFETCH)
        self.samples, self.recipe, self.epoch = samples, recipe, epoch
        rng = np.random.default_rng((recipe.seed, epoch))
        self.order = (
            rng.permutation(len(samples))
            if recipe.balance is None
            else rng.choice(len(samples), len(samples), p=_row_probabilities(samples, recipe.balance))
        )

    def __len__(self) -> int:
        return len(self.order) // self.recipe.batch_size

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        size = self.recipe.batch_size
        rows = self.order[number * size : (number + 1) * size]
        rng = np.random.default_rng((self.recipe.seed, self.epoch, number))
        return self._images(rows, rng)[..., None], self.samples.allowed[rows].astype(np.float32)

    def _images(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        images, labels = self.samples.images[rows], self.samples.labels[rows].tolist()
        augmentation = self.recipe.augmentation
        if augmentation is None:
            return images.astype(np.float32) / 255
        augmented = (
            augment(image, label, self.recipe.glyph_recipe, augmentation, rng)
            for image, label in zip(images, labels, strict=True)
        )
        return np.stack(list(augmented))


class PoolBatches(keras.utils.PyDataset):
    """One epoch of samples drawn from pools by their shares, jittered as each pool defines."""

    def __init__(self, pools: dict[str, Pool], recipe: TrainingRecipe, epoch: int):
        super().__init__(**PREFETCH)
        self.pools, self.recipe, self.epoch = pools, recipe, epoch

    def __len__(self) -> int:
        return self.recipe.samples // self.recipe.batch_size

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng((self.recipe.seed, self.epoch, number))
        shares = [getattr(self.recipe.mixture, name) for name in self.pools]
        counts = rng.multinomial(self.recipe.batch_size, shares)
        images, allowed = [], []
        for pool, count in zip(self.pools.values(), counts, strict=True):
            rows = pool.take(count, rng)
            images.append(jittered(pool.images[rows], pool.jitter, rng))
            allowed.append(pool.allowed[rows])
        return np.concatenate(images)[..., None], np.concatenate(allowed).astype(np.float32)


def _row_probabilities(samples: Samples, balance: float) -> np.ndarray:
    """The probability of drawing each row, (N,), summing to 1."""
    return row_probabilities(samples.allowed, np.ones(len(samples)), samples.frequency ** (1 - balance))
