"""Instant mode on the Draw page, run without a browser; tests/browser/test_web.py draws in it."""

import pytest
from streamlit.testing.v1 import AppTest

from pages import instant
from training.tools.browser import ROOT

SECONDS = 60  # the first run in a process loads TensorFlow


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS).run()


def test_server_reads_by_default(app):
    assert not app.toggle(key="instant").value
    assert "Draw a digit or a letter" in app.info[0].value


def test_message_names_the_command_if_the_page_is_not_built(app, monkeypatch, tmp_path):
    monkeypatch.setattr(instant, "SITE", tmp_path)
    app.toggle(key="instant").set_value(True).run()
    assert not app.exception
    assert "python -m training.tools.export_web" in app.info[0].value
    app.toggle(key="instant").set_value(False).run()
    assert "Draw a digit or a letter" in app.info[0].value


def test_built_page_replaces_the_canvas(app, monkeypatch, tmp_path):
    (tmp_path / "embed.js").touch()
    monkeypatch.setattr(instant, "SITE", tmp_path)
    app.toggle(key="instant").set_value(True).run()
    assert not app.exception
    assert not app.info
    assert [one.type for one in app.get("bidi_component")] == ["bidi_component"]
