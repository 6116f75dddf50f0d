"""Accept only answers with a bounded error rate, and leave the others to a person.

Prints:
    by default: 7; 1
    at most one error in a thousand: 7; 1 (for a person to check)
    a set that contains the truth 999 times in 1,000: 7; 1 or 7
    digits cannot promise an error rate of at most 1e-06
"""

from PIL import Image, ImageDraw

from recognizer import Character, ModelError, Recognizer


def picture(points: list[tuple[int, int]]) -> Image.Image:
    paper = Image.new("L", (200, 200), "white")
    ImageDraw.Draw(paper).line(points, "black", width=14, joint="curve")
    return paper


def shown(answer: Character) -> str:
    return answer.label if answer.accepted else f"{answer.label} (for a person to check)"


clear_seven = picture([(50, 40), (150, 40), (90, 170)])
hooked_one = picture([(50, 75), (110, 40), (105, 170)])  # nearly a 7
pictures = [clear_seven, hooked_one]

default = Recognizer.load("digits")
print("by default:", "; ".join(map(shown, default.characters(pictures))))

careful = Recognizer.load("digits", max_error=0.001)
print("at most one error in a thousand:", "; ".join(map(shown, careful.characters(pictures))))

several = Recognizer.load("digits", coverage=0.999)
sets = [" or ".join(label for label, _ in answer.alternatives) for answer in several.characters(pictures)]
print("a set that contains the truth 999 times in 1,000:", "; ".join(sets))

try:
    Recognizer.load("digits", max_error=0.000001)
except ModelError as error:
    reason, lowest = str(error).split(": ")  # the lowest error rate that can be promised
    print(reason)
