import numpy as np
import pytest
from PIL import Image

from training.evaluation import throughput


def test_characters_and_canvases_are_files_of_one_character_each(data_dir, tmp_path):
    for write, largest in ((throughput.write_characters, 100), (throughput.write_canvases, 500)):
        folder = tmp_path / write.__name__
        folder.mkdir()
        write(folder, 20, data_dir)
        sizes = [Image.open(file).size for file in folder.glob("*.png")]
        assert len(sizes) == 20
        assert max(map(max, sizes)) <= largest


def test_pages_have_the_stated_numbers_of_lines_and_characters(data_dir, tmp_path, alphanumeric):
    throughput.write_pages(tmp_path, 2, data_dir)
    for file in tmp_path.glob("*.png"):
        reading = alphanumeric.read(file)
        assert len(reading.lines) == throughput.LINES_PER_PAGE
        count = sum(len(line.characters) for line in reading.lines)
        expected = throughput.LINES_PER_PAGE * throughput.CHARACTERS_PER_LINE
        assert count == pytest.approx(expected, rel=0.1)


def test_reading_single_files_opens_every_file(tmp_path, monkeypatch):
    Image.fromarray(np.full((30, 20), 255, np.uint8)).save(tmp_path / "a.png")
    opened = []
    original = Image.open
    monkeypatch.setattr(throughput.Image, "open", lambda file: opened.append(file) or original(file))
    assert throughput._single_file_rate([tmp_path / "a.png"] * 3) > 0
    assert len(opened) == 3


def test_a_killed_and_resumed_job_loses_and_doubles_no_file(data_dir, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(throughput, "FILES", 300)
    monkeypatch.setattr(throughput, "KILLS", 1)
    monkeypatch.setattr(throughput, "MAX_NEW_PARTS", 1)
    throughput.kill(tmp_path, data_dir)
    output = capsys.readouterr().out
    assert "killed 1 times" in output
    assert "300 files: 0 lost, 0 doubled" in output
