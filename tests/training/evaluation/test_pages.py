import tomllib
from pathlib import Path

import pytest

from training.evaluation import pages
from training.evaluation.pages import PageFigure, edit_distance, from_name, table

ROUNDING = 0.002  # another processor rounds otherwise, and what was just right is just wrong
FEWER = 0.01  # of a fifth of the pictures, the share that is right differs from that of all


@pytest.mark.parametrize(("one", "other", "away"), [
    ("", "", 0), ("", "abc", 3), ("abc", "abc", 0), ("kitten", "sitting", 3), ("ab", "ba", 2),
])  # fmt: skip
def test_the_edit_distance_counts_what_must_change(one, other, away):
    assert edit_distance(one, other) == edit_distance(other, one) == away


@pytest.mark.parametrize(("lines", "name", "away"), [
    ([], "lea", 3), (["nomdupont"], "dupont", 0), (["prenomlea"], "lea", 0), (["renomlea"], "lea", 0),
    (["nom", "lea"], "lea", 0), (["norbert"], "norbert", 0), (["nomnorbert"], "norbert", 0),
    (["emma"], "lea", 3), (["lea", "xy"], "lea", 2),
])  # fmt: skip
def test_printed_labels_are_left_out_and_names_are_not(lines, name, away):
    assert from_name(lines, name) == away


def test_the_table_shows_what_was_reached_and_asked():
    lines = table([PageFigure("pages", "characters", 0.975, 0.97, 1234)]).splitlines()
    assert lines[-1] == "| pages | characters | 1,234 | 97.5% | 97% |"


def test_what_was_reached_on_pages_is_kept(data_dir):
    (right, _), whole = pages.repeated(data_dir), pages.transcript(data_dir)
    assert whole.reached >= whole.asked - ROUNDING
    assert right.reached >= right.asked - ROUNDING


def test_one_character_that_is_alone_on_its_picture_is_read_no_worse_than_the_floor(data_dir):
    floors = tomllib.loads((Path(__file__).parents[2] / "floors.toml").read_text(encoding="utf-8"))["alone"]
    digits, letters = pages.single(data_dir, every=5)
    assert digits.reached >= floors["digits"] - FEWER
    assert letters.reached >= floors["letters"] - FEWER


@pytest.mark.parametrize("measured", [pages.cheque_amounts, pages.form_names])
def test_what_is_asked_of_cheques_and_names_is_reached(measured, data_dir):
    figure = measured(data_dir)
    assert figure.reached >= figure.asked - ROUNDING
