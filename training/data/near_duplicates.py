"""Find images of two sets that show the same written character, although each set has its own 28x28 recipe.

MNIST and EMNIST were cut from the same forms, so training rows must be checked against test images.
"""

import cv2
import numpy as np

SIDE = 20  # pixels a side: characters are compared at one size, centred on their mass
EXTENT = 2.3  # from the centre to the edge of that square, in standard deviations of the ink's positions
BLUR = 0.9  # sigma in pixels: evens out that MNIST's edges are sharper than EMNIST's
COMPONENTS = 100  # principal components that are compared
VARIANCE_FLOOR = 0.03  # of the largest variance, added to each: components near it are mostly noise
# Minimum correlation of whitened components. 93 % of the characters in both SD19 and EMNIST exceed it.
# The correlation of MNIST test images with their most similar EMNIST digit has two peaks, at 0.91 and 0.98.
MIN_CORRELATION = 0.95
CHUNK = 2000  # rows compared at once, which bounds the memory


def near_duplicates(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which images may show the same written character as one of the others.

    Args:
        images, others: uint8 (N, 28, 28) and (M, 28, 28), 255 = ink, each in its own recipe.

    Returns:
        bool (N,).
    """
    if not len(images) or not len(others):
        return np.zeros(len(images), bool)
    return has_near_duplicate(*whitened(images, others))


def has_near_duplicate(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Which vectors (N, COMPONENTS) of `whitened` have a near-duplicate in (M, COMPONENTS): bool (N,)."""
    result = np.zeros(len(mine), bool)
    for start in range(0, len(mine), CHUNK):
        rows = slice(start, start + CHUNK)
        result[rows] = (mine[rows] @ theirs.T).max(axis=1) > MIN_CORRELATION
    return result


def whitened(*sets: np.ndarray) -> list[np.ndarray]:
    """Unit vectors of images, float32 (N, COMPONENTS), whose dot products are correlations.

    The pixels are brought to one size and whitened by the principal components of the first set, so features
    that all characters share count little.
    """
    features = [_features(images) for images in sets]
    mean = features[0].mean(axis=0)
    variance, directions = np.linalg.eigh(np.cov((features[0] - mean).T))
    variance, directions = variance[::-1][:COMPONENTS], directions[:, ::-1][:, :COMPONENTS]
    projection = (directions / np.sqrt(variance + VARIANCE_FLOOR * variance[0])).astype(np.float32)
    components = [(pixels - mean) @ projection for pixels in features]
    return [
        vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6) for vectors in components
    ]


def _features(images: np.ndarray) -> np.ndarray:
    """Unit vectors of the pixels at one size about the centre of mass: float32 (N, SIDE^2)."""
    pixels = np.zeros((len(images), SIDE * SIDE), np.float32)
    indices = np.arange(images.shape[-1])
    for index, image in enumerate(images):
        ink = image.astype(np.float32) / 255
        mass = ink.sum()
        columns, rows = ink.sum(axis=0) / mass, ink.sum(axis=1) / mass
        x, y = columns @ indices, rows @ indices
        deviation = np.sqrt(columns @ (indices - x) ** 2 + rows @ (indices - y) ** 2)
        step = max(float(deviation), 1e-3) * 2 * EXTENT / SIDE
        corner = step * (SIDE - 1) / 2
        to_image = np.array([[step, 0, x - corner], [0, step, y - corner]], np.float32)
        small = cv2.warpAffine(ink, to_image, (SIDE, SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        small = cv2.GaussianBlur(small, (3, 3), BLUR)
        pixels[index] = small.ravel() / max(float(np.linalg.norm(small)), 1e-6)
    return pixels
