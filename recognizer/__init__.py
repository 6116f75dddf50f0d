"""Scrawl's library: pictures of handwriting in, text with honest probabilities out."""

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
