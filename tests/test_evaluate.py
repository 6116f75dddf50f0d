import json

import numpy as np
import pytest

from recognizer.models import read_card
from training import evaluate
from training.evaluate import Figure, Test, measure, table


def test_no_figures_give_an_empty_table():
    assert table([], []).count("\n") == 2


@pytest.mark.parametrize(("said", "true", "right", "merged"), [
    ("7", "7", 1, 1), ("c", "C", 0, 1), ("O", "0", 0, 0), ("", "5", 0, 0),
])  # fmt: skip
def test_case_is_merged_and_zero_is_not_o(said, true, right, merged):
    test = Test("letters", "one", lambda data_dir, name: (np.array([said]), np.array([true])))
    assert measure(test, None) == Figure("letters", "one", right, merged, 1)


def test_the_table_shows_what_is_asked():
    test = Test("alphanumeric", "a set", None, 0.845, 0.895)
    row = table([test], [Figure("alphanumeric", "a set", 0.8512, 0.9034, 116_323)]).splitlines()[-1]
    assert row == "| `alphanumeric` | a set | 116,323 | 85.12% | 90.34% | 84.5%; 89.5% |"


def test_a_card_keeps_the_figures_of_its_model_alone(tmp_path, monkeypatch):
    (tmp_path / "digits.keras").write_bytes(b"weights")
    (tmp_path / "digits.json").write_text(json.dumps({"metrics": {}, "temperature": 1.2}))
    monkeypatch.setattr(evaluate, "WEIGHTS", tmp_path)
    monkeypatch.setattr(evaluate, "read_card", lambda name: read_card(name, tmp_path))
    evaluate.keep("digits", [Figure("digits", "x", 0.5, 0.5, 8), Figure("letters", "x", 0.25, 0.25, 4)])
    card = json.loads((tmp_path / "digits.json").read_text())
    assert card["metrics"] == {"x": {"right": 0.5, "case_merged": 0.5, "characters": 8}}
    assert card["temperature"] == 1.2
