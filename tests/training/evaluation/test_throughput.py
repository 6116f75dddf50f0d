import numpy as np
import pytest
from PIL import Image

from training.evaluation import throughput


def test_characters_and_canvases_are_files_of_one_character_each(data_dir, tmp_path):
    for draw, largest in ((throughput.cut_characters, 100), (throughput.draw_canvases, 500)):
        folder = tmp_path / draw.__name__
        folder.mkdir()
        draw(folder, 20)
        sizes = [Image.open(file).size for file in folder.glob("*.png")]
        assert len(sizes) == 20
        assert max(map(max, sizes)) <= largest


def test_pages_have_as_many_lines_and_characters_as_said(data_dir, tmp_path, alphanumeric):
    throughput.draw_pages(tmp_path, 2)
    for file in tmp_path.glob("*.png"):
        found = alphanumeric.read(file)
        assert len(found.lines) == throughput.LINES
        count = sum(len(line.characters) for line in found.lines)
        assert count == pytest.approx(throughput.LINES * throughput.ON_LINE, rel=0.1)


def test_one_at_a_time_reads_every_file(tmp_path, monkeypatch):
    Image.fromarray(np.full((30, 20), 255, np.uint8)).save(tmp_path / "a.png")
    opened = []
    real = Image.open
    monkeypatch.setattr(throughput.Image, "open", lambda file: opened.append(file) or real(file))
    assert throughput._one_at_a_time([tmp_path / "a.png"] * 3) > 0
    assert len(opened) == 3


def test_what_was_killed_is_counted_file_by_file(data_dir, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(throughput, "FILES", 300)
    monkeypatch.setattr(throughput, "KILLED", 1)
    monkeypatch.setattr(throughput, "MORE", 1)
    throughput.kill(tmp_path)
    said = capsys.readouterr().out
    assert "killed 1 times" in said
    assert "300 files: 0 lost, 0 doubled" in said
