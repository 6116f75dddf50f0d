"""The files for servers: what is in the image and as whom it runs, and that they agree with each other."""

import re
import shlex
import subprocess
import tomllib

import pytest

from tests.image import ignored, instructions, laid_out, only
from training.tools.browser import ROOT

DEPLOY = ROOT / "deploy"


def test_the_image_holds_what_the_app_needs_and_nothing_else(tmp_path):
    laid_out(tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    for folder in ("pages", "recognizer", "weights"):
        needed = {path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".pyc"}
        assert {path.relative_to(ROOT).as_posix() for path in needed} <= found
    tops = {path.split("/")[0] for path in found}
    assert tops == {".streamlit", "pages", "recognizer", "static", "training", "weights", "web", "app.py",
                    "server.py", "packages.txt", "requirements.txt"}  # fmt: skip
    assert [path for path in found if path.startswith(".streamlit/")] == [".streamlit/config.toml"]
    assert not [path for path in found if "__pycache__" in path]


@pytest.mark.parametrize("path", [
    ".streamlit/secrets.toml", "data/corrections.sqlite", ".git/config", ".env", "deploy/compose.yaml",
    "tests/image.py", "training/notebooks/a_digit_reader.ipynb", "pages/__pycache__/draw.cpython-311.pyc",
    "static/site/index.html",
])  # fmt: skip
def test_secrets_and_what_only_developers_need_stay_out(path):
    assert ignored(path)


def test_it_runs_as_nobody_special_and_looks_after_its_health():
    names = [name for name, _ in instructions()]
    assert int(only("USER")) > 0
    assert "RUN" not in names[names.index("USER") :]
    assert only("EXPOSE") in only("ENV")
    assert "/healthz" in only("HEALTHCHECK")
    check = re.search(r'python -c "(.*)"', only("HEALTHCHECK")).group(1)
    compile(check, "HEALTHCHECK", "exec")


def test_one_limit_for_uploads():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    limit = re.search(r"client_max_body_size (\d+)m;", (DEPLOY / "nginx.conf").read_text()).group(1)
    assert int(limit) == config["server"]["maxUploadSize"]


def test_compose_finds_the_addresses_to_replace():
    change = re.search(r'sed "(.+?)"', (DEPLOY / "compose.yaml").read_text()).group(1)
    changed = subprocess.run(
        ["sed", change, str(DEPLOY / "nginx.conf")], capture_output=True, text=True, check=True
    ).stdout
    servers = re.findall(r"^ +server (\S+?:\d+)", changed, re.MULTILINE)
    assert sorted(servers) == 3 * ["app-a:8501"] + 3 * ["app-b:8502"]


def test_the_service_runs_the_same_command():
    line = re.search(r"^ExecStart=(.+)$", (DEPLOY / "scrawl@.service").read_text(), re.MULTILINE).group(1)
    assert shlex.split(line)[1:3] == ["run", "server.py"]
    assert '"run", "server.py"' in only("CMD")
