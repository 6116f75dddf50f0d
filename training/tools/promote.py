"""Promote a trained model from trained/ to weights/: the weights, their card and their LiteRT export.

    python -m training.tools.promote characters

The history of its epochs goes to training/histories/. The card has no test figures until
`python -m training.evaluate` measures them.
"""

import json
import shutil
from pathlib import Path

from recognizer.errors import ModelError
from recognizer.models.store import WEIGHTS, load_model
from training.engine.checkpoints import CheckpointError, write_atomically
from training.engine.make import TRAINED
from training.options import command_parser
from training.tools.export_litert import EXPORTED, write

HISTORIES = Path(__file__).resolve().parents[1] / "histories"


def promote(name: str, trained: Path = TRAINED, weights: Path = WEIGHTS) -> None:
    """Copy a trained model into the folder of weights, each file completely or not at all.

    Args:
        name: of the model.
        trained: folder to copy from.
        weights: folder to copy to.

    Raises:
        ModelError: `trained` has no such model, or its weights do not match their card.
        CheckpointError: a file cannot be written.
    """
    load_model(name, trained)  # raises if the weights do not match their card
    for file in (f"{name}.keras", f"{name}.json"):
        write_atomically(weights / file, lambda path, file=file: shutil.copyfile(trained / file, path))
    if name in EXPORTED.get(weights, ()):
        write(name, weights)


def keep_history(name: str, history: list[dict]) -> None:
    """Write the losses and accuracies of each epoch to training/histories/NAME.json."""
    HISTORIES.mkdir(exist_ok=True)
    text = json.dumps(history, indent=1) + "\n"
    write_atomically(HISTORIES / f"{name}.json", lambda path: path.write_text(text))


def main() -> None:
    parser = command_parser("training.tools.promote", __doc__)
    parser.add_argument("name", metavar="NAME", help="of the trained model")
    parser.add_argument("--trained", type=Path, default=TRAINED, help="its folder (default: trained/)")
    options = parser.parse_args()
    history = options.trained / f"{options.name}-history.json"
    try:
        promote(options.name, options.trained)
        keep_history(options.name, json.loads(history.read_text()))
    except (ModelError, CheckpointError, OSError) as error:
        parser.exit(1, f"{error}\n")
    print(f"promoted to weights/{options.name}.keras; measure it: python -m training.evaluate")


if __name__ == "__main__":
    main()
