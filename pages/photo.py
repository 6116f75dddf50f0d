"""Photos and scans of handwriting: each page is read, and can be corrected on the picture and in the text."""

import base64
import hashlib
import io

import numpy as np
import streamlit as st
from PIL import Image

from pages import boxes, page_canvas, session
from pages.common import MODELS, adapted, errors_shown, learning_hint, start_page
from pages.photo_reading import Page, Settings, read_all
from pages.words import PATTERN_HELP, PATTERN_LABEL
from recognizer import Reading
from recognizer.io import export
from recognizer.io.decoding import load_image

FILE_TYPES = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff", "gif", "heic", "heif", "pdf"]
DARKNESS_STEPS = [None, *(step / 10 for step in range(1, 10))]  # None: found from the paper
MAX_ALTERNATIVES = 4  # shown for a doubtful character
STYLE = """<style>
.stMainBlockContainer { padding-top: 3.5rem; }
.st-key-photo-canvas, .st-key-photo-canvas > * { width: 100%; }
.st-key-photo-reading textarea { font-family: ui-monospace, monospace; font-size: 1.1rem; line-height: 1.5; }
</style>"""


def inputs() -> tuple[list, Settings]:
    """The files to read, and how."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.segmented_control(
            "From", ["Files", "Camera"], default="Files", required=True, key="source"
        )
        model = st.segmented_control("Read as", MODELS, default="Both", required=True, key="photo-model")
        with st.popover("Options", icon=":material/tune:"):
            pattern = st.text_input(PATTERN_LABEL, key="pattern", placeholder="99/99/9999", help=PATTERN_HELP)
            faintest = st.select_slider(
                "Ink darkness",
                DARKNESS_STEPS,
                format_func=lambda share: "Automatic" if share is None else f"{share:.0%}",
                key="faintest",
                help="Compared with the usual ink. Less finds faint pencil, more ignores stains and rules.",
            )
    if source == "Camera":
        photo = st.camera_input("Hold the page flat and move in close", key="camera", resolution="1080p")
        files = [photo] if photo else []
    else:
        files = st.file_uploader(
            "Photos, scans or PDFs, each up to 20 MB and 25 megapixels",
            FILE_TYPES,
            accept_multiple_files=True,
            key="files",
        )
    return files, Settings(MODELS[model], pattern.strip() or None, faintest)


@st.fragment
def correct(page: Page, reading: Reading, settings: Settings) -> None:
    """One page with its reading; both can be corrected."""
    picture = page_canvas.screen_picture(page.digest, page.number, page.raw)
    sheet = sheet_of(page, settings, reading, picture.scale)
    changed = page_canvas.changed_boxes(sheet)
    if changed is not None:
        with errors_shown(), st.spinner("Reading your changes…"):
            image = load_image(page.raw, page.number)
            model = adapted(settings.model)
            sheet.take(
                model.reread(
                    image, sheet.known, changed, pattern=settings.pattern, faintest=settings.faintest
                )
            )
    keep(sheet)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        page_canvas.show(sheet, picture)
    with right:
        text_field(sheet)
        learning_hint()
        downloads(sheet, page)
        doubtful_characters(sheet.reading)


def sheet_of(page: Page, settings: Settings, reading: Reading, scale: float) -> boxes.Sheet:
    """The page as the visitor left it, or as it was read."""
    key = (page.digest, page.number, settings)
    name = hashlib.sha256(repr(key).encode()).hexdigest()[:12]
    sheet = session.cache("sheets").get(name)
    if sheet is None:
        return boxes.Sheet(name, reading, scale)
    if sheet.first is not reading:  # the visitor has taught more corrections since
        sheet.read_anew(reading)
    return sheet


def keep(sheet: boxes.Sheet) -> None:
    """Keep a page under correction in the session, with its present size."""
    session.cache("sheets").put(sheet.name, sheet, sheet.size)


def text_field(sheet: boxes.Sheet) -> None:
    """The text, which can be edited."""
    key = f"text-{sheet.name}-{sheet.text_version}"
    if key not in st.session_state:  # also if another page was shown meanwhile
        sheet.first_text = sheet.text
    with st.container(key="photo-reading"):
        if boxes.characters(sheet.reading):
            lines = sheet.text.count("\n") + 1
            # not set through st.session_state: a run that is interrupted there would leave the field empty
            sheet.text = st.text_area("Text", sheet.first_text, key=key, height=min(480, 60 + 28 * lines))
        else:
            st.info("Scrawl found nothing on this page to read.", icon=":material/draft:")
    if sheet.is_changed:
        st.button("Undo all changes", icon=":material/undo:", key="start-over", on_click=sheet.start_over)


def downloads(sheet: boxes.Sheet, page: Page) -> None:
    """A button for each format."""
    stem = page.name.replace(".", "-").replace(", ", "-").replace(" ", "-")
    reading = sheet.reading

    def picture() -> bytes:
        return export.to_png(load_image(page.raw, page.number), reading)

    with st.container(horizontal=True, key="downloads"):
        for label, suffix, mime, data in (
            ("Text", "txt", "text/plain", sheet.text + "\n"),
            ("CSV", "csv", "text/csv", export.to_csv(reading)),
            ("JSON", "json", "application/json", export.to_json(reading) + "\n"),
            ("Picture", "png", "image/png", picture),
        ):
            st.download_button(
                label, data, f"{stem}.{suffix}", mime, icon=":material/download:", on_click="ignore"
            )


def doubtful_characters(reading: Reading) -> None:
    """A table of the doubtful characters: what they look like, and what else they may be."""
    rows = [
        (f"{line_number}, {position}", character)
        for line_number, line in enumerate(reading.lines, 1)
        for position, character in enumerate(line.characters, 1)
        if not character.accepted
    ]
    if not rows:
        return
    st.caption(f"Not sure about {len(rows)} of {len(boxes.characters(reading))} characters")
    with st.container(key="photo-doubts"):
        st.dataframe(
            {
                "Line, position": [place for place, _ in rows],
                "Picture": [thumbnail(character.glyph) for _, character in rows],
                "Read as": [character.label for _, character in rows],
                "Could be": [
                    ", ".join(
                        f"{label} {probability:.0%}"
                        for label, probability in character.alternatives[:MAX_ALTERNATIVES]
                    )
                    for _, character in rows
                ],
            },
            hide_index=True,
            column_config={"Picture": st.column_config.ImageColumn(width="small")},
        )


def thumbnail(glyph: np.ndarray) -> str:
    """A glyph as a picture in a data URL."""
    file = io.BytesIO()
    Image.fromarray((255 * (1 - glyph)).astype("uint8")).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


start_page()
st.title("Photo")
st.html(STYLE)
files, settings = inputs()
readings = []
if files:
    with errors_shown():
        readings = read_all(files, settings)
if readings:
    names = [f"{number}. {page.name}" for number, (page, _) in enumerate(readings, 1)]
    chosen = st.selectbox("Page", names, key="page") if len(names) > 1 else names[0]
    correct(*readings[names.index(chosen)], settings)
if not files:
    st.caption(
        "Write on paper, photograph it, and let Scrawl read it. "
        "Your phone's own camera app takes sharper pictures."
    )
