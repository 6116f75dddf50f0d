import json
import subprocess
import sys

import pytest

from recognizer.models.store import read_card
from training.evaluation.characters import ROOT, Figure
from training.reproduce import NOISE, compare, report, seed_noise

SEED_NOISE = {
    "digits-mlp": {"MNIST test": {"deviation": 0.002}, "wild/photo_characters": {"deviation": 0.01}}
}


@pytest.mark.parametrize(("reproduced", "expected", "moved"), [
    (0.98, 0.002, False), (0.976, 0.002, False), (0.974, 0.002, True), (0.986, 0.002, True),
])  # fmt: skip
def test_a_figure_has_moved_if_it_differs_by_more_than_seeds_do(reproduced, expected, moved):
    shipped = {"MNIST test": {"case_merged": 0.98}}
    figure = Figure("digits-mlp", "MNIST test", reproduced, reproduced, 10_000)
    difference, noise, has_moved = compare(figure, shipped, SEED_NOISE)
    assert difference == pytest.approx(reproduced - 0.98)
    assert noise == pytest.approx(expected)
    assert has_moved is moved


def test_on_a_small_set_a_large_difference_is_chance():
    shipped = {"elsewhere": {"case_merged": 0.9}}
    _, expected, moved = compare(Figure("digits-mlp", "elsewhere", 0.84, 0.84, 100), shipped, SEED_NOISE)
    assert expected == pytest.approx(0.03)
    assert not moved


def test_the_report_marks_figures_that_moved():
    on, metrics = next(iter(read_card("digits")["metrics"].items()))
    same = Figure("digits", on, 0.0, metrics["case_merged"], 10_000)
    worse = Figure("digits", on, 0.0, metrics["case_merged"] - 0.05, 10_000)
    lines = report([same, worse], SEED_NOISE).splitlines()[2:]
    assert lines[0].endswith("|  |")
    assert lines[1].endswith("| moved |")


def test_noise_is_the_standard_deviation_over_the_seeds_in_a_folder(tmp_path):
    for seed, right in enumerate([0.98, 0.99, 1.0], start=1):
        (tmp_path / f"seed-{seed}").mkdir()
        figure = {"model": "digits", "on": "a set", "right": 0.5, "merged": right, "characters": 10}
        (tmp_path / f"seed-{seed}" / "characters-figures.json").write_text(json.dumps([figure]))
    assert seed_noise(tmp_path) == {"digits": {"a set": {"mean": 0.99, "deviation": 0.01, "seeds": 3}}}
    assert seed_noise(tmp_path / "nowhere") == {}


def test_the_noise_file_has_at_least_three_seeds_of_each_figure():
    noise = json.loads(NOISE.read_text())
    assert {"digits-mlp", "digits-compact"} <= set(noise)
    for by_set in noise.values():
        assert all(0 < spread["deviation"] < 0.05 and spread["seeds"] >= 3 for spread in by_set.values())


def test_the_error_for_an_unknown_name_lists_the_recipes():
    command = [sys.executable, "-m", "training.reproduce", "cyrillic"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 2
    assert "letters-27-56" in run.stderr
