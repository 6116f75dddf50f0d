"""The same weights on another engine of Keras."""

import os
import subprocess
import sys

import numpy as np
import pytest

from recognizer import Recognizer
from tests.characters import STROKES, picture
from training.tools.browser import ROOT

NAMES = ("digits", "letters", "alphanumeric")

READ = """
import sys
import numpy as np
from recognizer import Recognizer

def probabilities(name):
    return [[p for _, p in c.alternatives] for c in Recognizer.load(name).characters(np.load(sys.argv[1]))]

np.savez(sys.argv[2], **{name: probabilities(name) for name in sys.argv[3:]})
assert "torch" in sys.modules and "tensorflow" not in sys.modules
"""


def test_pytorch_gives_the_same_probabilities(tmp_path):
    pictures = np.stack([picture(label) for label in STROKES])
    np.save(tmp_path / "pictures.npy", pictures)
    subprocess.run(
        [sys.executable, "-c", READ, tmp_path / "pictures.npy", tmp_path / "read.npz", *NAMES],
        env=os.environ | {"KERAS_BACKEND": "torch"},
        cwd=ROOT,
        check=True,
    )
    with np.load(tmp_path / "read.npz") as read:
        for name in NAMES:
            here = [[p for _, p in c.alternatives] for c in Recognizer.load(name).characters(pictures)]
            assert read[name] == pytest.approx(np.array(here), abs=1e-4)
