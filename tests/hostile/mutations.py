"""Damaged files: mutation `number` of a seed is the same file each time."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tests.hostile.seeds import SIDES, seeds

MOST_STEPS = 3  # changes of one file; one as often as several
HEADER = 128  # bytes: a quarter of the changes are made in the first ones, where most can go wrong
EXTREMES = (0, 1, 2, 255, 5_000, 16_384, 32_767, 65_535, 100_000, 2**31 - 1, 2**32 - 1)
SIGNATURE = 8  # bytes of a PNG before its first chunk


@dataclass(frozen=True)
class Mutation:
    """A damaged file."""

    kind: str  # of the whole file
    raw: bytes
    how: str  # it was damaged


def mutation(seed: int, number: int) -> Mutation:
    """One of them; numbers go through the kinds in turn.

    Args:
        seed: of all.
        number: which of the seed's.
    """
    rng = np.random.default_rng([seed, number])
    kinds = list(seeds())
    kind = kinds[number % len(kinds)]
    raw, done = _one_of(rng, seeds()[kind]), []
    for _ in range(max(1, rng.integers(-1, MOST_STEPS + 1))):
        change = _one_of(rng, CHANGES)
        raw = change(rng, raw)
        done.append(change.__name__.removeprefix("_"))
    if kind == "PNG" and rng.random() < 0.6:  # else the first checksum ends it
        raw = _with_checksums(raw)
        done.append("with_checksums")
    return Mutation(kind, raw, ", ".join(done))


def _one_of(rng: np.random.Generator, choices: list):
    return choices[rng.integers(len(choices))]


def _place(rng: np.random.Generator, raw: bytes) -> int:
    """Somewhere in a file."""
    end = min(HEADER, len(raw)) if rng.random() < 0.25 else len(raw)
    return int(rng.integers(end)) if end else 0


def _range(rng: np.random.Generator, raw: bytes) -> tuple[int, int]:
    """Where a piece of it begins and ends; small ones are more frequent."""
    start = _place(rng, raw)
    return start, min(len(raw), start + int(2 ** rng.uniform(0, 10)))


def _cut(rng: np.random.Generator, raw: bytes) -> bytes:
    return raw[: _place(rng, raw)]


def _flipped(rng: np.random.Generator, raw: bytes) -> bytes:
    flipped = bytearray(raw)
    for _ in range(int(2 ** rng.uniform(0, 5)) if raw else 0):
        flipped[_place(rng, raw)] ^= 1 << int(rng.integers(8))
    return bytes(flipped)


def _overwritten(rng: np.random.Generator, raw: bytes) -> bytes:
    start, end = _range(rng, raw)
    fill = _one_of(rng, [bytes(end - start), b"\xff" * (end - start), rng.bytes(end - start)])
    return raw[:start] + fill + raw[end:]


def _removed(rng: np.random.Generator, raw: bytes) -> bytes:
    start, end = _range(rng, raw)
    return raw[:start] + raw[end:]


def _repeated(rng: np.random.Generator, raw: bytes) -> bytes:
    start, end = _range(rng, raw)
    return raw[:end] + raw[start:end] * int(2 ** rng.uniform(0, 6)) + raw[end:]


def _swapped(rng: np.random.Generator, raw: bytes) -> bytes:
    (a, b), (c, d) = sorted([_range(rng, raw), _range(rng, raw)])
    return raw if c < b else raw[:a] + raw[c:d] + raw[b:c] + raw[a:b] + raw[d:]


def _spliced(rng: np.random.Generator, raw: bytes) -> bytes:
    other = _one_of(rng, _one_of(rng, list(seeds().values())))
    return raw[: _place(rng, raw)] + other[_place(rng, other) :]


def _resized(rng: np.random.Generator, raw: bytes) -> bytes:
    """Another width or height, wherever it stands in the file, as a number of any kind."""
    side = _one_of(rng, list(SIDES))
    layouts: list[Callable[[int], bytes]] = [
        *(lambda value, form=form: struct.pack(form, value & (2 ** (8 * struct.calcsize(form)) - 1))
          for form in ("<H", ">H", "<I", ">I")),
        lambda value: (max(value - 1, 0) & 0xFFFFFF).to_bytes(3, "little"),  # WebP's
        lambda value: b"%d" % value,  # a PDF's
    ]  # fmt: skip
    fitting = [layout for layout in layouts if layout(side) in raw]
    if not fitting:
        return raw
    layout, value = _one_of(rng, fitting), _one_of(rng, list(EXTREMES))
    return raw.replace(layout(side), layout(value))


CHANGES = [_cut, _flipped, _overwritten, _removed, _repeated, _swapped, _spliced, _resized]


def _with_checksums(raw: bytes) -> bytes:
    """A PNG whose chunks have the checksum of what is in them."""
    whole, place = bytearray(raw), SIGNATURE
    while place + 12 <= len(whole):
        end = place + 8 + int.from_bytes(whole[place : place + 4], "big")
        if end + 4 > len(whole):
            break
        whole[end : end + 4] = zlib.crc32(whole[place + 4 : end]).to_bytes(4, "big")
        place = end + 4
    return bytes(whole)
