"""The Compare page, run without a browser."""

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages import records
from recognizer import available_models
from training.tools.browser import ROOT

SECONDS = 120  # the speed button loads every model


@pytest.fixture
def page() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    return app.run().switch_page("pages/compare.py").run()


def test_table_shows_every_model_with_its_figures(page):
    assert not page.exception
    rows = page.dataframe[0].value
    assert sorted(rows["model"]) == available_models()
    pd.testing.assert_frame_equal(rows, pd.DataFrame(records.overview()), check_dtype=False)


def test_speed_button_measures_every_model(page):
    next(button for button in page.button if "speed" in button.label).click().run()
    assert not page.exception
    assert page.dataframe[0].value["milliseconds"].between(0.1, 1000).all()


@pytest.mark.parametrize("name", ["digits-lenet5", "letters-27", "alphanumeric-62"])
def test_mistakes_of_any_model_are_shown(page, name):
    page.selectbox(key="mistakes-of").set_value(name).run()
    assert not page.exception
    assert sum(" read as " in element.value for element in page.markdown) == len(
        records.details(name)["mistakes"]
    )


def certainty_of_no_models() -> None:
    from pages import certainty

    certainty.section([])


def test_certainty_without_measured_models_says_so():
    app = AppTest.from_function(certainty_of_no_models).run()
    assert not app.exception
    assert "Not measured" in app.info[0].value


@pytest.mark.parametrize("name", ["digits", "letters-27", "alphanumeric-62"])
def test_accepted_and_wrong_answers_are_counted_for_each_threshold(page, name):
    page.selectbox(key="sure-of").set_value(name).run()
    rows = records.certainty(name)
    for row in (rows[0], rows[60], rows[-1]):
        page.select_slider(key="sure").set_value(row["sure"]).run()
        assert not page.exception
        accepted, wrong = page.metric
        assert (accepted.label, accepted.value) == ("Accepted", f"{row['read']:,} of {row['samples']:,}")
        assert (wrong.label, wrong.value) == ("Wrong among these", f"{row['wrong']:,} of {row['read']:,}")


@pytest.mark.parametrize("name", ["digits-resnet", "digits-compact", "letters"])
def test_learning_curves_of_any_model_are_shown(page, name):
    page.selectbox(key="curves-of").set_value(name).run()
    assert not page.exception
