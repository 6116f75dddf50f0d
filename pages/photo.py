"""Photos and scans of handwriting: each page is read, and can be corrected on the picture and in the text."""

import base64
import hashlib
import io

import streamlit as st
from PIL import Image

from pages import boxes, page_canvas
from pages.common import MODELS, escaped, failures_said, reader, through_app
from recognizer import ImageError, Reading, Recognizer
from recognizer.io import export
from recognizer.io.decoding import count_pages, load_image

KINDS = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff", "gif", "heic", "heif", "pdf"]
MOST_PAGES = 20  # of a PDF: more take longer than somebody waits
READINGS, SHEETS = 200, 50  # kept of what was read and corrected last
HOW_DARK = [None, *(step / 10 for step in range(1, 10))]  # None: found from the paper
STYLE = """<style>
.stMainBlockContainer { padding-top: 3.5rem; }
.st-key-photo-canvas, .st-key-photo-canvas > * { width: 100%; }
.st-key-photo-reading textarea { font-family: ui-monospace, monospace; font-size: 1.1rem; line-height: 1.5; }
</style>"""


@st.cache_data(max_entries=READINGS, show_spinner=False)
def read(
    digest: str, page: int, model: str, pattern: str, faintest: float | None, _reader: Recognizer, _raw: bytes
) -> Reading:
    return _reader.read(load_image(_raw, page), pattern or None, faintest=faintest)


def ask() -> tuple[list, str, str, float | None]:
    """What to read (files), and how: the model, the pattern, how dark ink is."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.segmented_control(
            "From", ["Files", "Camera"], default="Files", required=True, key="source"
        )
        model = st.segmented_control("Read as", MODELS, default="Both", required=True, key="photo-model")
        with st.popover("Options", icon=":material/tune:"):
            pattern = st.text_input(
                "Pattern of each line",
                key="pattern",
                placeholder="99/99/9999",
                help="9 is a digit, A a letter, \\* any character, anything else itself",
            )
            faintest = st.select_slider(
                "How dark is ink",
                HOW_DARK,
                format_func=lambda one: "Automatic" if one is None else f"{one:.0%}",
                key="faintest",
                help="Of the usual ink. Less finds faint pencil, more leaves out stains and ruled lines.",
            )
    if source == "Camera":
        taken = st.camera_input("Hold the page flat and close", key="camera", resolution="1080p")
        files = [taken] if taken else []
    else:
        files = st.file_uploader(
            "Photos or scans, up to 20 MB and 25 megapixels", KINDS, accept_multiple_files=True, key="files"
        )
    return files, MODELS[model], pattern.strip(), faintest


def read_all(files: list, how: tuple) -> list[tuple]:
    """Every page that can be read: name, digest, number, file and reading. What cannot be read is said."""
    jobs, errors = [], []
    for file in files:
        raw = file.getvalue()
        digest = hashlib.sha256(raw).hexdigest()
        try:
            pages = count_pages(raw)
        except ImageError as error:
            errors.append((file.name, error))
            continue
        if pages > MOST_PAGES:
            st.info(
                f"{escaped(file.name)} has {pages} pages: the first {MOST_PAGES} are read.",
                icon=":material/info:",
            )
        for page in range(min(pages, MOST_PAGES)):
            name = f"{file.name}, page {page + 1}" if pages > 1 else file.name
            jobs.append((name, digest, page, raw))
    found = []
    model = reader(how[0])
    with st.spinner("Reading…"):
        bar = st.progress(0.0) if len(jobs) > 1 else None
        for number, (name, digest, page, raw) in enumerate(jobs):
            if bar:
                bar.progress(number / len(jobs), f"{number + 1} of {len(jobs)}: {escaped(name)}")
            try:
                found.append((name, digest, page, raw, read(digest, page, *how, model, raw)))
            except ImageError as error:
                errors.append((name, error))
        if bar:
            bar.empty()
    for name, error in errors:
        st.error(escaped(f"{name}: {error}"), icon=":material/broken_image:")
    return found


@st.fragment
def correct(name: str, digest: str, page: int, raw: bytes, reading: Reading, how: tuple) -> None:
    """One page, and what was read on it; both can be changed."""
    image, scale = page_canvas.picture(digest, page, raw)
    sheet = sheet_of(hashlib.sha256(repr((digest, page, how)).encode()).hexdigest()[:12], reading, scale)
    wanted = page_canvas.changed(sheet)
    if wanted is not None:
        with failures_said(), st.spinner("Reading what changed…"):
            model, pattern, faintest = how
            again = reader(model).reread(
                load_image(raw, page), sheet.known, wanted, pattern=pattern or None, faintest=faintest
            )
            sheet.take(again)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        page_canvas.show(sheet, image)
    with right:
        in_text(sheet)
        downloads(sheet, raw, page, name.replace(".", "-").replace(", ", "-").replace(" ", "-"))
        doubts(sheet.reading)


def sheet_of(name: str, reading: Reading, scale: float) -> boxes.Sheet:
    """The page as somebody left it, else as it was read."""
    sheets = st.session_state.setdefault("sheets", {})
    sheets[name] = sheets.pop(name, None) or boxes.Sheet(name, reading, scale)
    for oldest in list(sheets)[:-SHEETS]:
        del sheets[oldest]
    return sheets[name]


def in_text(sheet: boxes.Sheet) -> None:
    key = f"text-{sheet.name}-{sheet.texts}"
    if key not in st.session_state:  # also where the page was put away meanwhile
        sheet.first_text = sheet.text
    with st.container(key="photo-reading"):
        if boxes.characters(sheet.reading):
            lines = sheet.text.count("\n") + 1
            # not by st.session_state: a run that is interrupted there would leave the field empty
            sheet.text = st.text_area("Text", sheet.first_text, key=key, height=min(480, 60 + 28 * lines))
        else:
            st.info("There is nothing on this page that can be read.", icon=":material/draft:")
    changed = sheet.reading is not sheet.first or sheet.text != sheet.first.text
    if changed:
        st.button("As first read", icon=":material/undo:", key="start-over", on_click=sheet.start_over)


def downloads(sheet: boxes.Sheet, raw: bytes, page: int, stem: str) -> None:
    reading = sheet.reading
    with st.container(horizontal=True, key="downloads"):
        for label, kind, mime, data in (
            ("Text", "txt", "text/plain", sheet.text + "\n"),
            ("CSV", "csv", "text/csv", export.to_csv(reading)),
            ("JSON", "json", "application/json", export.to_json(reading) + "\n"),
            ("Picture", "png", "image/png", lambda: export.to_png(load_image(raw, page), reading)),
        ):
            st.download_button(
                label, data, f"{stem}.{kind}", mime, icon=":material/download:", on_click="ignore"
            )


def doubts(reading: Reading) -> None:
    """The doubtful characters, what they look like, and what else they may be."""
    places = [
        (f"{row}, {place}", one)
        for row, line in enumerate(reading.lines, 1)
        for place, one in enumerate(line.characters, 1)
        if not one.accepted
    ]
    if not places:
        return
    st.caption(f"{len(places)} doubtful of {len(boxes.characters(reading))} characters")
    with st.container(key="photo-doubts"):
        st.dataframe(
            {
                "Line, place": [place for place, _ in places],
                "Seen": [thumbnail(one.glyph) for _, one in places],
                "Read": [one.label for _, one in places],
                "Or": [
                    ", ".join(f"{label} {value:.0%}" for label, value in one.alternatives[:4])
                    for _, one in places
                ],
            },
            hide_index=True,
            column_config={"Seen": st.column_config.ImageColumn(width="small")},
        )


def thumbnail(glyph) -> str:
    """A glyph as a picture in a URL."""
    file = io.BytesIO()
    Image.fromarray((255 * (1 - glyph)).astype("uint8")).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


through_app()
st.title("Photo")
st.html(STYLE)
files, *how = ask()
found = []
if files:
    with failures_said():
        found = read_all(files, tuple(how))
if found:
    names = [f"{number}. {name}" for number, (name, *_) in enumerate(found, 1)]
    chosen = st.selectbox("Page", names, key="page") if len(names) > 1 else names[0]
    correct(*found[names.index(chosen)], tuple(how))
if not files:
    st.caption(
        "Write on paper, photograph it, and read it here. A phone's own camera takes sharper pictures."
    )
