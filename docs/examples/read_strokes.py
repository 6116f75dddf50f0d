"""Read what somebody wrote on a canvas: its pen strokes tell more than its picture.

Prints:
    71
    from the canvas' JSON: 71
"""

import numpy as np

from recognizer import Drawing, Recognizer

seven = [(20, 20), (80, 20), (45, 95)]  # x, y in pixels, y down
one = [(120, 15), (118, 95)]
written = Drawing((np.array(seven), np.array(one)), pen=6, size=(220, 120))

reader = Recognizer.load("digits")
print(reader.read(written).text)

# what a Fabric.js canvas gives after somebody wrote on it (streamlit-drawable-canvas: json_data)
pen = {"type": "path", "strokeWidth": 6}
paths = [
    pen | {"left": 50, "top": 57.5, "path": [["M", 20, 20], ["L", 80, 20], ["L", 45, 95]]},
    pen | {"left": 119, "top": 55, "path": [["M", 120, 15], ["L", 118, 95]]},
]
drawn = Drawing.from_canvas({"objects": paths}, size=(220, 120))
assert drawn, "nothing was drawn, or not with a pen alone"
print("from the canvas' JSON:", reader.read(drawn).text)
