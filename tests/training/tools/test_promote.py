import json
import shutil

import pytest

from recognizer.errors import ModelError
from recognizer.models.store import WEIGHTS
from training.tools.promote import promote


def test_promoting_copies_the_weights_and_their_card(tmp_path):
    (tmp_path / "weights").mkdir()
    trained = tmp_path / "trained"
    trained.mkdir()
    for suffix in ("keras", "json"):
        shutil.copy(WEIGHTS / f"digits-mlp.{suffix}", trained)
    promote("digits-mlp", trained, tmp_path / "weights")
    assert {path.name for path in (tmp_path / "weights").iterdir()} == {"digits-mlp.json", "digits-mlp.keras"}
    for path in trained.iterdir():
        assert (tmp_path / "weights" / path.name).read_bytes() == path.read_bytes()


def test_weights_that_do_not_match_their_card_are_not_promoted(tmp_path):
    (tmp_path / "weights").mkdir()
    trained = tmp_path / "trained"
    trained.mkdir()
    shutil.copy(WEIGHTS / "digits-mlp.keras", trained)
    card = json.loads((WEIGHTS / "digits-mlp.json").read_text())
    (trained / "digits-mlp.json").write_text(json.dumps(card | {"sha256": "0" * 64}))
    with pytest.raises(ModelError, match="SHA-256"):
        promote("digits-mlp", trained, tmp_path / "weights")
    with pytest.raises(ModelError, match="no model"):
        promote("characters", trained, tmp_path / "weights")
    assert not list((tmp_path / "weights").iterdir())
