"""Characters that two sets have in common, although each brought them to 28x28 in its own way.

MNIST and EMNIST were cut from the same forms. Who trains on EMNIST's digits and measures on MNIST's test must
leave out every digit that stands in both.
"""

import cv2
import numpy as np

from recognizer.ink import ink_box

SIDE = 16  # pixels: characters are compared in their boxes, stretched to a square of this side
ALIKE = 0.90  # correlation: the same character has 0.94 and more, by eye on 80 pairs of MNIST and EMNIST
SHAPE = 0.25  # difference in the log of width over height that the two recipes' rounding can make
CHUNK = 1000  # rows compared at once


def standing_in(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which images look so much like one of the others that they may be the same written character.

    It is a wide net: most of what it catches is another person's digit that looks the same.

    Args:
        images, others: uint8 (N, 28, 28) and (M, 28, 28), 255 = ink, each in its own recipe.

    Returns:
        bool (N,).
    """
    mine, theirs = _features(images), _features(others)
    found = np.zeros(len(images), bool)
    for start in range(0, len(images), CHUNK):
        rows = slice(start, start + CHUNK)
        near = np.abs(mine[1][rows, None] - theirs[1]) < SHAPE
        found[rows] = ((mine[0][rows] @ theirs[0].T > ALIKE) & near).any(axis=1)
    return found


def _features(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pixels of the box, centred and of length one, float32 (N, SIDE^2); log of width over height (N,)."""
    pixels = np.zeros((len(images), SIDE * SIDE), np.float32)
    shapes = np.zeros(len(images), np.float32)
    for row, image in enumerate(images):
        x, y, width, height = ink_box(image.astype(np.float32) / 255, 0.375)
        box = image[y : y + height, x : x + width].astype(np.float32)
        how = cv2.INTER_AREA if min(width, height) >= SIDE else cv2.INTER_LINEAR
        small = cv2.GaussianBlur(cv2.resize(box, (SIDE, SIDE), interpolation=how), (3, 3), 0.8)
        pixels[row] = (small - small.mean()).ravel()
        shapes[row] = np.log(width / height)
    return pixels / np.maximum(np.linalg.norm(pixels, axis=1, keepdims=True), 1e-6), shapes
