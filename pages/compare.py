"""Every model side by side; all figures come from what training and evaluation wrote down."""

import statistics
import time

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from pages import certainty, records
from pages.common import COLOURS, escaped, reader, through_app
from recognizer import ModelError

READINGS = 20  # of one picture, to time a model
SURE = 0.9995  # no answer is 100.0% sure
GREY = "#808080"  # text that both themes can show
ACCURACIES = {
    "drawings": "Other people's drawings",
    "photos": "Other people's photographs",
    "test accuracy": "Official test",
}


def percent(label: str, about: str) -> st.column_config.NumberColumn:
    return st.column_config.NumberColumn(label, format="%.2f %%", help=about)


COLUMNS = {
    "model": st.column_config.TextColumn("Model", pinned=True),
    "task": "Reads",
    "parameters": st.column_config.NumberColumn("Parameters", format="localized"),
    "kilobytes": st.column_config.NumberColumn("Size", format="%d KB"),
    "official test": "Official test",
    "test accuracy": percent("Right there", "Exact label; for letters with case merged"),
    "drawings": percent("Drawings", "strokes62 drawn anywhere, at any size, with any pen; case merged"),
    "photos": percent("Photos", "photo_characters, case merged"),
    "milliseconds": st.column_config.NumberColumn(
        "Speed here", format="%.1f ms", help="Picture to answer, one character, median of 20"
    ),
}


def table(rows: pd.DataFrame) -> None:
    if "speed" in st.session_state:
        rows = rows.assign(milliseconds=rows["model"].map(st.session_state.speed))
    with st.container(key="compare-table"):
        st.dataframe(rows, hide_index=True, column_config=COLUMNS, height="content")
    with st.container(horizontal=True):
        if st.button("Measure speed here", icon=":material/timer:"):
            st.session_state.speed = speeds(rows["model"])
            st.rerun()
        st.download_button(
            "Download as CSV",
            rows.to_csv(index=False),
            "scrawl-models.csv",
            "text/csv",
            icon=":material/download:",
        )


def speeds(names: pd.Series) -> dict[str, float]:
    """Median milliseconds of each model that can be loaded, for one character on this machine."""
    picture = np.full((280, 280), 255, np.uint8)
    picture[60:74, 80:200] = picture[60:220, 186:200] = 0  # a 7
    found = {}
    with st.status("Measuring…") as status:
        for name in names:
            status.update(label=f"Measuring {name}…")
            try:
                model, times = reader(name), []
            except ModelError as error:
                st.toast(escaped(str(error)), icon=":material/block:")
                continue
            for _ in range(READINGS):
                start = time.perf_counter()
                model.character(picture)
                times.append(1000 * (time.perf_counter() - start))
            found[name] = statistics.median(times)
        status.update(label="Measured", state="complete")
    return found


@st.fragment
def scatter(rows: pd.DataFrame) -> None:
    measure = st.segmented_control(
        "Accuracy on", ACCURACIES, default="drawings", required=True, format_func=ACCURACIES.get
    )
    known = rows.dropna(subset=[measure])
    known = known.assign(name=known["model"].str.removeprefix("digits-"))  # the colour says digits
    points = alt.Chart(known).encode(
        x=alt.X("parameters", scale=alt.Scale(type="log", nice=False, padding=60), title="Parameters"),
        y=alt.Y(measure, scale=alt.Scale(zero=False, nice=False, padding=20), title="Right, %"),
        color=alt.Color(
            "task", title="Reads", scale=alt.Scale(range=COLOURS), legend=alt.Legend(orient="top")
        ),
        tooltip=["model", "task", alt.Tooltip("parameters", format=","), alt.Tooltip(measure, format=".2f")],
    )
    names = points.mark_text(align="left", dx=9, fontSize=11).encode(text="name", color=alt.value(GREY))
    st.altair_chart(points.mark_point(size=90, filled=True) + names, height=380)


@st.fragment
def curves() -> None:
    with st.container(horizontal=True):
        network = st.selectbox("Network", [*records.CURVES, *other_curves()], key="curves-of")
        epochs = None
        if network in records.CURVES:
            epochs = st.segmented_control(
                "Epochs", records.MILESTONES, default=records.MILESTONES[-1], required=True
            )
        measure = st.segmented_control("Show", ["accuracy", "loss"], default="accuracy", required=True)
    rows = pd.DataFrame(records.curves(network, epochs))
    if rows.empty:
        st.info("This run was not written down: python -m training.tools.study makes it.")
        return
    title = "Accuracy, %" if measure == "accuracy" else "Loss"
    chart = (
        alt.Chart(rows)
        .mark_line(point=len(rows) < 60)
        .encode(
            x=alt.X("epoch", title="Epoch", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y(measure, title=title, scale=alt.Scale(zero=measure == "loss")),
            color=alt.Color(
                "part", title=None, scale=alt.Scale(range=COLOURS), legend=alt.Legend(orient="top")
            ),
            tooltip=["part", "epoch", alt.Tooltip(measure, format=".3f")],
        )
    )
    st.altair_chart(chart, height=320)
    st.caption("Where samples are varied for training, those are harder than the held-out ones.")
    if ends := records.milestones():
        config = {name: percent(name, "") for name in ("training", "held out", "MNIST test")}
        config |= {
            name: st.column_config.NumberColumn(format="%.4f") for name in ("training loss", "held-out loss")
        }
        st.dataframe(pd.DataFrame(ends), hide_index=True, column_config=config, height="content")


def other_curves() -> list[str]:
    return [row["model"] for row in records.overview() if row["model"] not in records.CURVES]


@st.fragment
def mistakes(rows: pd.DataFrame) -> None:
    name = st.selectbox("Model", rows["model"], key="mistakes-of")
    found = records.details(name)
    if found is None:
        st.info(f"Not measured yet: python -m training.evaluate characters {name}")
        return
    st.caption(f"On: {found['test']}. Rows are what was written, columns what was read.")
    st.altair_chart(confusion(found), width="stretch")
    st.subheader("Surest mistakes")
    with st.container(horizontal=True):
        for mistake in found["mistakes"]:
            with st.container(width=112, gap="small"):
                said = mistake["said"] or "none"
                st.markdown(f"**{mistake['true']}** read as **{said}**")
                sure = "over 99.9%" if mistake["probability"] > SURE else f"{mistake['probability']:.1%}"
                st.caption(f"{sure} sure, row {mistake['row']}")


def confusion(found: dict) -> alt.Chart:
    labels = [label or "none" for label in found["classes"]]
    cells = pd.DataFrame(
        {"written": labels[row], "read": labels[column], "characters": count, "right": row == column}
        for row, line in enumerate(found["confusion"])
        for column, count in enumerate(line)
        if count
    )
    axis = alt.Axis(labelAngle=0, labelOverlap=False, labelFontSize=11 if len(labels) < 40 else 8)
    return (
        alt.Chart(cells)
        .mark_rect()
        .encode(
            x=alt.X("read:N", sort=labels, scale=alt.Scale(domain=labels), axis=axis, title="Read as"),
            y=alt.Y("written:N", sort=labels, scale=alt.Scale(domain=labels), axis=axis, title="Written"),
            color=alt.Color(
                "characters",
                scale=alt.Scale(type="symlog", scheme="blues"),
                legend=alt.Legend(title="Characters"),
            ),
            tooltip=["written", "read", "characters"],
        )
        .properties(height=max(360, 11 * len(labels)))
    )


through_app()
st.title("Compare")
st.caption(
    "Classic models and ours on the same data. Other people's drawings and photographs were never trained on."
)
try:
    models = pd.DataFrame(records.overview())
except ModelError as error:
    st.error(f"Nothing can be compared: {escaped(str(error))}.", icon=":material/block:")
    st.stop()
if models.empty:
    st.info("There is no model to compare: restore the folder weights/.", icon=":material/block:")
    st.stop()
table(models)
st.header("Accuracy against parameters")
scatter(models)
st.header("Learning curves")
curves()
st.header("How sure must it be")
certainty.section(list(models["model"]))
st.header("Confusion and mistakes")
mistakes(models)
