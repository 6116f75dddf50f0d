import json
import shutil

import pytest

from recognizer.errors import ModelError
from recognizer.models.store import WEIGHTS
from training.tools.promote import ship


def test_what_was_trained_is_copied_whole(tmp_path):
    (tmp_path / "weights").mkdir()
    trained = tmp_path / "trained"
    trained.mkdir()
    for suffix in ("keras", "json"):
        shutil.copy(WEIGHTS / f"digits-mlp.{suffix}", trained)
    ship("digits-mlp", trained, tmp_path / "weights")
    assert {path.name for path in (tmp_path / "weights").iterdir()} == {"digits-mlp.json", "digits-mlp.keras"}
    for path in trained.iterdir():
        assert (tmp_path / "weights" / path.name).read_bytes() == path.read_bytes()


def test_what_is_not_what_its_card_says_is_not_shipped(tmp_path):
    (tmp_path / "weights").mkdir()
    trained = tmp_path / "trained"
    trained.mkdir()
    shutil.copy(WEIGHTS / "digits-mlp.keras", trained)
    card = json.loads((WEIGHTS / "digits-mlp.json").read_text())
    (trained / "digits-mlp.json").write_text(json.dumps(card | {"sha256": "0" * 64}))
    with pytest.raises(ModelError, match="SHA-256"):
        ship("digits-mlp", trained, tmp_path / "weights")
    with pytest.raises(ModelError, match="no model"):
        ship("characters", trained, tmp_path / "weights")
    assert not list((tmp_path / "weights").iterdir())
