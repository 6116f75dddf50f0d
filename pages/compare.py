"""All models side by side; the figures come from the model cards and the records of training."""

import statistics
import time

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from pages import certainty, records
from pages.common import COLOURS, escaped, reader, start_page
from recognizer import ModelError

TIMED_READINGS = 20  # of one picture
MAX_SHOWN = 0.9995  # no answer is 100.0% sure
GREY = "#808080"  # legible in both themes
MAX_MARKED_ROWS = 60  # a learning curve with more rows has no marks for its points
ACCURACIES = {
    "drawings": "Drawings",
    "photos": "Photos",
    "test accuracy": "Official test",
}


def percent_column(label: str, help: str | None = None) -> st.column_config.NumberColumn:
    return st.column_config.NumberColumn(label, format="%.2f %%", help=help)


COLUMNS = {
    "model": st.column_config.TextColumn("Model", pinned=True),
    "task": "Reads",
    "parameters": st.column_config.NumberColumn("Parameters", format="localized"),
    "kilobytes": st.column_config.NumberColumn("Size", format="%d KB"),
    "official test": "Official test",
    "test accuracy": percent_column(
        "Correct there", "Capital and small letters count as different, except for models of letters"
    ),
    "drawings": percent_column(
        "Drawings", "Characters of strokes62, at any place and size and with any pen; letter case ignored"
    ),
    "photos": percent_column("Photos", "Characters of photo_characters; letter case ignored"),
    "milliseconds": st.column_config.NumberColumn(
        "Speed here",
        format="%.1f ms",
        help=f"From picture to answer, for one character: the median of {TIMED_READINGS}",
    ),
}


def table(rows: pd.DataFrame) -> None:
    """All models, with a button that measures their speed.

    Args:
        rows: as `records.overview` gives them.
    """
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
    """The median milliseconds for one character on this machine, of each model that can be loaded."""
    picture = np.full((280, 280), 255, np.uint8)
    picture[60:74, 80:200] = picture[60:220, 186:200] = 0  # a 7
    medians = {}
    with st.status("Measuring…") as status:
        for name in names:
            status.update(label=f"Measuring {name}…")
            try:
                model, times = reader(name), []
            except ModelError as error:
                st.toast(escaped(str(error)), icon=":material/block:")
                continue
            for _ in range(TIMED_READINGS):
                start = time.perf_counter()
                model.character(picture)
                times.append(1000 * (time.perf_counter() - start))
            medians[name] = statistics.median(times)
        status.update(label="Measured", state="complete")
    return medians


@st.fragment
def scatter(rows: pd.DataFrame) -> None:
    """Accuracy over the number of parameters, a point for each model."""
    measure = st.segmented_control(
        "Accuracy on", ACCURACIES, default="drawings", required=True, format_func=ACCURACIES.get
    )
    measured = rows.dropna(subset=[measure])
    # the colour says that it reads digits
    measured = measured.assign(name=measured["model"].str.removeprefix("digits-"))
    points = alt.Chart(measured).encode(
        x=alt.X("parameters", scale=alt.Scale(type="log", nice=False, padding=60), title="Parameters"),
        y=alt.Y(measure, scale=alt.Scale(zero=False, nice=False, padding=20), title="Correct, %"),
        color=alt.Color(
            "task", title="Reads", scale=alt.Scale(range=COLOURS), legend=alt.Legend(orient="top")
        ),
        tooltip=["model", "task", alt.Tooltip("parameters", format=","), alt.Tooltip(measure, format=".2f")],
    )
    names = points.mark_text(align="left", dx=9, fontSize=11).encode(text="name", color=alt.value(GREY))
    st.altair_chart(points.mark_point(size=90, filled=True) + names, height=380)


@st.fragment
def curves() -> None:
    """The learning curves of a network, and a table of the final values of all studied runs."""
    with st.container(horizontal=True):
        network = st.selectbox("Network", [*records.STUDIED, *other_curves()], key="curves-of")
        epochs = None
        if network in records.STUDIED:
            epochs = st.segmented_control(
                "Epochs", records.MILESTONES, default=records.MILESTONES[-1], required=True
            )
        measure = st.segmented_control("Show", ["accuracy", "loss"], default="accuracy", required=True)
    rows = pd.DataFrame(records.curves(network, epochs))
    if rows.empty:
        st.info("There is no record of this run. To make one: python -m training.tools.study")
        return
    title = "Accuracy, %" if measure == "accuracy" else "Loss"
    chart = (
        alt.Chart(rows)
        .mark_line(point=len(rows) < MAX_MARKED_ROWS)
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
    st.caption("Augmented training samples are harder than the held-out ones.")
    if milestones := records.milestones():
        config = {name: percent_column(name) for name in ("training", "held out", "MNIST test")}
        config |= {
            name: st.column_config.NumberColumn(format="%.4f") for name in ("training loss", "held-out loss")
        }
        st.dataframe(pd.DataFrame(milestones), hide_index=True, column_config=config, height="content")


def other_curves() -> list[str]:
    return [row["model"] for row in records.overview() if row["model"] not in records.STUDIED]


@st.fragment
def mistakes(rows: pd.DataFrame) -> None:
    """The confusion matrix of a model and its most confident mistakes."""
    name = st.selectbox("Model", rows["model"], key="mistakes-of")
    details = records.details(name)
    if details is None:
        st.info(f"Not measured yet. To measure it: python -m training.evaluate characters {name}")
        return
    st.caption(f"Test set: {details['test']}. Rows: what was written. Columns: what was read.")
    st.altair_chart(confusion_chart(details), width="stretch")
    st.subheader("Most confident mistakes")
    with st.container(horizontal=True):
        for mistake in details["mistakes"]:
            with st.container(width=112, gap="small"):
                read = mistake["said"] or "none"
                st.markdown(f"**{mistake['true']}** read as **{read}**")
                probability = mistake["probability"]
                percent = "over 99.9%" if probability > MAX_SHOWN else f"{probability:.1%}"
                st.caption(f"{percent} sure, row {mistake['row']}")


def confusion_chart(details: dict) -> alt.Chart:
    """The confusion matrix as a chart.

    Args:
        details: as `records.details` gives them.
    """
    labels = [label or "none" for label in details["classes"]]
    cells = pd.DataFrame(
        {"written": labels[row], "read": labels[column], "characters": count, "right": row == column}
        for row, line in enumerate(details["confusion"])
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


start_page()
st.title("Compare")
st.caption(
    "Classic models and Scrawl's own on the same data. No model was trained on the drawings and "
    "photos, which are other people's."
)
try:
    models = pd.DataFrame(records.overview())
except ModelError as error:
    st.error(f"The models can't be compared: {escaped(str(error))}.", icon=":material/block:")
    st.stop()
if models.empty:
    st.info("There are no models to compare: restore the folder weights/.", icon=":material/block:")
    st.stop()
table(models)
st.header("Accuracy and size")
scatter(models)
st.header("Learning curves")
curves()
st.header("How sure must it be?")
certainty.section(list(models["model"]))
st.header("Confusion and mistakes")
mistakes(models)
