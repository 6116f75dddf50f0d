"""Read one character, and ask how sure that is.

Prints:
    1, accepted: True
    it may also be 7
    it stands 55 pixels from the left and 34 from the top
    a blank picture: accepted: False, as it is blank
"""

from PIL import Image, ImageDraw

from recognizer import Recognizer

paper = Image.new("L", (200, 200), "white")
ImageDraw.Draw(paper).line([(60, 80), (100, 40), (100, 170)], "black", width=14, joint="curve")

reader = Recognizer.load("digits")  # takes seconds the first time: keep it
one = reader.character(paper)  # a path, the bytes of a file, a file or a NumPy array do as well
print(f"{one.label}, accepted: {one.accepted}")  # one.probability says how sure that is

label, probability = one.alternatives[1]  # best first: the first is one.label
print("it may also be", label)

assert one.box
x, y, width, height = one.box
print(f"it stands {x} pixels from the left and {y} from the top")

nothing = reader.character(Image.new("L", (200, 200), "white"))
print(f"a blank picture: accepted: {nothing.accepted}, as it is {nothing.reason}")
