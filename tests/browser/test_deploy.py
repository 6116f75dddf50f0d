"""The app beyond one process: nginx, two of them as the image runs them, and a PostgreSQL."""

import contextlib
import csv
import http.client
import io
import os
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image as Picture
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from sqlalchemy import create_engine, make_url, text

from recognizer.personalization.store import Corrections
from tests.browser import SECONDS
from tests.browser.servers import WAIT, Site, find_nginx, health
from tests.characters import picture, placed
from tests.conftest import POSTGRES
from tests.image import lay_out
from training.tools.browser import chromium, draw, open_app, wait_until_idle

LEFT = "499"  # nginx's status where the visitor did not wait for the answer


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty database."""
    name = f"scrawl_test_{uuid.uuid4().hex}"
    address = make_url(os.environ[POSTGRES]).set(drivername="postgresql+psycopg")
    server = create_engine(address, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@pytest.fixture(scope="module")
def site(needs_chromium, tmp_path_factory) -> Iterator[Site]:
    if not find_nginx():
        pytest.skip("needs nginx: install your system's package nginx")
    if POSTGRES not in os.environ:
        pytest.skip(f"needs a PostgreSQL server: set {POSTGRES} to its URL")
    image = lay_out(tmp_path_factory.mktemp("image"))
    with postgres() as database:
        site = Site(image, tmp_path_factory.mktemp("site"), database)
        try:
            site.start_nginx()
            for name in "ab":
                site.start(name)
            for name in "ab":
                site.wait_for(name)
            yield site
        finally:
            site.stop()


@pytest.fixture(scope="module")
def browser(site):
    with chromium() as page:
        yield page.context.browser


@contextlib.contextmanager
def visitor(browser, name: str) -> Iterator:
    """A page of a browser that has no cookies yet and signs its requests with this name."""
    context = browser.new_context(user_agent=name, viewport={"width": 1280, "height": 900})
    try:
        yield context.new_page()
    finally:
        context.close()


def process_of(page) -> str | None:
    """The process that nginx's cookie names."""
    return next((one["value"] for one in page.context.cookies() if one["name"] == "scrawl_process"), None)


def teach(page, character: str) -> None:
    """Write what is asked for next, as this character, until it is kept: a new canvas may come in between."""
    kept = tiles(page).count()
    for _ in range(3):
        page.locator(".st-key-canvas canvas.upper-canvas").wait_for(timeout=SECONDS)
        wait_until_idle(page)
        draw(page, placed(character))
        page.wait_for_timeout(1000)  # the canvas sends its drawing
        page.locator(".st-key-keep button").click()
        with contextlib.suppress(PlaywrightTimeout):
            tiles(page).nth(kept).wait_for(timeout=SECONDS / 3)
            return
    pytest.fail(f"a written {character} was not kept")


def tiles(page):
    return page.locator(".st-key-grid img")


def until(true: Callable[[], bool]) -> None:
    """Wait for something that no page shows."""
    deadline = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_both_run_as_the_user_of_the_image_who_need_not_change_it(site):
    if not site.image.user_prefix():
        pytest.skip("needs the right to become another user")
    for process in site.processes.values():
        assert Path(f"/proc/{process.pid}").stat().st_uid == site.image.user > 0
    assert site.image.folder.stat().st_uid != site.image.user


def test_they_share_the_visitors_and_each_visitor_stays_with_one(site, browser):
    chosen = []
    for number in range(2):
        name = f"visitor-{number}"
        with visitor(browser, name) as page:
            open_app(page, site.address)
            page.get_by_text("Digits", exact=True).click()
            draw(page, placed("7"))
            page.locator(".st-key-reading h1", has_text="7").wait_for(timeout=SECONDS)
            page.locator(".st-key-glyph img").wait_for(timeout=SECONDS)  # from the process's memory

            page.get_by_role("link", name="Photo").click()
            page.get_by_text("Digits", exact=True).click(timeout=SECONDS)
            file = io.BytesIO()
            Picture.fromarray(picture("3")).save(file, "PNG")
            page.locator("[data-testid=stFileUploader] input").set_input_files(
                {"name": "three.png", "mimeType": "image/png", "buffer": file.getvalue()}
            )
            page.locator(".st-key-downloads").wait_for(timeout=SECONDS)
            wait_until_idle(page)
            with page.expect_download(timeout=SECONDS) as download:
                page.locator(".st-key-downloads").get_by_text("CSV", exact=True).click()
            rows = list(csv.DictReader(download.value.path().read_text().splitlines()))
            assert [row["character"] for row in rows] == ["3"]
            chosen.append(process_of(page))
        until(lambda name=name: ("101", "/_stcore/stream") in [one[1:] for one in site.requests(name)])
        requests = site.requests(name)
        assert {process for process, _, _ in requests} == {chosen[-1]}
        assert not [one for one in requests if one[1] >= "400" and one[1] != LEFT]
        for path in ("/_stcore/bidi-components/", "/media/", "/_stcore/upload_file/"):
            assert [one for one in requests if one[2].startswith(path)], f"no request for {path}"
    assert set(chosen) == {"a", "b"}


def test_more_than_the_app_takes_is_refused_before_it_is_sent(site):
    connection = http.client.HTTPConnection(site.address.removeprefix("http://"), timeout=20)
    connection.putrequest("PUT", "/_stcore/upload_file/session/file")
    connection.putheader("Content-Length", str(21 * 2**20))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_the_other_takes_over_when_one_is_killed_and_nothing_kept_is_lost(site, browser):
    assert health(site.address) == (200, {"reader": "ok", "database": "ok"})
    with visitor(browser, "writer") as page:
        page.goto(f"{site.address}/handwriting")
        page.locator(".st-key-agree button").click(timeout=SECONDS)
        page.get_by_text("Digits", exact=True).first.click(timeout=SECONDS)
        page.locator(".st-key-wanted h1", has_text="0").wait_for(timeout=SECONDS)
        teach(page, "0")

        first = process_of(page)
        other = {"a": "b", "b": "a"}[first]
        with page.expect_websocket(timeout=SECONDS):  # the page connects again by itself
            site.kill(first)
        wait_until_idle(page)
        assert process_of(page) == other
        page.locator(".st-key-wanted h1", has_text="1").wait_for(timeout=SECONDS)
        tiles(page).first.wait_for(timeout=SECONDS)
        teach(page, "1")
        assert [health(site.address)[0] for _ in range(4)] == [200] * 4
        with visitor(browser, "newcomer") as second:
            open_app(second, site.address)
            assert process_of(second) == other

        site.start(first)
        site.wait_for(first)
        page.reload()
        tiles(page).nth(1).wait_for(timeout=SECONDS)
        assert process_of(page) == other  # where the session is
        hand = next(one["value"] for one in page.context.cookies() if one["name"] == "scrawl-hand")
    assert [one.label for one in Corrections(site.database).of(hand)] == ["0", "1"]
