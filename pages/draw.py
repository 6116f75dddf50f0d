"""Draw a character, or write words and numbers: they are read whenever the pen lifts."""

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from pages import heat, instant, words
from pages.common import (
    MODELS,
    SINGLE_CHARACTER_MODELS,
    TOOLBAR_SCRIPT,
    adapted,
    canvas_picture,
    errors_shown,
    escaped,
    learn,
    learning_hint,
    reader,
    start_page,
)
from recognizer import Character, Drawing, available_models
from recognizer.models.views import VIEWS

CANVAS_SIDE = 320  # pixels: fits the width of a phone
PEN_WIDTH, PEN_WIDTHS = 16, (4, 40)  # pixels
GLYPH_ZOOM = 5  # pixels of the screen for one of the glyph's
MAX_SHOWN = 0.995  # no answer is 100% sure
LIKELY_LABELS = 2  # one tap away if the answer is doubtful
KINDS = {"digits": "digit", "letters": "letter"}  # what a model reads; other models read characters
NOTHING_READ = ("blank", "not a character")
OWN_MODEL = "Scrawl's own"
ONE, WORDS = "One character", "Words"

# On a phone, the canvas and the answer must fit on one screen; white pictures need an edge on a white page.
STYLE = """<style>
.stMainBlockContainer { padding-top: 3.5rem; }
.st-key-answer { min-width: 17rem; }
.st-key-reading h1 { font-size: 7rem; line-height: 1; padding: 0; overflow-wrap: anywhere; }
.st-key-choices .stButton button, .st-key-more-choices button { min-width: 3.5rem; }
.st-key-choices .stButton button p, .st-key-more-choices button p { font-size: 1.5rem; font-weight: 600; }
@media (max-width: 640px) {
  .st-key-head h1 { font-size: 1.75rem; padding: 0; }
}
.st-key-heatmap p span { font-size: 1.5em; }
.st-key-glyph img, .st-key-heatmap img { border: 1px solid rgba(128, 128, 128, 0.6); border-radius: 4px; }
</style>"""


@st.fragment
def draw_and_read() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control("Write", [ONE, WORDS], default=ONE, required=True, key="write")
        read_as = st.segmented_control("Read as", MODELS, default="Both", required=True, key="model")
        with st.popover("Options", icon=":material/tune:"):
            options = character_options() if kind == ONE else words.options()
    with errors_shown():
        if kind == ONE:
            one_character(SINGLE_CHARACTER_MODELS[read_as], *options)
        else:
            words.write_and_read(MODELS[read_as], *options)


def character_options() -> tuple[int, str, bool]:
    """The pen width in pixels, the model, and whether to ask all models."""
    pen = st.slider("Pen width", *PEN_WIDTHS, PEN_WIDTH, key="pen", format="%d px")
    classic_models = [name for name in available_models() if name not in VIEWS]
    model = st.selectbox(
        "Read with",
        [OWN_MODEL, *classic_models],
        key="zoo",
        help="Scrawl's own model, or a classic one to compare it with",
    )
    return pen, model, st.toggle("Ask all models", key="all")


def one_character(own_name: str, pen: int, model: str, ask_all: bool) -> None:
    """The canvas for one character, and the answer beside it.

    Args:
        own_name: the model behind OWN_MODEL.
        pen, model, ask_all: as `character_options` gives them.
    """
    name = own_name if model == OWN_MODEL else model
    columns = st.container(horizontal=True, gap="medium")
    with columns.container(width=CANVAS_SIDE):
        st.caption("One character, any size")  # also makes room for the canvas's floating toolbar
        with st.container(key="canvas"):
            canvas = st_canvas(
                stroke_width=pen,
                background_color="#ffffff",
                height=CANVAS_SIDE,
                width=CANVAS_SIDE,
                return_image_data=True,
                key="drawing",
            )
    picture = canvas_picture(canvas.image_bytes)
    # strokes if there is nothing else on the canvas: in the picture a wide pen closes small loops
    drawing = Drawing.from_canvas(canvas.json_data, (CANVAS_SIDE, CANVAS_SIDE)) or picture
    with columns.container(width="stretch", key="answer"):
        if model != OWN_MODEL:
            st.caption(f"Read by {model}")
        if drawing is None:
            invite()
        else:
            drawing_id = hash((name, repr(canvas.json_data), picture.tobytes()))
            show_answer(name, drawing, picture, drawing_id)
    if ask_all and drawing is not None:
        show_all_models(drawing)
    reader(name)  # loading takes seconds the first time: begin while the visitor draws


def invite() -> None:
    with st.container(key="reading"):
        st.info("Draw a digit or a letter, at any size and anywhere on the canvas.", icon="✍️")


def show_answer(name: str, drawing: Drawing | np.ndarray, picture: np.ndarray, drawing_id: int) -> None:
    """The answer of a model, and the visitor's means to correct it.

    Args:
        name: of the model.
        drawing: to be read.
        picture: of the canvas, uint8 (H, W, 4).
        drawing_id: identifies the drawing and the model.
    """
    model = adapted(name) if name in MODELS.values() else reader(name)
    explanation = model.explain(drawing) if st.session_state.get("why") else None
    character = explanation.character if explanation else model.character(drawing)
    if character.reason == "blank":
        invite()
        return
    chosen = chosen_label(drawing_id)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(key="answer-words", width="stretch", gap="small"):
            with st.container(key="reading"):
                if chosen or character.reason != "not a character":
                    st.markdown(f"# {escaped(chosen or character.label)}")
                else:
                    st.markdown(rejection(name))
            st.markdown(certainty(character, chosen))
            offer_choices(character, chosen, drawing_id, name)
            if chosen:
                learning_hint()
        with st.container(key="glyph", width="content"):
            pixels = np.rint((1 - character.glyph) * 255).astype(np.uint8)
            enlarged = np.kron(pixels, np.ones((GLYPH_ZOOM, GLYPH_ZOOM), np.uint8))
            st.image(enlarged, caption="What the model sees")
    st.toggle("Why?", key="why", help="Shows which ink supports the answer and which speaks against it")
    if explanation:
        heat.show(picture, explanation)
    with st.container(key="alternatives"):
        for label, probability in character.alternatives:
            st.progress(probability, text=f"**{label}** · {probability:.1%}")


def rejection(name: str) -> str:
    """The text in place of an answer that was rejected as not a character."""
    kind = KINDS.get(name, "character")
    return (
        f":material/help: **This doesn't look like a {kind}.** It may be a scribble, a shape, or several "
        "characters at once."
    )


def certainty(character: Character, chosen: str) -> str:
    """How sure the model is, in words."""
    if chosen:
        return ":material/person: **Your choice**"
    if character.accepted:
        percent = f"{character.probability:.0%}" if character.probability < MAX_SHOWN else "over 99%"
        return f"**{percent}** sure"
    names = " or ".join(label for label, _ in character.alternatives[:LIKELY_LABELS])
    if character.reason == "not a character":
        return f"If it is one, is it {names}?"
    return f":material/help: Not sure: **{names}?**"


def chosen_label(drawing_id: int) -> str:
    """The visitor's label for this drawing, "" if there is none; a label for another drawing is forgotten."""
    labelled, label = st.session_state.get("chosen", (None, ""))
    if labelled == drawing_id:
        return label
    st.session_state.pop("chosen", None)
    return ""


def offer_choices(character: Character, chosen: str, drawing_id: int, name: str) -> None:
    """Labels to choose from; the likeliest are one tap away if the answer is doubtful."""
    likely = 0 if character.accepted else LIKELY_LABELS
    with st.container(horizontal=True, key="choices", gap="small"):
        for number, (label, _) in enumerate(character.alternatives[:likely], 1):
            choice_button(character, label, chosen, drawing_id, name, number)
        with st.popover("Something else" if likely else "Not right?", key="others"):
            st.caption("What is it?")
            with st.container(horizontal=True, key="more-choices", gap="small"):
                for number, (label, _) in enumerate(character.alternatives[likely:], likely + 1):
                    choice_button(character, label, chosen, drawing_id, name, number)
            st.text_input(
                "Or type it",
                max_chars=1,
                key="typed",
                on_change=choose_typed,
                args=(character, drawing_id, name),
            )


def choice_button(
    character: Character, label: str, chosen: str, drawing_id: int, name: str, number: int
) -> None:
    """A button that labels the drawing."""
    st.button(
        label,
        key=f"choice-{number}",
        type="primary" if label == chosen else "secondary",
        on_click=choose,
        args=(character, label, drawing_id, name),
    )


def choose_typed(character: Character, drawing_id: int, name: str) -> None:
    """Take the typed label as the visitor's choice."""
    if label := st.session_state.typed.strip():
        choose(character, label, drawing_id, name)
    st.session_state.typed = ""


def choose(character: Character, label: str, drawing_id: int, name: str) -> None:
    """Take a label as the visitor's choice: it is shown from now on, and stored if they have agreed."""
    st.session_state["chosen"] = (drawing_id, label)
    if name in SINGLE_CHARACTER_MODELS.values():
        learn(character, label, name, drawing_id)


def show_all_models(drawing: Drawing | np.ndarray) -> None:
    """A table of the answers of every model that can be loaded."""
    answers = {}
    for name in available_models():
        with errors_shown():
            answers[name] = reader(name).character(drawing)
    with st.container(key="all-models"):
        st.dataframe(
            {
                "Model": list(answers),
                "Answer": [
                    "" if character.reason in NOTHING_READ else character.label
                    for character in answers.values()
                ],
                "Sure": [character.probability for character in answers.values()],
            },
            hide_index=True,
            height="content",
            column_config={
                "Sure": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
            },
        )


start_page()
with st.container(
    horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="head"
):
    st.title("Draw", width="content")
    instant_mode = st.toggle("Instant mode", key="instant", help=instant.HELP)
st.html(STYLE)
if instant_mode:
    instant.show()
else:
    st.html(words.STYLE)
    st.html(TOOLBAR_SCRIPT, unsafe_allow_javascript=True)
    draw_and_read()
