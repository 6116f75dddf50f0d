"""A correction, and many of them as a file to take along or to train on: a zip of PNGs and labels.csv.

labels.csv has a row a glyph: file,label,read,model,recipe,at,key. The PNGs are 28x28, grey, 255 = ink. What a
spreadsheet would compute has an apostrophe before it, and so has what begins with one.
"""

import csv
import io
import uuid
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from PIL import Image

from recognizer.errors import CorrectionError
from recognizer.io.export import FORMULA
from recognizer.preprocessing.normalize import GLYPH
from recognizer.preprocessing.normalize import glyph as made_anew

LABELS = "labels.csv"
TEXT = "'"  # before what is no formula
COLUMNS = ("file", "label", "read", "model", "recipe", "at", "key")
RECIPES = ("mnist", "emnist")
INK = 128  # of 255: what is darker than half is ink
MOST = 10_000  # corrections of one session: what ten people write in a day
MOST_ZIP = 20_000_000  # bytes
MOST_CSV = 2_000_000  # bytes: 200 a row
MOST_PNG = 20_000  # bytes: 28x28 pixels take under 1,000; the rest is for what editors put around them
MOST_NAME = 64  # characters of a model's name, of a key and of a session's id


def _new_key() -> str:
    return uuid.uuid4().hex


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, eq=False)
class Correction:
    """One character that somebody named: "this was a 7".

    Attributes:
        session: a random id of whoever says so; "" in a file.
        glyph: uint8 (28, 28), 255 = ink: what the model saw.
        label: what it is, one character.
        read: what was read instead; "" where nothing was.
        model: name of the model that read it.
        recipe: how its glyph was made (recognizer.preprocessing.normalize), "mnist" or "emnist".
        at: when it was named, with a time zone.
        key: added twice with the same, it is kept once.
        id: its number in the store; None where it is in none.

    Raises:
        CorrectionError: a glyph of another shape or type, or with nothing on it; a label that is no single
            character.
    """

    session: str
    glyph: np.ndarray
    label: str
    read: str = ""
    model: str = ""
    recipe: str = "emnist"
    at: datetime = field(default_factory=_now)
    key: str = field(default_factory=_new_key)
    id: int | None = None

    def __post_init__(self) -> None:
        if self.glyph.shape != (GLYPH, GLYPH) or self.glyph.dtype != np.uint8:
            raise CorrectionError(
                f"a glyph of {self.glyph.shape} {self.glyph.dtype} cannot be kept: give uint8 (28, 28)"
            )
        if not self.glyph.min() < INK <= self.glyph.max():
            raise CorrectionError("a glyph without ink on paper teaches nothing: leave it out")
        if not _is_label(self.label):
            raise CorrectionError(f"{self.label[:20]!r} is no label: give one printable character")
        if self.read and not _is_label(self.read):
            raise CorrectionError(f"{self.read[:20]!r} cannot have been read: give one character, or none")
        if self.recipe not in RECIPES:
            raise CorrectionError(f"no recipe {self.recipe[:20]!r}: there are {' and '.join(RECIPES)}")
        if self.at.tzinfo is None:
            raise CorrectionError(f"{self.at} is a time in no time zone: give one, such as UTC")
        for what, text, least in (
            ("session", self.session, 0),
            ("model", self.model, 0),
            ("key", self.key, 1),
        ):
            if not least <= len(text) <= MOST_NAME or not text.isascii() or not (text or "x").isprintable():
                raise CorrectionError(f"{text[:20]!r} is no {what}: give up to {MOST_NAME} plain characters")


def _is_label(text: str) -> bool:
    return len(text) == 1 and text.isprintable() and not text.isspace()


def glyphs_of(corrections: Sequence[Correction], recipe: str, side: int = GLYPH) -> np.ndarray:
    """What a model sees of corrections: float32 (N, side, side) in [0, 1].

    Args:
        corrections: N, by whatever recipe their glyphs were made.
        recipe, side: the model's; glyphs of another recipe or size are made anew of what they show.
    """
    glyphs = [
        one.glyph / np.float32(255)
        if (one.recipe, GLYPH) == (recipe, side)
        else made_anew(one.glyph / np.float32(255), recipe, side)
        for one in corrections
    ]
    return np.reshape(glyphs, (-1, side, side)).astype(np.float32)


def packed(corrections: Iterable[Correction]) -> bytes:
    """Corrections as a zip file."""
    table, raw = io.StringIO(), io.BytesIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(COLUMNS)
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, one in enumerate(corrections, 1):
            name = f"{number:05}.png"
            rows.writerow(
                [
                    name,
                    *map(_as_text, (one.label, one.read, one.model)),
                    one.recipe,
                    one.at.astimezone(UTC).isoformat(),
                    _as_text(one.key),
                ]
            )
            picture = io.BytesIO()
            Image.fromarray(one.glyph).save(picture, "PNG")
            archive.writestr(name, picture.getvalue())
        archive.writestr(LABELS, table.getvalue())
    return raw.getvalue()


def _as_text(cell: str) -> str:
    return TEXT + cell if cell.startswith((*FORMULA, TEXT)) else cell


def _of_text(cell: str) -> str:
    return cell[1:] if len(cell) > 1 and cell[0] == TEXT else cell


def unpacked(raw: bytes, session: str = "") -> list[Correction]:
    """The corrections of a zip file, all of them or an error; what labels.csv does not name is left out.

    Nothing is written to a disk, and no more is unpacked than the limits above allow.

    Raises:
        CorrectionError: no zip, too large, or a row of labels.csv or its picture is not what it should be.
    """
    if len(raw) > MOST_ZIP:
        raise CorrectionError("the file is larger than 20 MB: export fewer corrections at once")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            rows = _rows(archive)
            return [_correction(archive, row, number, session) for number, row in enumerate(rows, 2)]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError, EOFError, OSError) as error:
        # what zipfile raises of damaged, locked or strangely packed files
        raise CorrectionError(f"this is no zip file that can be read ({error}): export it again") from error


def _rows(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    """The rows of labels.csv."""
    try:
        text = _file(archive, LABELS, MOST_CSV).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise CorrectionError(f"{LABELS} is no table ({error}): export it again, as CSV in UTF-8") from error
    if len(rows) > MOST:
        raise CorrectionError(f"{LABELS} has more than {MOST:,} rows: split it")
    return rows


def _correction(archive: zipfile.ZipFile, row: dict[str, str], number: int, session: str) -> Correction:
    if set(row) != set(COLUMNS) or None in row.values():
        raise CorrectionError(
            f"line {number} of {LABELS} has other columns than {', '.join(COLUMNS)}: fix it"
        )
    try:
        glyph = _glyph(_file(archive, row["file"], MOST_PNG), row["file"])
        at = datetime.fromisoformat(row["at"])
        label, read, model, key = (_of_text(row[key]) for key in ("label", "read", "model", "key"))
        return Correction(session, glyph, label, read, model, row["recipe"], at, key)
    except ValueError:
        raise CorrectionError(
            f"line {number} of {LABELS}: {row['at'][:40]!r} is no time: write it as 2026-01-31T12:00:00+00:00"
        ) from None
    except CorrectionError as error:
        raise CorrectionError(f"line {number} of {LABELS}: {error}") from None


def _file(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """One file of the archive. Its size is known before it is unpacked, and no more is unpacked than that."""
    try:
        size = archive.getinfo(name).file_size
    except KeyError:
        raise CorrectionError(f"{name[:40]!r} is not in the zip file: export it again") from None
    if size > most:
        raise CorrectionError(f"{name[:40]!r} has {size:,} bytes, more than {most:,}: export it again")
    return archive.read(name)


def _glyph(raw: bytes, name: str) -> np.ndarray:
    """A PNG as uint8 (28, 28)."""
    try:
        image = Image.open(io.BytesIO(raw), formats=("PNG",))
        size = image.size
        if size == (GLYPH, GLYPH):
            return np.array(image.convert("L"))
    except Exception as error:  # a damaged PNG makes Pillow raise anything
        raise CorrectionError(
            f"{name[:40]!r} is no PNG that can be read ({error}): export it again"
        ) from error
    raise CorrectionError(
        f"{name[:40]!r} has {size[0]} x {size[1]} pixels: a glyph has 28 x 28; export it again"
    )
