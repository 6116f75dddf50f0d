"""The promises of SECURITY.md, checked on a real server, on its pages and on what is installed."""

import base64
import csv
import http.client
import io
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import numpy as np
import pytest
import streamlit as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.caching import get_data_cache_stats_provider, get_resource_cache_stats_provider
from streamlit.testing.v1 import AppTest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from pages.common import COOKIE, store
from recognizer.__main__ import main
from recognizer.personalization.archive import Correction, to_zip
from tests.characters import picture
from training.tools.browser import ROOT, serve

pytestmark = pytest.mark.slow

SECONDS = 60  # the first run in a process loads TensorFlow
MEGABYTE = 1 << 20
EVIL = "![x](https://evil.example/a.png)<script>alert(1)</script>"
GLYPH = np.diag(np.full(28, 255, np.uint8))
LOCK = (ROOT / "requirements.lock").read_text()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve() as found:
        yield found


def browser(address: str, origin: str, cookie: str = "") -> ClientConnection:
    """A connection to the app, as a browser opens it for a page of this origin."""
    return connect(
        address.replace("http", "ws") + "/_stcore/stream",
        origin=origin,
        subprotocols=["streamlit"],
        additional_headers={"Cookie": cookie} if cookie else None,
        max_size=None,
    )


def run(connection: ClientConnection, page: str = "") -> list[ForwardMsg]:
    """Ask for a page, and return all messages of the server until it is done."""
    asked = BackMsg()
    asked.rerun_script.page_name = page
    connection.send(asked.SerializeToString())
    found = []
    while not found or found[-1].WhichOneof("type") != "script_finished":
        found.append(ForwardMsg.FromString(connection.recv(SECONDS)))
    return found


def request(address: str, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    """The status and the body of the answer; the path is sent unchanged."""
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=SECONDS)) as connection:
        connection.request(method, path, body, {key.replace("_", "-"): one for key, one in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize("origin", ["http://evil.example", "https://127.0.0.1.evil.example", "null"])
def test_pages_of_other_origins_may_not_connect(address, origin):
    with pytest.raises(InvalidStatus), browser(address, origin):
        pass
    with browser(address, address) as connection:  # but one of its own may
        assert run(connection)


def upload(address: str, content: bytes, token: str, cookie: str) -> int:
    """The status of an upload to a new session."""
    with browser(address, address) as connection:
        (start,) = [one for one in run(connection, "photo") if one.WhichOneof("type") == "new_session"]
        session = start.new_session.initialize.session_id
        limit = uuid.uuid4().hex
        body = (
            b"--" + limit.encode() + b'\r\nContent-Disposition: form-data; name="a"; filename="a.png"\r\n\r\n'
        )
        body += content + b"\r\n--" + limit.encode() + b"--\r\n"
        return request(
            address, "PUT", f"/_stcore/upload_file/{session}/{uuid.uuid4()}", body, X_Xsrftoken=token,
            Cookie=f"_streamlit_xsrf={cookie}", Content_Type=f"multipart/form-data; boundary={limit}",
        )[0]  # fmt: skip


def test_an_upload_needs_the_token_and_has_a_limit(address):
    with closing(http.client.HTTPConnection(urlsplit(address).netloc)) as connection:
        connection.request("GET", "/_stcore/health")
        cookies = connection.getresponse().getheader("Set-Cookie")
    token = re.search("_streamlit_xsrf=([^;]+)", cookies).group(1)
    assert upload(address, b"x", token, token) == 204
    assert upload(address, b"x", "", token) == 403
    assert upload(address, b"x", "2|00|00|0", token) == 403
    assert upload(address, bytes(21 * MEGABYTE), token, token) == 413


@pytest.mark.parametrize("path", [
    "/app.py", "/.streamlit/config.toml", "/weights/digits.json", "/data/corrections.sqlite",
    "/../requirements.txt", "/%2e%2e/requirements.txt", "/static/..%2f..%2frequirements.txt",
    "/app/static/requirements.txt", "/media/../requirements.txt", "//etc/passwd", "/component/../../app.py",
])  # fmt: skip
def test_files_of_the_app_are_not_served(address, path):
    status, body = request(address, "GET", path)
    page = request(address, "GET", "/")[1]
    assert status >= 400 or body == page  # Streamlit answers unknown paths with its page


def test_text_of_a_cookie_does_not_come_back_in_a_script(address):
    with browser(address, address, f"{COOKIE}=%27;alert(1)//; {COOKIE}='+alert(1)+'") as connection:
        sent = b"".join(one.SerializeToString() for one in run(connection, "handwriting"))
    assert b"document.cookie" in sent  # it deletes the bad cookie
    assert b"alert(1)" not in sent


def app(page: str, monkeypatch, tmp_path) -> AppTest:
    """A page with a database of its own for each test."""
    monkeypatch.setenv("SCRAWL_DATABASE", str(tmp_path / "corrections.sqlite"))
    store.clear()
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS).run().switch_page(page).run()


def shown(found: AppTest) -> str:
    """All Markdown of a page, including tooltips."""
    kinds = (found.markdown, found.error, found.info, found.warning, found.caption, found.toast)
    values = [str(one.value) for kind in kinds for one in kind]
    return "\n".join([*values, *(one.help or "" for one in found.button)])


def test_a_file_name_is_shown_as_plain_text(monkeypatch, tmp_path):
    photo = app("pages/photo.py", monkeypatch, tmp_path)
    photo.file_uploader[0].upload(f"{EVIL}.png", b"no picture", "image/png").run()
    assert not photo.exception
    assert "evil" in shown(photo)
    assert "![x]" not in shown(photo)
    assert all(not one.proto.allow_html for kind in (photo.markdown, photo.caption) for one in kind)


def test_text_of_imported_corrections_is_shown_as_plain_text(monkeypatch, tmp_path):
    hand = app("pages/handwriting.py", monkeypatch, tmp_path)
    hand.button(key="agree").click().run()
    raw = to_zip([Correction("", GLYPH, "*", "[", EVIL[:40])])
    hand.file_uploader[0].upload("my-hand.zip", raw, "application/zip").run()
    assert not hand.exception
    assert r"\!\[x\]" in shown(hand)
    assert "![x]" not in shown(hand)
    store.clear()


def test_no_cache_of_the_process_holds_anything_of_a_visitor(monkeypatch, tmp_path):
    st.cache_data.clear()
    photo = app("pages/photo.py", monkeypatch, tmp_path)
    photo.session_state["hand"] = "f" * 32
    file = io.BytesIO()
    Image.fromarray(picture("7")).save(file, "PNG")
    photo.file_uploader[0].upload("seven.png", file.getvalue(), "image/png").run()
    assert not photo.exception
    assert photo.text_area[0].value == "7"
    assert not get_data_cache_stats_provider().get_stats()
    assert not sys.modules["streamlit_drawable_canvas"]._bg_image_cache
    caches = get_resource_cache_stats_provider().get_stats().values()
    names = {stat.cache_name.rpartition(".")[2] for stats in caches for stat in stats}
    assert names <= {"reader", "store", "note_visit"}  # models, the database, and a mark of a session's own
    store.clear()


def test_pages_render_no_html_from_outside():
    for path in [ROOT / "app.py", *(ROOT / "pages").glob("*.py")]:
        assert "unsafe_allow_html" not in path.read_text(), path


@pytest.mark.parametrize("name", ["=1+1.png", "+1.png", "-1.png", "@SUM(A1).png"])
def test_a_file_name_is_no_formula_in_a_csv(name, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(picture("7")).save(name)
    assert main(["read", "--model", "digits", "--format", "csv", "--", name]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["file"], row["character"]) == (f"'{name}", "7")


def test_a_too_large_picture_of_a_canvas_is_refused_before_it_is_decoded(monkeypatch, tmp_path):
    file = io.BytesIO()
    Image.new("1", (6000, 6000)).save(file, "PNG")
    only_the_header = base64.b64encode(file.getvalue()[:60]).decode()
    draw = app("pages/draw.py", monkeypatch, tmp_path)
    draw.session_state["drawing"] = {
        "drawing": {"raw": {"objects": []}, "data": f"data:image/png;base64,{only_the_header}"},
        "backgroundFit": None,
    }
    draw.run()
    assert not draw.exception
    assert "25 megapixels" in draw.error[0].value


def test_visitors_see_neither_the_message_nor_the_trace_of_an_error():
    failing = AppTest.from_string("raise ValueError('postgresql://me:secret@host/name')").run()
    (exception,) = failing.exception
    assert "secret" not in str(exception.proto)
    assert not list(exception.stack_trace)


def test_streamlits_options_are_set():
    options = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert options["server"] == {
        "maxUploadSize": 20, "maxMessageSize": 25, "enableXsrfProtection": True, "enableCORS": True,
        "enableStaticServing": True, "showEmailPrompt": False,
    }  # fmt: skip
    assert options["client"]["showErrorDetails"] == "none"
    assert options["browser"]["gatherUsageStats"] is False


def locked() -> dict[str, tuple[Requirement, list[str]]]:
    """The requirements in the lock file by name, each with its hashes."""
    entries = re.split(r"\n(?=[a-z])", LOCK)
    found = {}
    for entry in entries:
        first = entry.split(" \\")[0].strip()
        if first and not first.startswith("#"):
            one = Requirement(first)
            found[canonicalize_name(one.name)] = (one, re.findall(r"--hash=(\S+)", entry))
    return found


def required(file: str) -> list[Requirement]:
    lines = (ROOT / file).read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("-r ")]


def test_the_lock_has_the_required_versions():
    lock = locked()
    for one in required("requirements.txt"):
        assert lock[canonicalize_name(one.name)][0].specifier == one.specifier, one
    for one in required("requirements-dev.txt"):  # a package in both has one version
        if canonicalize_name(one.name) in lock:
            assert lock[canonicalize_name(one.name)][0].specifier == one.specifier, one


def test_every_package_in_the_lock_is_pinned_and_hashed_and_names_no_source():
    for name, (one, hashes) in locked().items():
        assert re.fullmatch(r"==[\w.+!]+", str(one.specifier)), name
        assert one.url is None
        assert hashes, name
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", sha256) for sha256 in hashes), name
    assert not re.search(r"://|--index|--extra|--find|--trusted", LOCK)


def test_the_lock_is_complete():
    """All requirements of the locked packages, as installed here, are locked, too."""
    from importlib.metadata import requires

    lock = locked()
    for name, (one, _) in lock.items():
        if one.marker and not one.marker.evaluate():
            continue
        for needed in map(Requirement, requires(name) or []):
            if not needed.marker or needed.marker.evaluate({"extra": ""}):
                assert canonicalize_name(needed.name) in lock, f"{name} needs {needed}"


def test_tests_named_in_the_promises_exist():
    text = (ROOT / "SECURITY.md").read_text()
    named = set(re.findall(r"test_\w+\.py", text))
    assert named
    assert named <= {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert re.search(r"may have (\d+) MB, anything else that a browser sends (\d+) MB", text).groups() == (
        "20",
        "25",
    )
