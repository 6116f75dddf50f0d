"""The readings of photos and scans, page by page, kept in the session."""

import hashlib
from collections.abc import Hashable
from typing import NamedTuple

import streamlit as st

from pages import session
from pages.boxes import characters
from pages.common import adapted_with_version, escaped
from recognizer import ImageError, Reading, Recognizer
from recognizer.io.decoding import count_pages, load_image

MAX_PAGES = 20  # of a PDF: nobody waits for more


class Settings(NamedTuple):
    """How to read."""

    model: str
    pattern: str | None  # of every line
    faintest: float | None  # as Recognizer.read takes it


class Page(NamedTuple):
    """One page of a file."""

    name: str
    digest: str  # SHA-256 of the file
    number: int  # counted from 0
    raw: bytes  # the file


def pages_of(files: list) -> tuple[list[Page], list[tuple[str, ImageError]]]:
    """The pages of all files, and the names of files that cannot be opened, with the reason."""
    pages, errors = [], []
    for file in files:
        raw = file.getvalue()
        digest = hashlib.sha256(raw).hexdigest()
        try:
            count = count_pages(raw)
        except ImageError as error:
            errors.append((file.name, error))
            continue
        if count > MAX_PAGES:
            st.info(
                f"{escaped(file.name)} has {count} pages. Only the first {MAX_PAGES} are read.",
                icon=":material/info:",
            )
        for number in range(min(count, MAX_PAGES)):
            name = f"{file.name}, page {number + 1}" if count > 1 else file.name
            pages.append(Page(name, digest, number, raw))
    return pages, errors


def read_all(files: list, settings: Settings) -> list[tuple[Page, Reading]]:
    """Read every page; show an error for each that cannot be read."""
    pages, errors = pages_of(files)
    model, version = adapted_with_version(settings.model)
    readings, held = [], 0
    with st.spinner("Reading…"):
        bar = st.progress(0.0) if len(pages) > 1 else None
        for number, page in enumerate(pages):
            if held + session.MAX_PAGE_BYTES > session.LIMITS["readings"]:
                st.info(
                    f"{number} of {len(pages)} pages fit in one go, because they are full of writing. "
                    "Upload the others separately.",
                    icon=":material/info:",
                )
                break
            if bar:
                bar.progress(number / len(pages), f"{number + 1} of {len(pages)}: {escaped(page.name)}")
            try:
                reading = read(page, settings, model, version)
            except ImageError as error:
                errors.append((page.name, error))
                continue
            readings.append((page, reading))
            held += size_of(reading)
        if bar:
            bar.empty()
    for name, error in errors:
        st.error(escaped(f"{name}: {error}"), icon=":material/broken_image:")
    return readings


def read(page: Page, settings: Settings, model: Recognizer, version: Hashable) -> Reading:
    """The reading of a page, kept in the session.

    Args:
        page, settings: what to read, and how.
        model, version: as `adapted_with_version` gives them.
    """
    key = (page.digest, page.number, settings, version)
    readings = session.cache("readings")
    reading = readings.get(key)
    if reading is None:
        image = load_image(page.raw, page.number)
        reading = model.read(image, settings.pattern, faintest=settings.faintest)
        readings.put(key, reading, size_of(reading))
    return reading


def size_of(reading: Reading) -> int:
    """The memory of a reading in bytes, about."""
    return session.CHARACTER_BYTES * (1 + len(characters(reading)))
