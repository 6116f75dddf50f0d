"""What SECURITY.md promises of the app: asked of a real server, of its pages, and of what is installed."""

import base64
import csv
import http.client
import io
import re
import tomllib
import uuid
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from pages.common import COOKIE, store
from recognizer.__main__ import main
from recognizer.personalization.archive import Correction, packed
from tests.characters import picture
from training.tools.browser import ROOT, serve

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
    """A connection to the app as a browser opens one for a page of this origin."""
    return connect(
        address.replace("http", "ws") + "/_stcore/stream",
        origin=origin,
        subprotocols=["streamlit"],
        additional_headers={"Cookie": cookie} if cookie else None,
        max_size=None,
    )


def run(connection: ClientConnection, page: str = "") -> list[ForwardMsg]:
    """Ask for a page; gives all that the server sends until it is done."""
    asked = BackMsg()
    asked.rerun_script.page_name = page
    connection.send(asked.SerializeToString())
    found = []
    while not found or found[-1].WhichOneof("type") != "script_finished":
        found.append(ForwardMsg.FromString(connection.recv(SECONDS)))
    return found


def request(address: str, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    """Status and body of the answer; the path is sent as it is written."""
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=SECONDS)) as connection:
        connection.request(method, path, body, {key.replace("_", "-"): one for key, one in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize("origin", ["http://evil.example", "https://127.0.0.1.evil.example", "null"])
def test_a_page_of_another_origin_may_not_connect(address, origin):
    with pytest.raises(InvalidStatus), browser(address, origin):
        pass
    with browser(address, address) as connection:  # its own may
        assert run(connection)


def upload(address: str, content: bytes, token: str, cookie: str) -> int:
    """The status of an upload to a new session of one's own."""
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
def test_no_file_is_served_by_its_path(address, path):
    status, body = request(address, "GET", path)
    page = request(address, "GET", "/")[1]
    assert status >= 400 or body == page  # Streamlit answers what it does not know with its page


def test_what_a_cookie_says_does_not_come_back_in_a_script(address):
    with browser(address, address, f"{COOKIE}=%27;alert(1)//; {COOKIE}='+alert(1)+'") as connection:
        sent = b"".join(one.SerializeToString() for one in run(connection, "handwriting"))
    assert b"document.cookie" in sent  # it takes the bad cookie back
    assert b"alert(1)" not in sent


def app(page: str, monkeypatch, tmp_path) -> AppTest:
    """A page, which keeps corrections in a file of this test's own."""
    monkeypatch.setenv("SCRAWL_DATABASE", str(tmp_path / "corrections.sqlite"))
    store.clear()
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS).run().switch_page(page).run()


def shown(found: AppTest) -> str:
    """All Markdown of a page, tooltips included."""
    kinds = (found.markdown, found.error, found.info, found.warning, found.caption, found.toast)
    values = [str(one.value) for kind in kinds for one in kind]
    return "\n".join([*values, *(one.help or "" for one in found.button)])


def test_the_name_of_a_file_is_shown_as_it_is(monkeypatch, tmp_path):
    photo = app("pages/photo.py", monkeypatch, tmp_path)
    photo.file_uploader[0].upload(f"{EVIL}.png", b"no picture", "image/png").run()
    assert not photo.exception
    assert "evil" in shown(photo)
    assert "![x]" not in shown(photo)
    assert all(not one.proto.allow_html for kind in (photo.markdown, photo.caption) for one in kind)


def test_what_a_file_of_corrections_says_is_shown_as_it_is(monkeypatch, tmp_path):
    hand = app("pages/handwriting.py", monkeypatch, tmp_path)
    hand.button(key="agree").click().run()
    raw = packed([Correction("", GLYPH, "*", "[", EVIL[:40])])
    hand.file_uploader[0].upload("my-hand.zip", raw, "application/zip").run()
    assert not hand.exception
    assert r"\!\[x\]" in shown(hand)
    assert "![x]" not in shown(hand)
    store.clear()


def test_pages_render_no_html_but_their_own():
    for path in [ROOT / "app.py", *(ROOT / "pages").glob("*.py")]:
        assert "unsafe_allow_html" not in path.read_text(), path


@pytest.mark.parametrize("name", ["=1+1.png", "+1.png", "-1.png", "@SUM(A1).png"])
def test_the_name_of_a_file_is_text_in_a_csv(name, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(picture("7")).save(name)
    assert main(["read", "--model", "digits", "--format", "csv", "--", name]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["file"], row["character"]) == (f"'{name}", "7")


def test_a_canvas_that_sends_too_large_a_picture_is_refused_before_it_is_unpacked(monkeypatch, tmp_path):
    file = io.BytesIO()
    Image.new("1", (6000, 6000)).save(file, "PNG")
    only_its_head = base64.b64encode(file.getvalue()[:60]).decode()
    draw = app("pages/draw.py", monkeypatch, tmp_path)
    draw.session_state["drawing"] = {
        "drawing": {"raw": {"objects": []}, "data": f"data:image/png;base64,{only_its_head}"},
        "backgroundFit": None,
    }
    draw.run()
    assert not draw.exception
    assert "25 megapixels" in draw.error[0].value


def test_a_person_sees_of_an_error_neither_what_it_says_nor_where_it_was():
    failing = AppTest.from_string("raise ValueError('postgresql://me:secret@host/name')").run()
    (seen,) = failing.exception
    assert "secret" not in str(seen.proto)
    assert not list(seen.stack_trace)


def test_the_options_are_written_down():
    options = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert options["server"] == {
        "maxUploadSize": 20, "maxMessageSize": 25, "enableXsrfProtection": True, "enableCORS": True,
        "enableStaticServing": True,
    }  # fmt: skip
    assert options["client"]["showErrorDetails"] == "none"
    assert options["browser"]["gatherUsageStats"] is False


def locked() -> dict[str, tuple[Requirement, list[str]]]:
    """The lock's requirements by name, each with its hashes."""
    entries = re.split(r"\n(?=[a-z])", LOCK)
    found = {}
    for entry in entries:
        first = entry.split(" \\")[0].strip()
        if first and not first.startswith("#"):
            one = Requirement(first)
            found[canonicalize_name(one.name)] = (one, re.findall(r"--hash=(\S+)", entry))
    return found


def asked(file: str) -> list[Requirement]:
    lines = (ROOT / file).read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("-r ")]


def test_the_lock_is_of_the_versions_that_are_asked_for():
    lock = locked()
    for one in asked("requirements.txt"):
        assert lock[canonicalize_name(one.name)][0].specifier == one.specifier, one
    for one in asked("requirements-dev.txt"):  # where both have it, it is the same
        if canonicalize_name(one.name) in lock:
            assert lock[canonicalize_name(one.name)][0].specifier == one.specifier, one


def test_every_version_in_the_lock_is_pinned_and_hashed_and_comes_from_nowhere_in_particular():
    for name, (one, hashes) in locked().items():
        assert re.fullmatch(r"==[\w.+!]+", str(one.specifier)), name
        assert one.url is None
        assert hashes, name
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", sha256) for sha256 in hashes), name
    assert not re.search(r"://|--index|--extra|--find|--trusted", LOCK)


def test_the_lock_names_all_that_the_app_needs():
    """Each requirement of what is locked, as it is installed here, is locked itself."""
    from importlib.metadata import requires

    lock = locked()
    for name, (one, _) in lock.items():
        if one.marker and not one.marker.evaluate():
            continue
        for needed in map(Requirement, requires(name) or []):
            if not needed.marker or needed.marker.evaluate({"extra": ""}):
                assert canonicalize_name(needed.name) in lock, f"{name} needs {needed}"


def test_the_tests_that_are_named_are_there():
    text = (ROOT / "SECURITY.md").read_text()
    named = set(re.findall(r"test_\w+\.py", text))
    assert named == {name for name in named if (ROOT / "tests" / name).is_file()} != set()
    assert re.search(r"may have (\d+) MB, anything else that a browser sends (\d+) MB", text).groups() == (
        "20",
        "25",
    )
