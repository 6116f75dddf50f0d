"""Instant mode: the page of web/, which reads in the visitor's browser, within the app."""

import streamlit as st

from pages.common import ROOT

SITE = ROOT / "static" / "site"
HELP = "Read while the pen is down, by this browser: no pixel leaves the device"
NOT_BUILT = """Instant mode is not built here. This makes it, in half a minute:

    python -m training.tools.export_web"""

MOUNT = """export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".instant");
  root.mounted ??= import(new URL(data.module, location.origin).href).then(({ mount }) => mount(root));
  root.mounted.catch(({ message }) => { root.textContent = `Instant mode cannot be loaded (${message}).`; });
  return () => root.mounted.then((stop) => stop(), () => undefined);
}"""

_page = st.components.v2.component("scrawl_instant", html='<div class="instant"></div>', js=MOUNT)


def show() -> None:
    """The page, or how to build it."""
    if not (SITE / "embed.js").exists():
        st.info(NOT_BUILT, icon=":material/construction:")
        return
    base = st.get_option("server.baseUrlPath").strip("/")
    with st.container(key="instant-page"):
        _page(data={"module": f"{'/' + base if base else ''}/app/static/site/embed.js"}, key="instant-reader")
