"""Draw a character, or write words and numbers: it is read when the pen lifts."""

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from pages import heat, instant, words
from pages.common import (
    LONE,
    MODELS,
    TOOLBAR,
    adapted,
    escaped,
    failures_said,
    learn,
    learning,
    picture,
    reader,
    through_app,
)
from recognizer import Character, Drawing, available_models
from recognizer.models.views import VIEWS

CANVAS = 320  # pixels a side: fits a phone's width
PEN, PENS = 16, (4, 40)  # pixels
GLYPH_PIXEL = 5  # pixels of the screen for one of the 28x28
SURE = 0.995  # no answer is 100% sure
CHOICES = 2  # labels one tap away where the answer is doubtful
KINDS = {"digits": "digit", "letters": "letter"}  # what a model reads; else characters
NOTHING_READ = ("blank", "not a character")
OURS = "Scrawl's own"
ONE, WORDS = "One character", "Words"

# On a phone, canvas and answer fit on one screen; the answer is large; white on white keeps an edge.
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
        chosen = st.segmented_control("Read as", MODELS, default="Both", required=True, key="model")
        with st.popover("Options", icon=":material/tune:"):
            how = options() if kind == ONE else words.options()
    with failures_said():
        if kind == ONE:
            one_character(LONE[chosen], *how)
        else:
            words.write_and_read(MODELS[chosen], *how)


def options() -> tuple[int, str, bool]:
    """Pen width in pixels, which model reads, and whether all are asked."""
    pen = st.slider("Pen width", *PENS, PEN, key="pen", format="%d px")
    classics = [name for name in available_models() if name not in VIEWS]
    classic = st.selectbox("Read with", [OURS, *classics], key="zoo", help="Or with a classic model")
    return pen, classic, st.toggle("Ask all models", key="all")


def one_character(own: str, pen: int, classic: str, ask_all: bool) -> None:
    """The canvas for one character, and beside it what is read.

    Args:
        own: the model of ours that reads, where no classic one was chosen.
        pen, classic, ask_all: the options.
    """
    name = own if classic == OURS else classic
    both = st.container(horizontal=True, gap="medium")
    with both.container(width=CANVAS):
        st.caption("One character, any size")  # and room for the canvas's floating toolbar
        with st.container(key="canvas"):
            drawing = st_canvas(
                stroke_width=pen,
                background_color="#ffffff",
                height=CANVAS,
                width=CANVAS,
                return_image_data=True,
                key="drawing",
            )
    # the strokes, where nothing else is on the canvas: a picture hides what a heavy pen has closed
    drawn = picture(drawing.image_bytes)
    seen = Drawing.from_canvas(drawing.json_data, (CANVAS, CANVAS)) or drawn
    with both.container(width="stretch", key="answer"):
        if classic != OURS:
            st.caption(f"Read by {classic}")
        if seen is None:
            invite()
        else:
            mark = hash((name, repr(drawing.json_data), drawn.tobytes()))
            show(name, seen, drawn, mark)
    if ask_all and seen is not None:
        show_all(seen)
    reader(name)  # the first takes seconds: begin while the person draws


def invite() -> None:
    with st.container(key="reading"):
        st.info("Draw a digit or a letter, as large and wherever you like.", icon="✍️")


def show(name: str, seen: Drawing | np.ndarray, drawn: np.ndarray, mark: int) -> None:
    """What a model reads, and what the person says to that.

    Args:
        name: of the model.
        seen: what it reads.
        drawn: the canvas, uint8 (H, W, 4).
        mark: tells this drawing, read by this model, from all others.
    """
    model = adapted(name) if name in MODELS.values() else reader(name)
    explained = model.explain(seen) if st.session_state.get("why") else None
    character = explained.character if explained else model.character(seen)
    if character.reason == "blank":
        invite()
        return
    chosen = choice(mark)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(key="answer-words", width="stretch", gap="small"):
            with st.container(key="reading"):
                if chosen or character.reason != "not a character":
                    st.markdown(f"# {escaped(chosen or character.label)}")
                else:
                    st.markdown(refusal(name))
            st.markdown(verdict(character, chosen))
            choose(character, chosen, mark, name)
            if chosen:
                learning()
        with st.container(key="glyph", width="content"):
            pixels = np.rint((1 - character.glyph) * 255).astype(np.uint8)
            enlarged = np.kron(pixels, np.ones((GLYPH_PIXEL, GLYPH_PIXEL), np.uint8))
            st.image(enlarged, caption="What the model sees")
    st.toggle("Why?", key="why", help="Which of your ink spoke for the answer, and which against it")
    if explained:
        heat.show(drawn, explained)
    with st.container(key="alternatives"):
        for label, probability in character.alternatives:
            st.progress(probability, text=f"**{label}** · {probability:.1%}")


def refusal(name: str) -> str:
    """Why nothing is read, in words."""
    kind = KINDS.get(name, "character")
    return f":material/help: **Not a {kind},** it seems: perhaps a scribble, a shape, or several at once."


def verdict(character: Character, chosen: str) -> str:
    """How sure the model is, in words."""
    if chosen:
        return ":material/person: **Your choice**"
    if character.accepted:
        sure = f"{character.probability:.0%}" if character.probability < SURE else "over 99%"
        return f"**{sure}** sure"
    names = " or ".join(label for label, _ in character.alternatives[:CHOICES])
    if character.reason == "not a character":
        return f"If it is one: {names}?"
    return f":material/help: Not sure: **{names}?**"


def choice(mark: int) -> str:
    """The label that the person chose for this drawing, "" without one; one for another is forgotten."""
    known, label = st.session_state.get("chosen", (None, ""))
    if known == mark:
        return label
    st.session_state.pop("chosen", None)
    return ""


def choose(character: Character, chosen: str, mark: int, name: str) -> None:
    """Labels that the person may choose: where the answer is doubtful, the likeliest are one tap away."""
    near = CHOICES if not character.accepted else 0
    with st.container(horizontal=True, key="choices", gap="small"):
        for number, (label, _) in enumerate(character.alternatives[:near], 1):
            offer(character, label, chosen, mark, name, number)
        with st.popover("Something else" if near else "Not right?", key="others"):
            st.caption("What is it?")
            with st.container(horizontal=True, key="more-choices", gap="small"):
                for number, (label, _) in enumerate(character.alternatives[near:], near + 1):
                    offer(character, label, chosen, mark, name, number)
            st.text_input(
                "Or type it", max_chars=1, key="typed", on_change=take_typed, args=(character, mark, name)
            )


def offer(character: Character, label: str, chosen: str, mark: int, name: str, number: int) -> None:
    """A button that says what the character is."""
    st.button(
        label,
        key=f"choice-{number}",
        type="primary" if label == chosen else "secondary",
        on_click=take,
        args=(character, label, mark, name),
    )


def take_typed(character: Character, mark: int, name: str) -> None:
    """What the person typed is their choice."""
    if label := st.session_state.typed.strip():
        take(character, label, mark, name)
    st.session_state.typed = ""


def take(character: Character, label: str, mark: int, name: str) -> None:
    """The person's choice for this drawing: shown from now on, and learnt from where they agreed to that."""
    st.session_state["chosen"] = (mark, label)
    if name in LONE.values():
        learn(character, label, name, mark)


def show_all(seen: Drawing | np.ndarray) -> None:
    """What every model that can be loaded says of one drawing."""
    read = {}
    for name in available_models():
        with failures_said():
            read[name] = reader(name).character(seen)
    with st.container(key="all-models"):
        st.dataframe(
            {
                "Model": list(read),
                "Reads": [
                    "" if character.reason in NOTHING_READ else character.label for character in read.values()
                ],
                "Sure": [character.probability for character in read.values()],
            },
            hide_index=True,
            height="content",
            column_config={
                "Sure": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
            },
        )


through_app()
with st.container(
    horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="head"
):
    st.title("Draw", width="content")
    at_once = st.toggle("Instant mode", key="instant", help=instant.HELP)
st.html(STYLE)
if at_once:
    instant.show()
else:
    st.html(words.STYLE)
    st.html(TOOLBAR, unsafe_allow_javascript=True)
    draw_and_read()
