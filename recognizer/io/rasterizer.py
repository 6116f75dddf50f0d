"""The one pen that draws strokes, of a canvas and of made-up samples alike."""

import cv2
import numpy as np

FRACTION_BITS = 4  # OpenCV takes coordinates in sixteenths of a pixel


def draw_stroke(sheet: np.ndarray, points: np.ndarray, value: int, width: int) -> None:
    """Draw a stroke with a round pen and smooth edges, in place.

    Args:
        sheet: uint8 (H, W).
        points: (n, 2), x and y in pixels, y down. One point alone draws nothing: repeat it for a dot.
        value: of the ink, 0 to 255.
        width: of the pen in pixels, at least 1.
    """
    path = np.rint(np.asarray(points, float) * 2**FRACTION_BITS).astype(np.int32)
    cv2.polylines(sheet, [path[:, None]], False, value, width, cv2.LINE_AA, FRACTION_BITS)
