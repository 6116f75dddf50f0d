import json
from itertools import pairwise
from pathlib import Path

import pytest

from pages import records
from recognizer.models.store import WEIGHTS, available_models, read_card
from recognizer.models.views import NETWORK, VIEWS
from training.data import test_sets
from training.recipes import MILESTONES, STUDIED


def test_the_overview_holds_what_the_cards_say_ours_first():
    rows = records.overview()
    assert sorted(row["model"] for row in rows) == available_models()
    assert {row["model"] for row in rows[:4]} == set(VIEWS)
    for row in rows:
        card = read_card(row["model"])
        assert row["parameters"] == card["parameters"]
        assert row["drawings"] == 100 * card["metrics"][records.FREE]["case_merged"]
        assert row["kilobytes"] * 1024 == weights_of(row["model"]).stat().st_size


def weights_of(name: str) -> Path:
    return WEIGHTS / f"{NETWORK if name in VIEWS else name}.keras"


@pytest.mark.parametrize(("name", "task"), [
    ("digits-mlp", "digits"), ("letters-27", "letters"), ("alphanumeric-62", "alphanumeric"),
])  # fmt: skip
def test_tasks(name, task):
    assert records.task(name) == task


@pytest.mark.parametrize("name", available_models())
def test_every_model_has_its_history_and_details(name):
    rows = records.curves(name)
    epochs = read_card(name)["hyperparameters"]["epochs"]
    assert [row["epoch"] for row in rows if row["part"] == "held out"] == list(range(1, epochs + 1))
    found = records.details(name)
    metric = read_card(name)["metrics"][found["test"]]
    assert sum(map(sum, found["confusion"])) == metric["characters"]
    diagonal = sum(line[index] for index, line in enumerate(found["confusion"]))
    key = "right" if "A" in found["classes"] or "0" in found["classes"] else "case_merged"
    assert diagonal / metric["characters"] == pytest.approx(metric[key], abs=1e-5)


@pytest.mark.parametrize("name", available_models())
def test_every_card_says_what_a_threshold_costs(name):
    rows = records.certainty(name)
    assert [row["sure"] for row in rows] == sorted({row["sure"] for row in rows})
    for row, surer in pairwise(rows):
        assert row["samples"] >= row["read"] >= surer["read"] >= surer["wrong"]
        assert row["read %"] == pytest.approx(100 * row["read"] / row["samples"])
        assert row["wrong %"] <= 100


def test_a_card_without_thresholds_gives_no_rows(tmp_path):
    (tmp_path / "new.keras").touch()
    card = {key: value for key, value in read_card("digits").items() if key != "risk"}
    (tmp_path / "new.json").write_text(json.dumps(card))
    assert records.certainty("new", tmp_path) == []


def test_five_networks_at_three_milestones():
    rows = records.milestones()
    assert [(row["network"], row["epochs"]) for row in rows] == [
        (name, epochs) for name in records.CURVES for epochs in MILESTONES
    ]
    for row in rows:
        curve = records.curves(row["network"], row["epochs"])
        assert len(curve) == 2 * row["epochs"]
        assert curve[-1]["accuracy"] == row["held out"]


def test_a_run_that_was_not_written_down_is_empty():
    assert records.curves("digits-mlp", 7) == []
    assert records.details("cyrillic") is None


def test_the_pages_and_the_training_name_the_same():
    assert (records.FREE, records.PHOTO) == (test_sets.FREE, test_sets.PHOTO)
    assert tuple(recipe.name for recipe in STUDIED) == records.CURVES
    assert records.MILESTONES == MILESTONES


def test_no_history_holds_a_picture():
    for folder in ("histories", "figures"):
        for path in (records.TRAINING / folder).iterdir():
            assert path.stat().st_size < 100_000
            json.loads(path.read_text())
