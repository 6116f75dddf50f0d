import subprocess
import sys

import pytest

from recognizer.models.store import WEIGHTS
from training.tools.browser import ROOT


def run(*arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "training.train", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["cyrillic"], 2, "letters-27-56"),
    (["characters", "--data-dir", "{}"], 1, "could not be had"),
    (["letters-27-56", "--data-dir", "{}"], 1, "--data-dir"),
    (["digits-mlp", "--mirrored", "--corrections", "mine.zip"], 2, "or --mirrored"),
])  # fmt: skip
def test_what_cannot_be_trained_says_so_and_leaves_weights_alone(
    arguments, code, message, monkeypatch, tmp_path
):
    before = {path: path.stat().st_mtime for path in WEIGHTS.iterdir()}
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # nobody answers there
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    ended = run(*(one.format(tmp_path) for one in arguments))
    assert ended.returncode == code
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr
    assert {path: path.stat().st_mtime for path in WEIGHTS.iterdir()} == before


def test_help_comes_without_loading_an_engine():
    code = "import sys, training.train; print({'keras', 'tensorflow', 'torch'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == "set()"
    assert "--resume" in run("--help").stdout


def test_training_never_reads_other_peoples_hands():
    imports = "import sys, training.engine.make, training.tools.promote"
    code = f"{imports}; print('training.data.wild' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == "False"
