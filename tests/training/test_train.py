import subprocess
import sys

import pytest

from recognizer.models.store import WEIGHTS
from training.tools.browser import ROOT

pytestmark = pytest.mark.slow


def run(*arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "training.train", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["cyrillic"], 2, "letters-27-56"),
    (["characters", "--data-dir", "{}"], 1, "could not be downloaded"),
    (["letters-27-56", "--data-dir", "{}"], 1, "--data-dir"),
    (["digits-mlp", "--mirrored", "--corrections", "mine.zip"], 2, "or --mirrored"),
])  # fmt: skip
def test_a_failing_training_says_why_and_leaves_the_weights_alone(
    arguments, code, message, monkeypatch, tmp_path
):
    before = {path: path.stat().st_mtime for path in WEIGHTS.iterdir()}
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # no server there
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    process = run(*(argument.format(tmp_path) for argument in arguments))
    assert process.returncode == code
    assert message in process.stderr
    assert "Traceback" not in process.stderr
    assert {path: path.stat().st_mtime for path in WEIGHTS.iterdir()} == before


def test_help_imports_no_engine():
    code = "import sys, training.train; print({'keras', 'tensorflow', 'torch'} & set(sys.modules))"
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert process.stdout.strip() == "set()"
    assert "--resume" in run("--help").stdout


def test_training_never_imports_the_wild_sets():
    imports = "import sys, training.engine.make, training.tools.promote"
    code = f"{imports}; print('training.data.wild' in sys.modules)"
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert process.stdout.strip() == "False"
