"""Correct a pointed r twice, and it is no longer read as v. Nothing is trained and nothing is stored.

Prints:
    before: v
    after two corrections: r
    the original reader is unchanged: v
"""

from PIL import Image, ImageDraw

from recognizer import Recognizer


def pointed_r(size: float = 1.0, lean: float = 0.0) -> Image.Image:
    points = [(60, 50), (85, 150), (110, 70), (150, 60)]
    paper = Image.new("L", (200, 200), "white")
    leaning = [(size * (x + lean * (170 - y)), size * y) for x, y in points]
    ImageDraw.Draw(paper).line(leaning, "black", width=14, joint="curve")
    return paper


reader = Recognizer.load("letters")
print("before:", reader.character(pointed_r()).label)

corrected = [pointed_r(size=0.9, lean=0.06), pointed_r(size=1.05, lean=-0.05)]
mine = reader.adapted(corrected, "rr")  # recognizer.personalization.store can keep corrections
print("after two corrections:", mine.character(pointed_r()).label)

print("the original reader is unchanged:", reader.character(pointed_r()).label)
