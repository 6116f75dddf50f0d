"""Accept only answers of which so few are wrong, and leave the others to a person.

Prints:
    usually: 7; 1
    at most one in a thousand wrong: 7; 1 (a person shall look)
    a set that holds the truth 999 times in 1,000: 7; 1 or 7
    digits cannot promise at most 1e-06 of errors
"""

from PIL import Image, ImageDraw

from recognizer import Character, ModelError, Recognizer


def picture(points: list[tuple[int, int]]) -> Image.Image:
    paper = Image.new("L", (200, 200), "white")
    ImageDraw.Draw(paper).line(points, "black", width=14, joint="curve")
    return paper


def said(one: Character) -> str:
    return one.label if one.accepted else f"{one.label} (a person shall look)"


clear_seven = picture([(50, 40), (150, 40), (90, 170)])
hooked_one = picture([(50, 75), (110, 40), (105, 170)])  # nearly a 7
pictures = [clear_seven, hooked_one]

usual = Recognizer.load("digits")
print("usually:", "; ".join(map(said, usual.characters(pictures))))

careful = Recognizer.load("digits", max_error=0.001)
print("at most one in a thousand wrong:", "; ".join(map(said, careful.characters(pictures))))

several = Recognizer.load("digits", coverage=0.999)
sets = [" or ".join(label for label, _ in one.alternatives) for one in several.characters(pictures)]
print("a set that holds the truth 999 times in 1,000:", "; ".join(sets))

try:
    Recognizer.load("digits", max_error=0.000001)
except ModelError as error:
    what, least = str(error).split(": ")  # the least that can be promised
    print(what)
