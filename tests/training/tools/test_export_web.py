"""The exported site: its files, their origin, and what the export refuses."""

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
from recognizer.models.stroke_model import pen_path
from recognizer.models.views import VIEWS
from recognizer.preprocessing.normalize import glyph
from tests.characters import STROKES, picture
from tests.site import site  # noqa: F401
from training.evaluation.web import served
from training.tools.export_web import (
    DEFAULT_NETWORK,
    MEGABYTE,
    NETWORKS,
    PAGE,
    READERS,
    REGISTRY_VARIABLES,
    ExportError,
    Package,
    export,
    first_visit,
    main,
)

pytestmark = pytest.mark.slow


def sizes(folder: Path) -> dict[str, int]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def test_every_file_that_the_page_names_exists(site):  # noqa: F811
    names = re.findall(r'(?:src|href)="(?!data:)([^"]+)"', (site / "index.html").read_text())
    assert names
    assert all((site / name).is_file() for name in names)
    for module in site.rglob("*.js"):
        for name in re.findall(r'^(?:import|export)\b.* from "([^"]+)"', module.read_text(), re.MULTILINE):
            assert name.startswith("./"), f"{module.name} imports {name}: a browser can import only files"
            assert (module.parent / name).is_file()
    cached = json.loads(re.search(r"PAGE = (\[.*\]);", (site / "sw.js").read_text()).group(1))
    assert "index.html" in cached
    assert all((site / name).exists() for name in cached)
    assert "@" not in re.search(r'CACHE = "(.*?)"', (site / "files.js").read_text()).group(1)


def test_the_page_contacts_no_other_host():
    for source in PAGE.glob("*.*"):
        if source.suffix in (".html", ".css", ".js"):
            assert not re.search(r"https?://|//[a-z]+\.", source.read_text()), source.name
    policy = re.search('Content-Security-Policy" content="(.*?)"', (PAGE / "index.html").read_text()).group(1)
    assert policy.startswith("default-src 'none'")
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in policy


def test_the_runtime_has_its_licence(site):  # noqa: F811
    licence = (site / "runtime" / "LICENSE.txt").read_text()
    assert "Apache License" in licence
    assert "Version 2.0" in licence


DRAWINGS = [list(map(np.array, strokes)) for strokes in STROKES.values()]


@pytest.mark.parametrize("name", ["characters", "alphanumeric-62"])
def test_a_first_visit_downloads_less_than_6_megabytes(site, name):  # noqa: F811
    assert first_visit(sizes(site), name) < 6 * MEGABYTE
    assert first_visit(sizes(site), name) > 3 * MEGABYTE  # the runtime alone has 2.8


def test_the_page_preselects_the_model_whose_download_is_counted():
    checked = re.findall(r'name="model" value="(\S+)" checked', (PAGE / "index.html").read_text())
    assert [DEFAULT_NETWORK for name in checked if name in VIEWS] == ["characters"]
    offered = re.findall(r'name="model" value="(\S+)"', (PAGE / "index.html").read_text())
    assert set(READERS) - set(offered) == {"anything"}  # used for single characters where "Both" is selected


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated")
@pytest.mark.parametrize("name", NETWORKS)
def test_an_exported_network_computes_what_the_library_does(site, name):  # noqa: F811
    import tensorflow as tf

    card = json.loads((site / "models" / f"{name}.json").read_text())
    original = read_card(name)
    shared = {key: value for key, value in card.items() if key not in ("name", "views")}
    assert {key: original[key] for key in shared} == shared
    for view, entries in card.get("views", {}).items():
        assert entries["classes"] == read_card(view)["classes"]
        assert entries["refuse"] == read_card(view)["refuse"]
        assert np.shape(entries["weights"]) == (len(card["classes"]), len(entries["classes"]))
    content = gzip.decompress((site / "models" / f"{name}.tflite.gz").read_bytes())
    interpreter = tf.lite.Interpreter(model_content=content)
    interpreter.allocate_tensors()
    (input_details,), (output_details,) = interpreter.get_input_details(), interpreter.get_output_details()
    inputs = (
        np.stack([pen_path(strokes) for strokes in DRAWINGS])
        if name == "strokes"
        else _glyphs(original["recipe"])
    )
    for sample, expected in zip(inputs, load_model(name).logits(inputs), strict=True):
        interpreter.set_tensor(input_details["index"], sample[None, ..., None])
        interpreter.invoke()
        logits = interpreter.get_tensor(output_details["index"])[0]
        np.testing.assert_allclose(logits, expected, atol=0.03)  # float16 weights


def _glyphs(recipe: str) -> np.ndarray:
    pictures = [picture(label).astype(np.float32) / 255 for label in STROKES]
    return np.stack([glyph(1 - image, recipe) for image in pictures])


@contextlib.contextmanager
def registry(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """A registry on this machine with one small package."""
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


def test_a_runtime_with_another_hash_is_refused(tmp_path, monkeypatch):
    with registry(tmp_path / "registry", monkeypatch) as package:
        wrong = dataclasses.replace(package, integrity="A" * 86 + "==")
        with pytest.raises(ExportError, match="not the published package"):
            export(tmp_path / "site", (wrong,))
        assert not (tmp_path / "site").exists()


def test_an_older_site_is_replaced(tmp_path, monkeypatch):
    out = tmp_path / "site"
    out.mkdir()
    (out / "sw.js").write_text("old")
    (out / "old.js").write_text("old")
    with registry(tmp_path / "registry", monkeypatch) as package:
        exported = export(out, (package,))
    assert exported == sizes(out)
    assert (out / "runtime" / "run.js").read_text() == "run"
    assert not (out / "old.js").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["registry", "site"]


def test_without_internet_the_error_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(REGISTRY_VARIABLES[0], "http://127.0.0.1:9")
    with pytest.raises(SystemExit) as exit_info:
        main(["--out", str(tmp_path / "site")])
    assert exit_info.value.code == 1
    assert "connect to the internet" in capsys.readouterr().err


def test_a_folder_of_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years")
    with pytest.raises(ExportError, match="a folder of its own"):
        export(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
