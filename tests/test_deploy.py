"""The files for servers: the contents of the image, its user, and that the files agree with each other."""

import re
import shlex
import subprocess
import tomllib

import pytest

from tests.image import ignored, instructions, lay_out, value_of
from training.tools.browser import ROOT

DEPLOY = ROOT / "deploy"


def test_the_image_holds_what_the_app_needs_and_nothing_else(tmp_path):
    lay_out(tmp_path)
    copied = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    for folder in ("pages", "recognizer", "weights"):
        needed = {path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".pyc"}
        assert {path.relative_to(ROOT).as_posix() for path in needed} <= copied
    tops = {path.split("/")[0] for path in copied}
    assert tops == {".streamlit", "pages", "recognizer", "static", "training", "weights", "web", "app.py",
                    "server.py", "packages.txt", "requirements.lock"}  # fmt: skip
    assert [path for path in copied if path.startswith(".streamlit/")] == [".streamlit/config.toml"]
    assert not [path for path in copied if "__pycache__" in path]


@pytest.mark.parametrize("path", [
    ".streamlit/secrets.toml", "data/corrections.sqlite", ".git/config", ".env", "deploy/compose.yaml",
    "tests/image.py", "training/notebooks/a_digit_reader.ipynb", "pages/__pycache__/draw.cpython-311.pyc",
    "static/site/index.html",
])  # fmt: skip
def test_secrets_and_development_files_stay_out_of_the_image(path):
    assert ignored(path)


def test_every_package_in_the_image_is_checked_by_hash():
    installs = [value for name, value in instructions() if name == "RUN" and "pip install" in value]
    assert len(installs) == 1
    assert "--require-hashes -r requirements.lock" in installs[0]


def test_the_image_runs_as_a_plain_user_and_checks_its_health():
    names = [name for name, _ in instructions()]
    assert int(value_of("USER")) > 0
    assert "RUN" not in names[names.index("USER") :]
    assert value_of("EXPOSE") in value_of("ENV")
    assert "/healthz" in value_of("HEALTHCHECK")
    check = re.search(r'python -c "(.*)"', value_of("HEALTHCHECK")).group(1)
    compile(check, "HEALTHCHECK", "exec")


def test_nginx_and_streamlit_have_the_same_upload_limit():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    limit = re.search(r"client_max_body_size (\d+)m;", (DEPLOY / "nginx.conf").read_text()).group(1)
    assert int(limit) == config["server"]["maxUploadSize"]


def test_compose_replaces_every_address_in_nginx_conf():
    replacement = re.search(r'sed "(.+?)"', (DEPLOY / "compose.yaml").read_text()).group(1)
    replaced = subprocess.run(
        ["sed", replacement, str(DEPLOY / "nginx.conf")], capture_output=True, text=True, check=True
    ).stdout
    servers = re.findall(r"^ +server (\S+?:\d+)", replaced, re.MULTILINE)
    assert sorted(servers) == 3 * ["app-a:8501"] + 3 * ["app-b:8502"]


def test_the_systemd_service_and_the_image_run_the_same_command():
    line = re.search(r"^ExecStart=(.+)$", (DEPLOY / "scrawl@.service").read_text(), re.MULTILINE).group(1)
    assert shlex.split(line)[1:3] == ["run", "server.py"]
    assert '"run", "server.py"' in value_of("CMD")
