"""Strokes that letters have in joined writing: they lead in and out, stems and tails are looped."""

import numpy as np

from training.synthesis.pen import Ink, Stroke, arc, bezier


def _lead_in(ink: Ink, rng: np.random.Generator) -> Stroke:
    """A rising stroke from the line to where the letter begins, at the upper left."""
    end = ink.end(-1, -1)
    start = end + ink.height * np.array([-rng.uniform(0.2, 0.5), rng.uniform(0.15, 0.7)])
    return bezier(start, start + 0.3 * (end - start) + 1, end - np.array([1, -2]), end)


def _lead_out(ink: Ink, rng: np.random.Generator) -> Stroke:
    """From the lower right end on to the right and up."""
    radius = ink.height * rng.uniform(0.15, 0.4)
    return arc(ink.end(1, 1) - (0, radius), radius, 90, -rng.uniform(35, 90))


def _dash(ink: Ink, rng: np.random.Generator) -> Stroke:
    """From the upper right end on to the right, as to a next letter that begins high."""
    end, reach = ink.end(0.5, -1), ink.height * rng.uniform(0.3, 0.6)
    sag = reach * rng.uniform(0, 0.5)
    return end + bezier(*np.array([(0, 0), (0.2 * reach, sag), (0.7 * reach, sag), (reach, -sag / 4)]))


def _looped_stem(ink: Ink, rng: np.random.Generator) -> Stroke:
    """The stem's upper part as a loop that opens to the right."""
    top = ink.end(0, -1)
    low = ink.row(top[1] + ink.height * rng.uniform(0.6, 0.95))
    wide = np.array([ink.height * rng.uniform(0.1, 0.3), 0])
    return bezier(top, top + wide, low + wide, low)


def _looped_tail(ink: Ink, rng: np.random.Generator) -> Stroke:
    """The tail as a loop, to the left."""
    low = ink.end(0, 1)
    high = ink.row(low[1] - ink.height * rng.uniform(0.2, 0.5))
    wide = np.array([ink.height * rng.uniform(0.15, 0.45), 0])
    return bezier(low, low - wide, high - wide, high)


def _rising(ink: Ink, rng: np.random.Generator) -> Stroke:
    """From the lower left to the upper right: closes a joined s, makes the arm of an r leave its foot."""
    start, end = ink.end(-1, 1), ink.end(1, -1)
    return np.array([start - (ink.height * rng.uniform(0, 0.3), 0), end])


def _falling_arm(ink: Ink, rng: np.random.Generator) -> Stroke:
    """The arm of an r, bent down."""
    low = np.array([rng.uniform(-0.1, 0.15), rng.uniform(0.2, 0.6)])
    path = bezier(*np.array([(0, 0), (0.15, 0), low - (0, 0.15), low]))
    return ink.end(1, -1) + ink.height * path


JOINED = {
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
    "o": (_dash,),
    "p": (_lead_in,),
    "r": (_lead_in, _falling_arm, _rising),
    "s": (_rising,),
    "t": (_lead_out,),
    "u": (_lead_in, _lead_out),
    "v": (_dash,),
    "w": (_dash,),
    "x": (_lead_out,),
    "y": (_lead_in, _looped_tail),
    "z": (_looped_tail,),
}
