"""Scrawl's library: reads pictures of handwriting, with calibrated probabilities.

    from recognizer import Recognizer

    reader = Recognizer.load("digits")
    reader.character("seven.png").label
    reader.read("page.jpg").text

`recognizer.io.export` writes a reading as CSV, JSON or an annotated picture, `recognizer.io.decoding` decodes
pictures and PDFs, `recognizer.personalization.store` stores corrections.
"""

from recognizer.decoding.explanation import Explanation
from recognizer.errors import ImageError, ModelError
from recognizer.io.drawing import Drawing
from recognizer.models.store import available_models
from recognizer.recognizer import Recognizer
from recognizer.results import Character, Line, Reading

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
