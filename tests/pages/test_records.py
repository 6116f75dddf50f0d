import json
from itertools import pairwise
from pathlib import Path

import pytest

from pages import records
from recognizer.models.store import WEIGHTS, available_models, read_card
from recognizer.models.views import NETWORK, VIEWS
from training.data import test_sets
from training.recipes import MILESTONES, STUDIED


def test_overview_shows_the_cards_figures_own_models_first():
    rows = records.overview()
    assert sorted(row["model"] for row in rows) == available_models()
    assert {row["model"] for row in rows[:4]} == set(VIEWS)
    for row in rows:
        card = read_card(row["model"])
        assert row["parameters"] == card["parameters"]
        assert row["drawings"] == 100 * card["metrics"][records.DRAWN_TEST]["case_merged"]
        assert row["kilobytes"] * 1024 == weights_of(row["model"]).stat().st_size


def weights_of(name: str) -> Path:
    return WEIGHTS / f"{NETWORK if name in VIEWS else name}.keras"


@pytest.mark.parametrize(("name", "task"), [
    ("digits-mlp", "digits"), ("letters-27", "letters"), ("alphanumeric-62", "alphanumeric"),
])  # fmt: skip
def test_task_follows_from_the_classes(name, task):
    assert records.task(name) == task


@pytest.mark.parametrize("name", available_models())
def test_every_model_has_its_history_and_details(name):
    rows = records.curves(name)
    epochs = read_card(name)["hyperparameters"]["epochs"]
    assert [row["epoch"] for row in rows if row["part"] == "held out"] == list(range(1, epochs + 1))
    details = records.details(name)
    metric = read_card(name)["metrics"][details["test"]]
    assert sum(map(sum, details["confusion"])) == metric["characters"]
    correct = sum(row[index] for index, row in enumerate(details["confusion"]))
    key = "right" if "A" in details["classes"] or "0" in details["classes"] else "case_merged"
    assert correct / metric["characters"] == pytest.approx(metric[key], abs=1e-5)


@pytest.mark.parametrize("name", available_models())
def test_every_card_counts_read_and_wrong_samples_for_each_threshold(name):
    rows = records.certainty(name)
    assert [row["sure"] for row in rows] == sorted({row["sure"] for row in rows})
    for row, surer in pairwise(rows):
        assert row["samples"] >= row["read"] >= surer["read"] >= surer["wrong"]
        assert row["read %"] == pytest.approx(100 * row["read"] / row["samples"])
        assert row["wrong %"] <= 100


def test_card_without_thresholds_gives_no_rows(tmp_path):
    (tmp_path / "new.keras").touch()
    card = {key: value for key, value in read_card("digits").items() if key != "risk"}
    (tmp_path / "new.json").write_text(json.dumps(card))
    assert records.certainty("new", tmp_path) == []


def test_milestones_have_every_studied_network_at_every_number_of_epochs():
    rows = records.milestones()
    assert [(row["network"], row["epochs"]) for row in rows] == [
        (name, epochs) for name in records.STUDIED for epochs in MILESTONES
    ]
    for row in rows:
        curve = records.curves(row["network"], row["epochs"])
        assert len(curve) == 2 * row["epochs"]
        assert curve[-1]["accuracy"] == row["held out"]


def test_run_without_a_record_is_empty():
    assert records.curves("digits-mlp", 7) == []
    assert records.details("cyrillic") is None


def test_pages_and_training_use_the_same_names():
    assert (records.DRAWN_TEST, records.PHOTO_TEST) == (test_sets.STROKES62_DRAWN, test_sets.PHOTO)
    assert tuple(recipe.name for recipe in STUDIED) == records.STUDIED
    assert records.MILESTONES == MILESTONES


def test_records_are_small_json_files():
    for folder in ("histories", "figures"):
        for path in (records.TRAINING / folder).iterdir():
            assert path.stat().st_size < 100_000
            json.loads(path.read_text())
