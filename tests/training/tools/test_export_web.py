"""The site that is built: what it holds, from where, and what is refused."""

import base64
import contextlib
import dataclasses
import gzip
import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from recognizer.models.store import load_model, read_card
from recognizer.models.stroke_model import path
from recognizer.models.views import VIEWS
from recognizer.preprocessing.normalize import glyph
from tests.characters import STROKES, picture
from tests.site import site  # noqa: F401
from training.evaluation.web import served
from training.tools.export_web import (
    FILES,
    FIRST,
    MEGABYTE,
    PAGE,
    READERS,
    REGISTRY_VARIABLES,
    ExportError,
    Package,
    export,
    first_visit,
    main,
)


def sizes(folder: Path) -> dict[str, int]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def test_everything_that_the_page_names_is_there(site):  # noqa: F811
    named = re.findall(r'(?:src|href)="(?!data:)([^"]+)"', (site / "index.html").read_text())
    assert named
    assert all((site / name).is_file() for name in named)
    for module in site.rglob("*.js"):
        for name in re.findall(r'^(?:import|export)\b.* from "([^"]+)"', module.read_text(), re.MULTILINE):
            assert name.startswith("./"), f"{module.name} imports {name}: a browser finds only files"
            assert (module.parent / name).is_file()
    kept = json.loads(re.search(r"PAGE = (\[.*\]);", (site / "sw.js").read_text()).group(1))
    assert "index.html" in kept
    assert all((site / name).exists() for name in kept)
    assert "@" not in re.search(r'CACHE = "(.*?)"', (site / "files.js").read_text()).group(1)


def test_the_page_asks_no_other_host():
    for source in PAGE.glob("*.*"):
        if source.suffix in (".html", ".css", ".js"):
            assert not re.search(r"https?://|//[a-z]+\.", source.read_text()), source.name
    policy = re.search('Content-Security-Policy" content="(.*?)"', (PAGE / "index.html").read_text()).group(1)
    assert policy.startswith("default-src 'none'")
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in policy


def test_the_runtime_comes_with_its_licence(site):  # noqa: F811
    licence = (site / "runtime" / "LICENSE.txt").read_text()
    assert "Apache License" in licence
    assert "Version 2.0" in licence


WAYS = [list(map(np.array, strokes)) for strokes in STROKES.values()]


@pytest.mark.parametrize("name", ["characters", "alphanumeric-62"])
def test_a_first_visit_is_small(site, name):  # noqa: F811
    assert first_visit(sizes(site), name) < 6 * MEGABYTE
    assert first_visit(sizes(site), name) > 3 * MEGABYTE  # the runtime alone is 2.8


def test_the_page_chooses_the_model_that_is_counted():
    checked = re.findall(r'name="model" value="(\S+)" checked', (PAGE / "index.html").read_text())
    assert [FIRST for name in checked if name in VIEWS] == ["characters"]
    offered = re.findall(r'name="model" value="(\S+)"', (PAGE / "index.html").read_text())
    assert set(READERS) - set(offered) == {"anything"}  # who reads a lone character for alphanumeric


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated")
@pytest.mark.parametrize("name", FILES)
def test_a_model_is_the_one_of_the_library(site, name):  # noqa: F811
    import tensorflow as tf

    card = json.loads((site / "models" / f"{name}.json").read_text())
    original = read_card(name)
    said = {key: value for key, value in card.items() if key not in ("name", "views")}
    assert {key: original[key] for key in said} == said
    for view, own in card.get("views", {}).items():
        assert own["classes"] == read_card(view)["classes"]
        assert own["refuse"] == read_card(view)["refuse"]
        assert np.shape(own["weights"]) == (len(card["classes"]), len(own["classes"]))
    content = gzip.decompress((site / "models" / f"{name}.tflite.gz").read_bytes())
    interpreter = tf.lite.Interpreter(model_content=content)
    interpreter.allocate_tensors()
    (asked,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    inputs = (
        np.stack([path(strokes) for strokes in WAYS]) if name == "strokes" else _glyphs(original["recipe"])
    )
    for one, expected in zip(inputs, load_model(name).logits(inputs), strict=True):
        interpreter.set_tensor(asked["index"], one[None, ..., None])
        interpreter.invoke()
        np.testing.assert_allclose(interpreter.get_tensor(given["index"])[0], expected, atol=0.03)  # 16 bits


def _glyphs(recipe: str) -> np.ndarray:
    pictures = [picture(label).astype(np.float32) / 255 for label in STROKES]
    return np.stack([glyph(1 - one, recipe) for one in pictures])


@contextlib.contextmanager
def registry(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """A registry that has one small package."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        entry = tarfile.TarInfo("package/run.js")
        entry.size = 3
        tar.addfile(entry, io.BytesIO(b"run"))
    path = folder / "@scrawl" / "run" / "-" / "run-1.0.0.tgz"
    path.parent.mkdir(parents=True)
    path.write_bytes(archive.getvalue())
    integrity = base64.b64encode(hashlib.sha512(archive.getvalue()).digest()).decode()
    for name in REGISTRY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with served(folder) as host:
        monkeypatch.setenv(REGISTRY_VARIABLES[1], host.address)
        yield Package("@scrawl/run", "1.0.0", integrity, {"run.js": "run.js"})


def test_a_runtime_that_is_not_the_published_one_is_refused(tmp_path, monkeypatch):
    with registry(tmp_path / "registry", monkeypatch) as package:
        wrong = dataclasses.replace(package, integrity="A" * 86 + "==")
        with pytest.raises(ExportError, match="not what was published"):
            export(tmp_path / "site", (wrong,))
        assert not (tmp_path / "site").exists()


def test_an_older_site_is_replaced_by_one_with_what_the_registry_has(tmp_path, monkeypatch):
    out = tmp_path / "site"
    out.mkdir()
    (out / "sw.js").write_text("old")
    (out / "old.js").write_text("old")
    with registry(tmp_path / "registry", monkeypatch) as package:
        found = export(out, (package,))
    assert found == sizes(out)
    assert (out / "runtime" / "run.js").read_text() == "run"
    assert not (out / "old.js").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["registry", "site"]


def test_without_a_network_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(REGISTRY_VARIABLES[0], "http://127.0.0.1:9")
    with pytest.raises(SystemExit) as ended:
        main(["--out", str(tmp_path / "site")])
    assert ended.value.code == 1
    assert "connect to a network" in capsys.readouterr().err


def test_a_folder_of_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years")
    with pytest.raises(ExportError, match="a folder of its own"):
        export(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
