import json
import subprocess
import sys

import pytest

from recognizer.models.store import read_card
from training.evaluation.characters import ROOT, Figure
from training.reproduce import NOISE, report, seed_noise, verdict

NOISE_OF_ONE = {
    "digits-mlp": {"MNIST test": {"deviation": 0.002}, "wild/photo_characters": {"deviation": 0.01}}
}


@pytest.mark.parametrize(("again", "expected", "moved"), [
    (0.98, 0.002, False), (0.976, 0.002, False), (0.974, 0.002, True), (0.986, 0.002, True),
])  # fmt: skip
def test_a_figure_moves_when_it_is_farther_than_seeds_are(again, expected, moved):
    shipped = {"MNIST test": {"case_merged": 0.98}}
    figure = Figure("digits-mlp", "MNIST test", again, again, 10_000)
    found = verdict(figure, shipped, NOISE_OF_ONE)
    assert found[0] == pytest.approx(again - 0.98)
    assert found[1] == pytest.approx(expected)
    assert found[2] is moved


def test_a_small_set_moves_by_chance_alone():
    shipped = {"elsewhere": {"case_merged": 0.9}}
    _, expected, moved = verdict(Figure("digits-mlp", "elsewhere", 0.84, 0.84, 100), shipped, NOISE_OF_ONE)
    assert expected == pytest.approx(0.03)
    assert not moved


def test_the_report_marks_what_moved():
    on, noted = next(iter(read_card("digits")["metrics"].items()))
    same = Figure("digits", on, 0.0, noted["case_merged"], 10_000)
    worse = Figure("digits", on, 0.0, noted["case_merged"] - 0.05, 10_000)
    lines = report([same, worse], NOISE_OF_ONE).splitlines()[2:]
    assert lines[0].endswith("|  |")
    assert lines[1].endswith("| moved |")


def test_noise_is_the_deviation_over_the_seeds_of_a_folder(tmp_path):
    for seed, right in enumerate([0.98, 0.99, 1.0], start=1):
        (tmp_path / f"seed-{seed}").mkdir()
        figure = {"model": "digits", "on": "a set", "right": 0.5, "merged": right, "characters": 10}
        (tmp_path / f"seed-{seed}" / "characters-figures.json").write_text(json.dumps([figure]))
    assert seed_noise(tmp_path) == {"digits": {"a set": {"mean": 0.99, "deviation": 0.01, "seeds": 3}}}
    assert seed_noise(tmp_path / "nowhere") == {}


def test_the_noise_that_is_kept_was_measured():
    noise = json.loads(NOISE.read_text())
    assert {"digits-mlp", "digits-compact"} <= set(noise)
    for by_set in noise.values():
        assert all(0 < one["deviation"] < 0.05 and one["seeds"] >= 3 for one in by_set.values())


def test_a_wrong_name_lists_the_right_ones():
    command = [sys.executable, "-m", "training.reproduce", "cyrillic"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 2
    assert "letters-27-56" in run.stderr
