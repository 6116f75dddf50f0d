"""The command line, run as a person runs it."""

import csv
import io
import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from recognizer import ImageError, Recognizer
from recognizer.__main__ import main
from tests.characters import picture
from training.tools.browser import ROOT


@pytest.fixture
def files(tmp_path) -> dict[str, str]:
    """Paths of a 47, a 5, an empty page, a PDF of two pages, and a file that is no picture."""
    four_seven = np.hstack([picture("4", left=90), picture("7", left=40)])
    pages = {"47": four_seven, "5": picture("5"), "empty": np.full((280, 280), 255, np.uint8)}
    paths = {name: tmp_path / f"{name}.png" for name in pages}
    for name, page in pages.items():
        Image.fromarray(page).save(paths[name])
    paths["pdf"] = tmp_path / "two.pdf"
    first, second = Image.fromarray(pages["5"]), Image.fromarray(four_seven)
    first.convert("RGB").save(paths["pdf"], save_all=True, append_images=[second.convert("RGB")])
    paths["bad"] = tmp_path / "bad.png"
    paths["bad"].write_bytes(b"not a picture")
    return {name: str(path) for name, path in paths.items()}


def read(*arguments: str) -> int:
    return main(["read", *arguments, "--model", "digits"])


def test_text_of_one_file_has_no_heading(files, capsys):
    assert read(files["47"]) == 0
    assert capsys.readouterr().out == "47\n"


def test_a_blank_page_gives_no_text_and_no_error(files, capsys):
    assert read(files["empty"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_a_bad_file_is_reported_and_the_others_are_read(files, capsys):
    assert read(files["5"], files["bad"], "no/such.png", files["47"]) == 1
    said = capsys.readouterr()
    assert said.out == f"==> {files['5']} <==\n5\n\n==> {files['47']} <==\n47\n"
    bad, missing = said.err.splitlines()
    assert bad.startswith("bad.png is not a picture")
    assert missing.startswith("such.png cannot be opened")


def test_the_pages_of_a_pdf_are_numbered(files, capsys):
    assert read(files["pdf"]) == 0
    assert (
        capsys.readouterr().out
        == f"==> {files['pdf']}, page 1 <==\n5\n\n==> {files['pdf']}, page 2 <==\n47\n"
    )


def test_a_refused_page_is_reported_and_the_pages_after_it_are_read(files, monkeypatch, capsys):
    read_all, pages = Recognizer.read, iter([ImageError("too much on it"), None])

    def refused(reader, *arguments):
        if error := next(pages):
            raise error
        return read_all(reader, *arguments)

    monkeypatch.setattr(Recognizer, "read", refused)
    assert read(files["pdf"]) == 1
    said = capsys.readouterr()
    assert said.out == f"==> {files['pdf']}, page 2 <==\n47\n"
    assert said.err == f"{files['pdf']}, page 1: too much on it\n"


def test_csv_is_one_table_with_file_and_page(files, capsys):
    assert read(files["5"], files["bad"], files["empty"], files["pdf"], "--format", "csv") == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["file"], row["page"], row["character"]) for row in rows] == [
        (files["5"], "1", "5"), (files["pdf"], "1", "5"), (files["pdf"], "2", "4"), (files["pdf"], "2", "7"),
    ]  # fmt: skip


def test_json_is_one_array_with_an_object_for_each_page(files, capsys):
    assert read(files["47"], files["bad"], files["pdf"], files["empty"], "--format", "json") == 1
    found = json.loads(capsys.readouterr().out)
    assert [(page["file"], page["page"], page["text"]) for page in found] == [
        (files["47"], 1, "47"), (files["pdf"], 1, "5"), (files["pdf"], 2, "47"), (files["empty"], 1, ""),
    ]  # fmt: skip
    assert found[0]["lines"][0]["characters"][0]["label"] == "4"


def test_json_without_pages_is_an_empty_array(files, capsys):
    assert read(files["bad"], "--format", "json") == 1
    assert json.loads(capsys.readouterr().out) == []


def test_a_pattern_is_passed_to_the_recognizer(files, capsys):
    assert main(["read", files["47"], "--pattern", "99"]) == 0
    assert capsys.readouterr().out.strip() == Recognizer.load("alphanumeric").read(files["47"], "99").text


@pytest.mark.parametrize("arguments", [
    [], ["read"], ["read", "a.png", "--model", "no-such"], ["read", "a.png", "--format", "xml"],
    ["batch", "a.png"], ["batch", "a.png", "--out", "a.parquet", "--model", "no-such"],
])  # fmt: skip
def test_a_wrong_command_prints_its_usage(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: python -m recognizer" in capsys.readouterr().err


def test_the_command_of_the_readme(files):
    command = [sys.executable, "-m", "recognizer", "read", files["5"], files["bad"], "--model", "digits"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == f"==> {files['5']} <==\n5\n"
    assert "bad.png is not a picture" in done.stderr


def test_read_runs_litert_without_importing_tensorflow(files):
    code = (
        "import sys; from recognizer.__main__ import main; "
        f"main(['read', {files['47']!r}, {files['5']!r}]); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "ai_edge_litert" in done.stdout.split()
    assert not {"tensorflow", "keras"} & set(done.stdout.split())


def test_a_model_without_an_export_is_read_by_keras(files, capsys):
    assert main(["read", files["5"], "--model", "digits-mlp"]) == 0
    assert capsys.readouterr().out == "5\n"


def test_batch_without_its_packages_says_what_to_install(files, monkeypatch, capsys):
    for name in [name for name in sys.modules if name.startswith("recognizer.batch")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("recognizer.batch", raising=False)  # put back with its modules
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main(["batch", files["5"], "--out", "out.parquet"]) == 1
    assert "pip install 'scrawl[batch]'" in capsys.readouterr().err


def test_batch_names_a_missing_source(tmp_path, capsys):
    assert main(["batch", "no/such.png", "--out", str(tmp_path / "out.parquet")]) == 1
    assert capsys.readouterr().err == "there is nothing at no/such.png: check the path or the URL\n"
    assert not list(tmp_path.iterdir())
