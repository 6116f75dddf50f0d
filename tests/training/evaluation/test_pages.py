import tomllib
from pathlib import Path

import pytest

from training.evaluation import pages
from training.evaluation.pages import PageFigure, distance_to_name, edit_distance, table

ROUNDING = 0.002  # another processor rounds differently, which flips answers that were just right
SUBSET = 0.01  # the accuracy on a fifth of the pictures differs from that on all


@pytest.mark.parametrize(("a", "b", "distance"), [
    ("", "", 0), ("", "abc", 3), ("abc", "abc", 0), ("kitten", "sitting", 3), ("ab", "ba", 2),
])  # fmt: skip
def test_the_edit_distance_is_symmetric_and_minimal(a, b, distance):
    assert edit_distance(a, b) == edit_distance(b, a) == distance


@pytest.mark.parametrize(("lines", "name", "distance"), [
    ([], "lea", 3), (["nomdupont"], "dupont", 0), (["prenomlea"], "lea", 0), (["renomlea"], "lea", 0),
    (["nom", "lea"], "lea", 0), (["norbert"], "norbert", 0), (["nomnorbert"], "norbert", 0),
    (["emma"], "lea", 3), (["lea", "xy"], "lea", 2),
])  # fmt: skip
def test_field_labels_are_ignored_and_names_are_not(lines, name, distance):
    assert distance_to_name(lines, name) == distance


def test_the_table_shows_accuracies_and_targets():
    lines = table([PageFigure("pages", "characters", 0.975, 0.97, 1234)]).splitlines()
    assert lines[-1] == "| pages | characters | 1,234 | 97.5% | 97% |"


def test_pages_reach_their_targets(data_dir):
    (repeated, _), transcript = pages.repeated(data_dir), pages.transcript(data_dir)
    assert transcript.accuracy >= transcript.target - ROUNDING
    assert repeated.accuracy >= repeated.target - ROUNDING


def test_pictures_of_a_single_character_are_read_no_worse_than_the_floor(data_dir):
    floors = tomllib.loads((Path(__file__).parents[2] / "floors.toml").read_text(encoding="utf-8"))["alone"]
    digits, letters = pages.single(data_dir, every=5)
    assert digits.accuracy >= floors["digits"] - SUBSET
    assert letters.accuracy >= floors["letters"] - SUBSET


@pytest.mark.parametrize("measure", [pages.cheque_amounts, pages.form_names])
def test_cheques_and_names_reach_their_targets(measure, data_dir):
    figure = measure(data_dir)
    assert figure.accuracy >= figure.target - ROUNDING
