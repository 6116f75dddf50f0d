"""Instant mode: the page of web/, which reads in the visitor's browser, inside the app."""

import streamlit as st

from pages.common import ROOT

SITE = ROOT / "static" / "site"
HELP = "Reads while you draw, in this browser. Your drawing never leaves your device."
NOT_BUILT = """Instant mode has not been built on this server. This command builds it, in half a minute:

    python -m training.tools.export_web"""

MOUNT_SCRIPT = """export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".instant");
  root.mounted ??= import(new URL(data.module, location.origin).href).then(({ mount }) => mount(root));
  root.mounted.catch(({ message }) => { root.textContent = `Instant mode cannot be loaded (${message}).`; });
  return () => root.mounted.then((stop) => stop(), () => undefined);
}"""

_component = st.components.v2.component("scrawl_instant", html='<div class="instant"></div>', js=MOUNT_SCRIPT)


def show() -> None:
    """The page of web/, or how to build it."""
    if not (SITE / "embed.js").exists():
        st.info(NOT_BUILT, icon=":material/construction:")
        return
    base = st.get_option("server.baseUrlPath").strip("/")
    with st.container(key="instant-page"):
        module = f"{'/' + base if base else ''}/app/static/site/embed.js"
        _component(data={"module": module}, key="instant-reader")
