"""Scrawl's library: pictures of handwriting in, text with honest probabilities out.

    from recognizer import Recognizer

    reader = Recognizer.load("digits")
    reader.character("seven.png").label
    reader.read("page.jpg").text

`recognizer.export` gives what was read as CSV, JSON or a picture with boxes, `recognizer.images` takes PDFs
apart, `recognizer.corrections` keeps what somebody corrected.
"""

from recognizer.confidence import Character
from recognizer.context import Line, Reading
from recognizer.explain import Explanation
from recognizer.images import ImageError
from recognizer.models import ModelError, available_models
from recognizer.recognizer import Recognizer
from recognizer.strokes import Drawing

__all__ = [
    "Character",
    "Drawing",
    "Explanation",
    "ImageError",
    "Line",
    "ModelError",
    "Reading",
    "Recognizer",
    "available_models",
]
