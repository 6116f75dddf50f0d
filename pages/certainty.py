"""How many held-out samples a model reads, and how many of them wrongly, by how sure it must be."""

import math

import altair as alt
import pandas as pd
import streamlit as st

from pages import records
from pages.common import COLOURS

FIRST_THRESHOLD = 0.99  # where the slider begins
RIVALS_COLOUR = "#88888880"  # faint on white and on black


@st.fragment
def section(names: list[str]) -> None:
    """The slider and the curve of a model.

    Args:
        names: of the models to choose from; those whose cards have no such figures are left out.
    """
    tables = {name: pd.DataFrame(rows) for name in names if (rows := records.certainty(name))}
    if not tables:
        st.info("Not measured for any of these models.")
        return
    with st.container(horizontal=True):
        name = st.selectbox("Model", tables, key="sure-of")
        rows = tables[name]
        sure = st.select_slider(
            "Accept answers from",
            rows["sure"],
            value=rows["sure"][rows["sure"] >= FIRST_THRESHOLD].min(),
            format_func=percent,
            key="sure",
            help="Less sure answers are doubtful and left to a person. The Draw page accepts from 50%.",
        )
    chosen = rows[rows["sure"] == sure].iloc[0]
    with st.container(horizontal=True, key="sure-figures"):
        share_metric("Accepted", chosen["read"], chosen["samples"], chosen["read %"])
        share_metric("Wrong among these", chosen["wrong"], chosen["read"], chosen["wrong %"])
    with st.container(key="sure-curve"):
        st.altair_chart(curve(tables, name, sure), height=320)
    st.caption(
        "On samples held out from training; other people's writing can be harder. Faint lines: other models "
        "that read the same characters."
    )


def share_metric(label: str, count: float, total: float, percentage: float) -> None:
    st.metric(
        label,
        f"{count:,.0f} of {total:,.0f}",
        f"{percentage:.3g}%",
        delta_color="off",
        delta_arrow="off",
        width=260,
    )


def percent(sure: float) -> str:
    """A probability with enough digits to tell it from its neighbours on the slider."""
    nines = math.ceil(-math.log10(1 - sure) - 1e-6)
    return f"{100 * sure:.{max(0, nines - 1)}f}%"


def curve(tables: dict[str, pd.DataFrame], name: str, sure: float) -> alt.LayerChart:
    """The share of wrong answers over the share of accepted ones.

    Args:
        tables: rows of `records.certainty` by model.
        name: of the model in the foreground; others that read the same characters are faint.
        sure: the threshold to mark on its line.
    """
    rivals = [other for other in tables if records.task(other) == records.task(name)]
    rows = pd.concat([tables[other].assign(model=other) for other in rivals], ignore_index=True)
    rows = rows[rows["read"] > 0].assign(threshold=rows["sure"].map(percent))
    lines = alt.Chart(rows).encode(
        x=alt.X("read %", title="Accepted, % of samples", scale=alt.Scale(domain=[0, 100])),
        # a square root stretches small shares and, unlike a logarithm, can show 0
        y=alt.Y("wrong %", title="Wrong, % of accepted", scale=alt.Scale(type="sqrt")),
        detail="model",
        order="sure",
        tooltip=[
            "model",
            alt.Tooltip("threshold", title="accepted from"),
            alt.Tooltip("read %", format=".2f"),
            alt.Tooltip("wrong %", format=".3f"),
        ],
    )
    chosen = alt.datum["model"] == name
    point = lines.transform_filter(chosen & (alt.datum["sure"] == sure))
    return (
        lines.transform_filter(~chosen).mark_line(color=RIVALS_COLOUR)
        + lines.transform_filter(chosen).mark_line(color=COLOURS[0], strokeWidth=3)
        + point.mark_point(color=COLOURS[1], size=160, filled=True, opacity=1)
    )
