"""How many held-out samples a model reads, and how many of these wrongly, by how sure it must be."""

import math

import altair as alt
import pandas as pd
import streamlit as st

from pages import records
from pages.common import COLOURS

FIRST = 0.99  # where the slider stands at first
OTHERS = "#88888880"  # faint on white and on black


@st.fragment
def section(names: list[str]) -> None:
    """The slider for one of the models, among those whose cards say it."""
    tables = {name: pd.DataFrame(found) for name in names if (found := records.certainty(name))}
    if not tables:
        st.info("Not measured for this model.")
        return
    with st.container(horizontal=True):
        name = st.selectbox("Model", tables, key="sure-of")
        rows = tables[name]
        sure = st.select_slider(
            "An answer counts from",
            rows["sure"],
            value=rows["sure"][rows["sure"] >= FIRST].min(),
            format_func=percent,
            key="sure",
            help="Less sure answers are doubtful: a person looks at them. The Draw page asks for 50%.",
        )
    here = rows[rows["sure"] == sure].iloc[0]
    with st.container(horizontal=True, key="sure-figures"):
        figure("Read", here["read"], here["samples"], here["read %"])
        figure("Wrong of these", here["wrong"], here["read"], here["wrong %"])
    with st.container(key="sure-curve"):
        st.altair_chart(curve(tables, name, sure), height=320)
    st.caption(
        "On samples held out from training; other hands can be harder. Faint: models that read the same."
    )


def figure(label: str, count: float, of: float, share: float) -> None:
    st.metric(
        label, f"{count:,.0f} of {of:,.0f}", f"{share:.3g}%", delta_color="off", delta_arrow="off", width=260
    )


def percent(sure: float) -> str:
    """A probability with as many digits as tell it from its neighbours on the slider."""
    nines = math.ceil(-math.log10(1 - sure) - 1e-6)
    return f"{100 * sure:.{max(0, nines - 1)}f}%"


def curve(tables: dict[str, pd.DataFrame], name: str, sure: float) -> alt.LayerChart:
    """Share wrong over share read: the chosen model's with the slider's point, its rivals' behind it."""
    same = [other for other in tables if records.task(other) == records.task(name)]
    rows = pd.concat([tables[other].assign(model=other) for other in same], ignore_index=True)
    rows = rows[rows["read"] > 0].assign(said=rows["sure"].map(percent))
    lines = alt.Chart(rows).encode(
        x=alt.X("read %", title="Read, % of samples", scale=alt.Scale(domain=[0, 100])),
        # the root stretches what is small, and unlike a logarithm has a place for none
        y=alt.Y("wrong %", title="Wrong, % of those read", scale=alt.Scale(type="sqrt")),
        detail="model",
        order="sure",
        tooltip=[
            "model",
            alt.Tooltip("said", title="from"),
            alt.Tooltip("read %", format=".2f"),
            alt.Tooltip("wrong %", format=".3f"),
        ],
    )
    chosen = alt.datum["model"] == name
    point = lines.transform_filter(chosen & (alt.datum["sure"] == sure))
    return (
        lines.transform_filter(~chosen).mark_line(color=OTHERS)
        + lines.transform_filter(chosen).mark_line(color=COLOURS[0], strokeWidth=3)
        + point.mark_point(color=COLOURS[1], size=160, filled=True, opacity=1)
    )
