"""Which characters of one set look like a character of another, although each set made its own 28x28 of it.

MNIST and EMNIST were cut from the same forms. Whatever is trained on must not look like an image of a test.
"""

import cv2
import numpy as np

SIDE = 20  # pixels a side: characters are compared at one size, each centred on its mass
REACH = 2.3  # standard deviations of the ink's places from the centre to the edge of that square
BLUR = 0.9  # pixels, sigma: evens out that MNIST's edges are sharper than EMNIST's
PARTS = 100  # principal components that are compared
FLOOR = 0.03  # of the largest variance: components with less are noise and count less
# Correlation of whitened components. Of characters that stand in both SD19 and EMNIST 93 % have more. That of
# each image of MNIST's test with the most similar digit of EMNIST has two peaks, at 0.91 and 0.98.
ALIKE = 0.95
CHUNK = 2000  # rows compared at once


def near_duplicates(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which images look so much like one of the others that they may be the same written character.

    Args:
        images, others: uint8 (N, 28, 28) and (M, 28, 28), 255 = ink, each in its own recipe.

    Returns:
        bool (N,).
    """
    if not len(images) or not len(others):
        return np.zeros(len(images), bool)
    return like_any(*whitened(images, others))


def like_any(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Which vectors (N, PARTS) of `whitened` are like one of the others (M, PARTS): bool (N,)."""
    found = np.zeros(len(mine), bool)
    for start in range(0, len(mine), CHUNK):
        rows = slice(start, start + CHUNK)
        found[rows] = (mine[rows] @ theirs.T).max(axis=1) > ALIKE
    return found


def whitened(*sets: np.ndarray) -> list[np.ndarray]:
    """Sets of images as vectors of length one, float32 (N, PARTS), whose products say how alike they are.

    Pixels at one size, whitened by the principal components of the first set: what all characters have in
    common counts little, what tells one from another counts most.
    """
    features = [_features(images) for images in sets]
    middle = features[0].mean(axis=0)
    variance, directions = np.linalg.eigh(np.cov((features[0] - middle).T))
    variance, directions = variance[::-1][:PARTS], directions[:, ::-1][:, :PARTS]
    to_parts = (directions / np.sqrt(variance + FLOOR * variance[0])).astype(np.float32)
    parts = [(one - middle) @ to_parts for one in features]
    return [one / np.maximum(np.linalg.norm(one, axis=1, keepdims=True), 1e-6) for one in parts]


def _features(images: np.ndarray) -> np.ndarray:
    """Pixels at one size about the centre of mass, of length one: float32 (N, SIDE^2)."""
    pixels = np.zeros((len(images), SIDE * SIDE), np.float32)
    across = np.arange(images.shape[-1])
    for row, image in enumerate(images):
        ink = image.astype(np.float32) / 255
        mass = ink.sum()
        columns, lines = ink.sum(axis=0) / mass, ink.sum(axis=1) / mass
        x, y = columns @ across, lines @ across
        spread = np.sqrt(columns @ (across - x) ** 2 + lines @ (across - y) ** 2)
        step = max(float(spread), 1e-3) * 2 * REACH / SIDE
        corner = step * (SIDE - 1) / 2
        to_image = np.array([[step, 0, x - corner], [0, step, y - corner]], np.float32)
        small = cv2.warpAffine(ink, to_image, (SIDE, SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        small = cv2.GaussianBlur(small, (3, 3), BLUR)
        pixels[row] = small.ravel() / max(float(np.linalg.norm(small)), 1e-6)
    return pixels
