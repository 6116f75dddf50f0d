"""See which ink supports an answer: for a Q, its tail.

Prints:
    q, mostly because of its lower right quarter
"""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from recognizer import Recognizer

paper = Image.new("L", (200, 200), "white")
ImageDraw.Draw(paper).ellipse((45, 35, 155, 155), outline="black", width=14)
ImageDraw.Draw(paper).line([(115, 125), (155, 175)], "black", width=14)

explanation = Recognizer.load("letters").explain(paper)
heat = explanation.heat  # as large as the picture: positive where ink supports the label
quarters = {
    f"{row} {column}": float(part.sum())
    for row, half in zip(("upper", "lower"), np.array_split(heat, 2, axis=0), strict=True)
    for column, part in zip(("left", "right"), np.array_split(half, 2, axis=1), strict=True)
}
strongest = max(quarters, key=lambda name: quarters[name])
print(f"{explanation.character.label}, mostly because of its {strongest} quarter")

colours = cv2.applyColorMap((127.5 * (heat + 1)).astype(np.uint8), cv2.COLORMAP_TWILIGHT_SHIFTED)
Path("why.png").write_bytes(cv2.imencode(".png", colours)[1].tobytes())
