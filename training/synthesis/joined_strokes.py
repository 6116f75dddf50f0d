"""Strokes of joined (cursive) letters: lead-in, lead-out, looped stems and tails."""

import numpy as np

from training.synthesis.pen import Ink, Stroke, arc, bezier


def _lead_in(ink: Ink, rng: np.random.Generator) -> Stroke:
    """A stroke rising from the baseline to the start of the letter at the upper left."""
    end = ink.end(-1, -1)
    start = end + ink.height * np.array([-rng.uniform(0.2, 0.5), rng.uniform(0.15, 0.7)])
    return bezier(start, start + 0.3 * (end - start) + 1, end - np.array([1, -2]), end)


def _lead_out(ink: Ink, rng: np.random.Generator) -> Stroke:
    """A curve from the lower right end to the right and up."""
    radius = ink.height * rng.uniform(0.15, 0.4)
    return arc(ink.end(1, 1) - (0, radius), radius, 90, -rng.uniform(35, 90))


def _high_lead_out(ink: Ink, rng: np.random.Generator) -> Stroke:
    """A sagging dash from the upper right end, as towards a letter that starts high."""
    end, reach = ink.end(0.5, -1), ink.height * rng.uniform(0.3, 0.6)
    sag = reach * rng.uniform(0, 0.5)
    return end + bezier(*np.array([(0, 0), (0.2 * reach, sag), (0.7 * reach, sag), (reach, -sag / 4)]))


def _looped_stem(ink: Ink, rng: np.random.Generator) -> Stroke:
    """The upper part of a stem as a loop to the right."""
    top = ink.end(0, -1)
    bottom = ink.row(top[1] + ink.height * rng.uniform(0.6, 0.95))
    width = np.array([ink.height * rng.uniform(0.1, 0.3), 0])
    return bezier(top, top + width, bottom + width, bottom)


def _looped_tail(ink: Ink, rng: np.random.Generator) -> Stroke:
    """A tail as a loop to the left."""
    bottom = ink.end(0, 1)
    top = ink.row(bottom[1] - ink.height * rng.uniform(0.2, 0.5))
    width = np.array([ink.height * rng.uniform(0.15, 0.45), 0])
    return bezier(bottom, bottom - width, top - width, top)


def _rising_diagonal(ink: Ink, rng: np.random.Generator) -> Stroke:
    """A line from the lower left to the upper right: closes a joined s, ties the arm of an r to its foot."""
    start, end = ink.end(-1, 1), ink.end(1, -1)
    return np.array([start - (ink.height * rng.uniform(0, 0.3), 0), end])


def _falling_arm(ink: Ink, rng: np.random.Generator) -> Stroke:
    """The arm of an r, bent down."""
    tip = np.array([rng.uniform(-0.1, 0.15), rng.uniform(0.2, 0.6)])
    path = bezier(*np.array([(0, 0), (0.15, 0), tip - (0, 0.15), tip]))
    return ink.end(1, -1) + ink.height * path


JOINED_STROKES = {
    "a": (_lead_out,),
    "b": (_looped_stem,),
    "c": (_lead_out,),
    "d": (_lead_out,),
    "f": (_looped_stem, _looped_tail),
    "g": (_looped_tail,),
    "h": (_looped_stem, _lead_out),
    "i": (_lead_out,),
    "j": (_looped_tail,),
    "k": (_lead_out,),
    "l": (_looped_stem, _lead_out),
    "m": (_lead_in, _lead_out),
    "n": (_lead_in, _lead_out),
    "o": (_high_lead_out,),
    "p": (_lead_in,),
    "r": (_lead_in, _falling_arm, _rising_diagonal),
    "s": (_rising_diagonal,),
    "t": (_lead_out,),
    "u": (_lead_in, _lead_out),
    "v": (_high_lead_out,),
    "w": (_high_lead_out,),
    "x": (_lead_out,),
    "y": (_lead_in, _looped_tail),
    "z": (_looped_tail,),
}
