import numpy as np
import pytest

from recognizer.decoding.language_model import EDGE, LETTERS, TRIGRAMS_PATH
from training.tools import trigrams

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("word", "expected"), [("Größe", "grosse"), ("ÉLÈVE", "eleve"), ("Øre", "ore"), ("Łódź", "lodz")]
)
def test_accents_are_removed(word, expected):
    assert trigrams.plain(word) == expected


def test_words_come_from_languages_in_latin_letters():
    assert trigrams.words("ja") == {}
    english = trigrams.words("en")
    assert english["the"] > english["house"] > english["zebra"]


def test_names_are_first_and_last_names_in_latin_letters():
    french = trigrams.names("fr_FR")
    assert {"martin", "jean", "dupont"} <= set(french)
    assert trigrams.names("ja_JP") == {}


def test_every_list_has_the_same_weight():
    counts = trigrams.count([{"ab": 1.0, "ac": 1.0}, {"ab": 100.0}])
    a, b, c = (LETTERS.index(letter) for letter in "abc")
    assert counts[EDGE, EDGE, a] == 2
    assert counts[EDGE, a, b] == 1.5
    assert counts[EDGE, a, c] == 0.5
    assert counts[a, b, EDGE] == 1.5


def test_a_trigram_that_was_never_seen_is_unlikely_but_possible():
    counts = trigrams.count([{"ab": 1.0}])
    table = trigrams.smooth(counts)
    a, b, z = (LETTERS.index(letter) for letter in "abz")
    np.testing.assert_allclose(table.sum(axis=2), 1)
    assert table[EDGE, a, b] > 0.9
    assert 0 < table[EDGE, a, z] < 1e-3


def test_the_shipped_table_is_what_the_command_makes(tmp_path):
    trigrams.make(tmp_path / TRIGRAMS_PATH.name)
    made, shipped = (np.load(path) for path in (tmp_path / TRIGRAMS_PATH.name, TRIGRAMS_PATH))
    np.testing.assert_allclose(made, shipped, rtol=1e-6)
