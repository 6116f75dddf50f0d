"""The app with a health check at /healthz, for servers: streamlit run server.py."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages.common import WARMUP_STROKE, reader, store
from recognizer.errors import CorrectionError, ModelError

TIMEOUT = 5  # seconds for all checks together
OK, FAILED, LATE = "ok", "does not answer", f"no answer within {TIMEOUT} seconds"

# One thread of its own: a database that hangs holds up this thread, never those that serve the pages.
_checker = ThreadPoolExecutor(1, "healthz")
_log = logging.getLogger("scrawl.healthz")


async def healthz(_request: Request | None = None) -> JSONResponse:
    """Answer 200 if this process can read a stroke and reach its database, else 503.

    The first check loads the reader, so that the first visitor need not wait for it.
    """
    results = asyncio.get_running_loop().run_in_executor(_checker, check)
    try:
        answers = await asyncio.wait_for(results, TIMEOUT)
    except TimeoutError:
        answers = {"reader": LATE, "database": LATE}
    healthy = set(answers.values()) == {OK}
    return JSONResponse(answers, 200 if healthy else 503, {"Cache-Control": "no-store"})


def check() -> dict[str, str]:
    """Check the reader and the database that the pages use."""
    return {
        "reader": _result(lambda: reader("alphanumeric").character(WARMUP_STROKE)),
        "database": _result(lambda: store().count("healthz")),
    }


def _result(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except (CorrectionError, ModelError) as error:
        _log.warning("%s", error)  # only in the log: the answer must not tell where the database is
        return FAILED
    return OK


app = st.App("app.py", routes=[Route("/healthz", healthz)])
