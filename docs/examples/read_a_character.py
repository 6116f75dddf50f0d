"""Read one character and the certainty of the answer.

Prints:
    1, accepted: True
    second best: 7
    55 pixels from the left, 34 from the top
    blank picture: accepted: False, reason: blank
"""

from PIL import Image, ImageDraw

from recognizer import Recognizer

paper = Image.new("L", (200, 200), "white")
ImageDraw.Draw(paper).line([(60, 80), (100, 40), (100, 170)], "black", width=14, joint="curve")

reader = Recognizer.load("digits")  # takes seconds the first time in a process: keep it
answer = reader.character(paper)  # or a path, the bytes of a file, a file object, a NumPy array
print(f"{answer.label}, accepted: {answer.accepted}")  # answer.probability is calibrated

label, probability = answer.alternatives[1]  # best first; the first is answer.label
print("second best:", label)

assert answer.box
x, y, width, height = answer.box
print(f"{x} pixels from the left, {y} from the top")

blank = reader.character(Image.new("L", (200, 200), "white"))
print(f"blank picture: accepted: {blank.accepted}, reason: {blank.reason}")
