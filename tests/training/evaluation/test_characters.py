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
    figure_of,
    figures_in_cards,
    table,
    with_tables,
    write_metrics,
    zoo_table,
)


def test_no_figures_give_an_empty_table():
    assert table([], []).count("\n") == 2


@pytest.mark.parametrize(("answer", "true", "right", "merged"), [
    ("7", "7", 1, 1), ("c", "C", 0, 1), ("O", "0", 0, 0), ("", "5", 0, 0),
])  # fmt: skip
def test_case_is_merged_and_zero_is_not_o(answer, true, right, merged):
    figure = figure_of(Trial("letters", "a set"), readings(answer, true))
    assert figure == Figure("letters", "a set", right, merged, 1)


def readings(answers: str, true: str) -> Readings:
    """Answers on characters, one letter each; " " stands for "not a character"."""
    labels = np.array([label.strip() for label in answers or " "])
    return Readings(labels, np.array(list(true)), np.linspace(0.9, 0.5, len(true)), np.arange(len(true)))


def test_details_count_every_character_and_list_the_most_confident_mistake_first():
    content = details(Trial("letters-27", "a set"), readings("ab ba", "aBbAA"), ("", "a", "b"))
    assert content["confusion"] == [[0, 0, 0], [0, 2, 1], [1, 0, 1]]
    assert content["mistakes"] == [
        {"row": 2, "true": "b", "said": "", "probability": 0.7},
        {"row": 3, "true": "A", "said": "b", "probability": 0.6},
    ]


def test_the_table_shows_the_targets():
    trial = Trial("alphanumeric", "a set", 0.845, 0.895)
    row = table([trial], [Figure("alphanumeric", "a set", 0.8512, 0.9034, 116_323)]).splitlines()[-1]
    assert row == "| `alphanumeric` | a set | 116,323 | 85.12% | 90.34% | 84.5%; 89.5% |"


def test_the_zoo_table_has_one_row_per_model():
    trials = [Trial("digits", "MNIST test", 0.995), *(Trial("digits", on) for on in WILD)]
    shares = zip(trials, (1, 0.5, 0.25), strict=True)
    figures = [Figure("digits", trial.on, right, right, 10) for trial, right in shares]
    size = f"{read_card('digits')['parameters']:,}"
    assert zoo_table(trials, figures).splitlines()[2:] == [
        f"| `digits` | {size} | MNIST test | 100.00% | 99.5% | 50.00% | 25.00% |"
    ]


def test_the_document_shows_the_figures_of_the_cards():
    text = characters.MEASURED.read_text()
    assert with_tables(text) == text, "run python -m training.evaluate"
    trials, _ = figures_in_cards()
    assert trials == list(TRIALS)


def test_the_error_for_an_unknown_model_lists_the_models():
    command = [sys.executable, "-m", "training.evaluate", "cyrillic"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 2
    assert "cyrillic" in run.stderr
    assert "letters-27" in run.stderr


def test_a_card_gets_the_figures_of_its_own_model(tmp_path, monkeypatch):
    figures = [Figure(name, "x", 0.5, 0.5, 8) for name in ("digits", "digits-mlp", "letters")]
    expected = {"x": {"right": 0.5, "case_merged": 0.5, "characters": 8}}
    for file in ("characters", "digits-mlp"):
        (tmp_path / f"{file}.keras").write_bytes(b"weights")
        (tmp_path / f"{file}.json").write_text(json.dumps(read_card(file)))
    monkeypatch.setattr(characters, "WEIGHTS", tmp_path)
    monkeypatch.setattr(characters, "read_card", lambda name: read_card(name, tmp_path))
    write_metrics("digits-mlp", figures)
    write_metrics("digits", figures)
    assert read_card("digits-mlp", tmp_path)["metrics"] == expected
    network = json.loads((tmp_path / "characters.json").read_text())
    assert network["views"]["digits"]["metrics"] == read_card("digits", tmp_path)["metrics"] == expected
    assert network["views"]["letters"] == read_card("characters")["views"]["letters"]
