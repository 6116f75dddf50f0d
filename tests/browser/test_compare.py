"""The Compare page in a real Chromium."""

import csv

import pytest

from recognizer import available_models
from tests.browser import SECONDS
from training.tools.browser import chromium, serve


@pytest.fixture(scope="module")
def page(needs_chromium):
    with serve() as address, chromium(viewport={"width": 1280, "height": 900}) as page:
        page.goto(f"{address.rstrip('/')}/compare")  # its own address, on a server that nobody visited yet
        page.locator(".st-key-compare-table canvas").first.wait_for(timeout=SECONDS)
        yield page


def test_its_own_address_leads_to_it_with_the_apps_navigation(page):
    page.get_by_role("link", name="Draw").wait_for(timeout=SECONDS)
    assert page.get_by_role("link", name="common").count() == 0  # Streamlit's older navigation lists files


def test_charts_are_drawn(page):
    page.locator("[data-testid=stVegaLiteChart] svg").nth(2).wait_for(timeout=SECONDS)
    assert page.locator("[data-testid=stException]").count() == 0


def test_the_table_comes_as_csv(page, tmp_path):
    with page.expect_download() as download:
        page.get_by_text("Download as CSV").click()
    download.value.save_as(tmp_path / "models.csv")
    with (tmp_path / "models.csv").open() as file:
        assert sorted(row["model"] for row in csv.DictReader(file)) == available_models()
