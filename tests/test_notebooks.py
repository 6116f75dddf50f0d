"""The notebook runs from its first cell to its last on a few samples."""

import nbformat
import pytest
from nbclient import NotebookClient

from training.tools.browser import ROOT

pytestmark = pytest.mark.slow

NOTEBOOK = ROOT / "training" / "notebooks" / "a_digit_reader.ipynb"


def test_every_cell_of_the_notebook_runs(data_dir, monkeypatch):
    monkeypatch.setenv("SCRAWL_SAMPLES", "2000")
    monkeypatch.setenv("SCRAWL_DATA", str(data_dir.resolve()))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "commit it without outputs"
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert "right: " in "".join(output.get("text", "") for output in outputs)
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 5  # every picture
