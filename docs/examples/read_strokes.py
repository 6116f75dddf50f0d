"""Read the pen strokes of a canvas: they tell more than a picture of them.

Prints:
    71
    from the canvas's JSON: 71
"""

import numpy as np

from recognizer import Drawing, Recognizer

seven = [(20, 20), (80, 20), (45, 95)]  # x and y in pixels, y down
bar = [(120, 15), (118, 95)]
drawing = Drawing((np.array(seven), np.array(bar)), pen=6, size=(220, 120))

reader = Recognizer.load("digits")
print(reader.read(drawing).text)

# the JSON of a Fabric.js canvas (json_data of streamlit-drawable-canvas)
pen = {"type": "path", "strokeWidth": 6}
paths = [
    pen | {"left": 50, "top": 57.5, "path": [["M", 20, 20], ["L", 80, 20], ["L", 45, 95]]},
    pen | {"left": 119, "top": 55, "path": [["M", 120, 15], ["L", 118, 95]]},
]
from_canvas = Drawing.from_canvas({"objects": paths}, size=(220, 120))
assert from_canvas, "None: the canvas is empty or holds something other than pen strokes"
print("from the canvas's JSON:", reader.read(from_canvas).text)
