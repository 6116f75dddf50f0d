"""One correction, and many of them as a zip file of PNGs and labels.csv, to keep or to train on.

labels.csv has one row for each glyph, with the columns of COLUMNS. The PNGs are 28x28, grey, 255 = ink. An
apostrophe goes in front of a cell that a spreadsheet would run as a formula, and in front of one that begins
with an apostrophe, so that the import can remove it again.
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
from recognizer.io.export import FORMULA_PREFIXES
from recognizer.preprocessing.normalize import GLYPH
from recognizer.preprocessing.normalize import glyph as make_glyph

TABLE_NAME = "labels.csv"
APOSTROPHE = "'"  # makes a spreadsheet take a cell as text
COLUMNS = ("file", "label", "read", "model", "recipe", "at", "key")
RECIPES = ("mnist", "emnist")
INK_THRESHOLD = 128  # of 255: a glyph needs a pixel at or above it, and paper below it
MAX_CORRECTIONS = 10_000  # of one session: more than ten people write in a day
MAX_ZIP_BYTES = 20_000_000
MAX_CSV_BYTES = 2_000_000  # 200 for each row
MAX_PNG_BYTES = 20_000  # 28x28 pixels take less than 1,000; image editors add metadata
MAX_NAME_LENGTH = 64  # characters of a model's name, of a key and of a session's id


def _new_key() -> str:
    return uuid.uuid4().hex


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, eq=False)
class Correction:
    """One character that a person labelled: "this was a 7".

    Attributes:
        session: random id of the person's session; "" in a file.
        glyph: uint8 (28, 28), 255 = ink: the character as the model saw it.
        label: what it is, one character.
        read: what the model read; "" if it read nothing.
        model: name of that model.
        recipe: how the glyph was made (recognizer.preprocessing.normalize), "mnist" or "emnist".
        at: when it was labelled, with a time zone.
        key: identifies it: two corrections of one session with the same key are stored once.
        id: its number in the database; None if it is not stored.

    Raises:
        CorrectionError: the glyph has another shape or type, or no ink or no paper; the label is not a single
            character; or another field is not as described above.
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
                f"the glyph is {self.glyph.shape} {self.glyph.dtype}: give uint8 ({GLYPH}, {GLYPH})"
            )
        if not self.glyph.min() < INK_THRESHOLD <= self.glyph.max():
            raise CorrectionError("the glyph does not show ink on paper: leave it out")
        if not _is_label(self.label):
            raise CorrectionError(f"{self.label[:20]!r} is not a label: give one printable character")
        if self.read and not _is_label(self.read):
            raise CorrectionError(
                f"{self.read[:20]!r} is not a reading: give one printable character or none"
            )
        if self.recipe not in RECIPES:
            raise CorrectionError(f"{self.recipe[:20]!r} is not a recipe: give {' or '.join(RECIPES)}")
        if self.at.tzinfo is None:
            raise CorrectionError(f"the time {self.at} has no time zone: give one, such as UTC")
        for field_name, text, min_length in (
            ("session", self.session, 0),
            ("model", self.model, 0),
            ("key", self.key, 1),
        ):
            is_plain = text.isascii() and (text or "x").isprintable()
            if not is_plain or not min_length <= len(text) <= MAX_NAME_LENGTH:
                raise CorrectionError(
                    f"{text[:20]!r} is not a {field_name}: give {min_length} to {MAX_NAME_LENGTH} printable"
                    " ASCII characters"
                )


def _is_label(text: str) -> bool:
    return len(text) == 1 and text.isprintable() and not text.isspace()


def glyphs_for_recipe(corrections: Sequence[Correction], recipe: str, side: int = GLYPH) -> np.ndarray:
    """The glyphs of corrections as a model with this recipe sees them.

    Args:
        corrections: N, their glyphs made by any recipe.
        recipe, side: of the model. A glyph of another recipe or size is made again from its own ink.

    Returns:
        float32 (N, side, side) in [0, 1], 1 = ink.
    """
    glyphs = [
        correction.glyph / np.float32(255)
        if (correction.recipe, GLYPH) == (recipe, side)
        else make_glyph(correction.glyph / np.float32(255), recipe, side)
        for correction in corrections
    ]
    return np.reshape(glyphs, (-1, side, side)).astype(np.float32)


def to_zip(corrections: Iterable[Correction]) -> bytes:
    """Write corrections to a zip file, without their sessions."""
    table, raw = io.StringIO(), io.BytesIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(COLUMNS)
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, correction in enumerate(corrections, 1):
            name = f"{number:05}.png"
            rows.writerow(
                [
                    name,
                    *map(_escape, (correction.label, correction.read, correction.model)),
                    correction.recipe,
                    correction.at.astimezone(UTC).isoformat(),
                    _escape(correction.key),
                ]
            )
            picture = io.BytesIO()
            Image.fromarray(correction.glyph).save(picture, "PNG")
            archive.writestr(name, picture.getvalue())
        archive.writestr(TABLE_NAME, table.getvalue())
    return raw.getvalue()


def _escape(cell: str) -> str:
    return APOSTROPHE + cell if cell.startswith((*FORMULA_PREFIXES, APOSTROPHE)) else cell


def _unescape(cell: str) -> str:
    return cell[1:] if len(cell) > 1 and cell[0] == APOSTROPHE else cell


def from_zip(raw: bytes, session: str = "") -> list[Correction]:
    """Read the corrections of a zip file: all of them, or an error.

    Files that labels.csv does not name are ignored. Nothing is written to disk, and no more than the limits
    above is decompressed.

    Args:
        raw: the content of the file.
        session: the id that the corrections get.

    Raises:
        CorrectionError: the file is not a zip file or too large; or labels.csv, one of its rows or a picture
            is damaged or not as described above.
    """
    if len(raw) > MAX_ZIP_BYTES:
        raise CorrectionError("the file is larger than 20 MB: export fewer corrections at once")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            rows = _read_table(archive)
            return [_correction(archive, row, line, session) for line, row in enumerate(rows, 2)]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError, EOFError, OSError) as error:
        # zipfile raises these for damaged or encrypted files and for unknown compression methods
        raise CorrectionError(f"this is not a readable zip file ({error}): export it again") from error


def _read_table(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    """The rows of labels.csv."""
    try:
        text = _member(archive, TABLE_NAME, MAX_CSV_BYTES).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise CorrectionError(
            f"{TABLE_NAME} is not a table ({error}): export it again, as CSV in UTF-8"
        ) from error
    if len(rows) > MAX_CORRECTIONS:
        raise CorrectionError(f"{TABLE_NAME} has more than {MAX_CORRECTIONS:,} rows: split it")
    return rows


def _correction(archive: zipfile.ZipFile, row: dict[str, str], line: int, session: str) -> Correction:
    """The correction of one row; `line` is its line number in labels.csv, for messages."""
    if set(row) != set(COLUMNS) or None in row.values():
        raise CorrectionError(
            f"line {line} of {TABLE_NAME} has other columns than {', '.join(COLUMNS)}: fix it"
        )
    try:
        glyph = _read_glyph(_member(archive, row["file"], MAX_PNG_BYTES), row["file"])
        at = datetime.fromisoformat(row["at"])
        label, read, model, key = (_unescape(row[column]) for column in ("label", "read", "model", "key"))
        return Correction(session, glyph, label, read, model, row["recipe"], at, key)
    except ValueError:
        raise CorrectionError(
            f"line {line} of {TABLE_NAME}: {row['at'][:40]!r} is not a time: write it as"
            " 2026-01-31T12:00:00+00:00"
        ) from None
    except CorrectionError as error:
        raise CorrectionError(f"line {line} of {TABLE_NAME}: {error}") from None


def _member(archive: zipfile.ZipFile, name: str, max_bytes: int) -> bytes:
    """The content of one file of the archive; zipfile decompresses no more than the size it declares."""
    try:
        size = archive.getinfo(name).file_size
    except KeyError:
        raise CorrectionError(f"{name[:40]!r} is not in the zip file: export it again") from None
    if size > max_bytes:
        raise CorrectionError(f"{name[:40]!r} has {size:,} bytes, more than {max_bytes:,}: export it again")
    return archive.read(name)


def _read_glyph(raw: bytes, name: str) -> np.ndarray:
    """A PNG as uint8 (28, 28)."""
    try:
        image = Image.open(io.BytesIO(raw), formats=("PNG",))
        size = image.size
        if size == (GLYPH, GLYPH):
            return np.array(image.convert("L"))
    except Exception as error:  # Pillow raises all kinds of errors for a damaged PNG
        raise CorrectionError(f"{name[:40]!r} is not a readable PNG ({error}): export it again") from error
    raise CorrectionError(
        f"{name[:40]!r} has {size[0]} x {size[1]} pixels: a glyph has {GLYPH} x {GLYPH}; export it again"
    )
