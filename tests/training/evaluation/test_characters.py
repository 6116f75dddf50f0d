import json
import subprocess
import sys

import numpy as np
import pytest

from recognizer.models.store import read_card
from training.data.test_sets import TRIALS, WILD, Trial
from training.evaluation import characters
from training.evaluation.characters import (
    ROOT,
    Figure,
    Readings,
    details,
    figure,
    noted,
    put,
    table,
    with_tables,
    zoo_table,
)


def test_no_figures_give_an_empty_table():
    assert table([], []).count("\n") == 2


@pytest.mark.parametrize(("said", "true", "right", "merged"), [
    ("7", "7", 1, 1), ("c", "C", 0, 1), ("O", "0", 0, 0), ("", "5", 0, 0),
])  # fmt: skip
def test_case_is_merged_and_zero_is_not_o(said, true, right, merged):
    assert figure(Trial("letters", "one"), readings(said, true)) == Figure("letters", "one", right, merged, 1)


def readings(said: str, true: str) -> Readings:
    """What was said of each of the characters of `true`; " " stands for no character."""
    labels = np.array([label.strip() for label in said or " "])
    return Readings(labels, np.array(list(true)), np.linspace(0.9, 0.5, len(true)), np.arange(len(true)))


def test_details_count_every_character_and_begin_with_the_surest_mistake():
    found = details(Trial("letters-27", "a set"), readings("ab ba", "aBbAA"), ("", "a", "b"))
    assert found["confusion"] == [[0, 0, 0], [0, 2, 1], [1, 0, 1]]
    assert found["mistakes"] == [
        {"row": 2, "true": "b", "said": "", "probability": 0.7},
        {"row": 3, "true": "A", "said": "b", "probability": 0.6},
    ]


def test_the_table_shows_what_is_asked():
    test = Trial("alphanumeric", "a set", 0.845, 0.895)
    row = table([test], [Figure("alphanumeric", "a set", 0.8512, 0.9034, 116_323)]).splitlines()[-1]
    assert row == "| `alphanumeric` | a set | 116,323 | 85.12% | 90.34% | 84.5%; 89.5% |"


def test_the_zoo_has_one_line_a_model():
    trials = [Trial("digits", "MNIST test", 0.995), *(Trial("digits", on) for on in WILD)]
    shares = zip(trials, (1, 0.5, 0.25), strict=True)
    figures = [Figure("digits", trial.on, right, right, 10) for trial, right in shares]
    size = f"{read_card('digits')['parameters']:,}"
    assert zoo_table(trials, figures).splitlines()[2:] == [
        f"| `digits` | {size} | MNIST test | 100.00% | 99.5% | 50.00% | 25.00% |"
    ]


def test_a_table_takes_the_place_of_the_one_before():
    text = "a\n<!-- zoo -->\nold\n<!-- end of zoo -->\nb"
    assert put(text, "zoo", "new\n") == "a\n<!-- zoo -->\nnew\n<!-- end of zoo -->\nb"


def test_the_readme_says_what_the_cards_say():
    text = characters.MEASURED.read_text()
    assert with_tables(text) == text, "run python -m training.evaluate"
    trials, _ = noted()
    assert trials == list(TRIALS)


def test_a_model_without_a_test_is_refused_with_a_list():
    command = [sys.executable, "-m", "training.evaluate", "cyrillic"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 2
    assert "cyrillic" in run.stderr
    assert "letters-27" in run.stderr


def test_a_card_keeps_the_figures_of_its_model_alone(tmp_path, monkeypatch):
    figures = [Figure(name, "x", 0.5, 0.5, 8) for name in ("digits", "digits-mlp", "letters")]
    wanted = {"x": {"right": 0.5, "case_merged": 0.5, "characters": 8}}
    for file in ("characters", "digits-mlp"):
        (tmp_path / f"{file}.keras").write_bytes(b"weights")
        (tmp_path / f"{file}.json").write_text(json.dumps(read_card(file)))
    monkeypatch.setattr(characters, "WEIGHTS", tmp_path)
    monkeypatch.setattr(characters, "read_card", lambda name: read_card(name, tmp_path))
    characters.keep("digits-mlp", figures)
    characters.keep("digits", figures)
    assert read_card("digits-mlp", tmp_path)["metrics"] == wanted
    network = json.loads((tmp_path / "characters.json").read_text())
    assert network["views"]["digits"]["metrics"] == read_card("digits", tmp_path)["metrics"] == wanted
    assert network["views"]["letters"] == read_card("characters")["views"]["letters"]
