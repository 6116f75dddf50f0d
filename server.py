"""The app with /healthz beside it, for servers: streamlit run server.py."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages.common import reader, store
from recognizer import Drawing
from recognizer.errors import CorrectionError, ModelError

SECONDS = 5  # for all checks
STROKE = Drawing((np.array([(50, 20), (50, 80)]),), pen=8, size=(100, 100))
OK, BAD, LATE = "ok", "does not answer", f"not known within {SECONDS} seconds"

# One thread: a database that hangs holds this one up, never those that serve the pages.
_checking = ThreadPoolExecutor(1, "healthz")
_log = logging.getLogger("scrawl.healthz")


async def healthz(_request: Request | None = None) -> JSONResponse:
    """Whether this process can read a stroke and count corrections; 200 if so, else 503.

    The first one to ask makes it load the reader, which visitors then need not wait for.
    """
    checks = asyncio.get_running_loop().run_in_executor(_checking, checked)
    try:
        found = await asyncio.wait_for(checks, SECONDS)
    except TimeoutError:
        found = {"reader": LATE, "database": LATE}
    healthy = set(found.values()) == {OK}
    return JSONResponse(found, 200 if healthy else 503, {"Cache-Control": "no-store"})


def checked() -> dict[str, str]:
    """What answers: the reader and the database that the pages use."""
    return {
        "reader": _answer(lambda: reader("alphanumeric").character(STROKE)),
        "database": _answer(lambda: store().count("healthz")),
    }


def _answer(ask: Callable[[], object]) -> str:
    try:
        ask()
    except (CorrectionError, ModelError) as error:
        _log.warning("%s", error)  # who asks need not know where the database is
        return BAD
    return OK


app = st.App("app.py", routes=[Route("/healthz", healthz)])
