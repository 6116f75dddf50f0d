"""Put what was trained into weights/: the weights, their card, what LiteRT reads of them, the history.

    python -m training.tools.promote characters

The figures in the card are empty then: `python -m training.evaluate` measures and writes them.
"""

import argparse
import json
import shutil
from pathlib import Path

from recognizer.errors import ModelError
from recognizer.models.store import WEIGHTS, load_model
from training.engine.checkpoints import replace
from training.engine.make import TRAINED
from training.tools.export_litert import EXPORTED, write

HISTORIES = Path(__file__).resolve().parents[1] / "histories"


def ship(name: str, trained: Path = TRAINED, weights: Path = WEIGHTS) -> None:
    """Copy a trained model into the folder of weights, whole or not at all.

    Raises:
        ModelError: nothing sound of that name was trained.
    """
    load_model(name, trained)  # refuses weights that are not those of the card
    for file in (f"{name}.keras", f"{name}.json"):
        replace(weights / file, lambda path, file=file: shutil.copyfile(trained / file, path))
    if name in EXPORTED.get(weights, ()):
        write(name, weights)


def keep_history(name: str, history: list[dict]) -> None:
    """Keep the losses and accuracies of each epoch as training/histories/NAME.json."""
    HISTORIES.mkdir(exist_ok=True)
    text = json.dumps(history, indent=1) + "\n"
    replace(HISTORIES / f"{name}.json", lambda path: path.write_text(text))


def main() -> None:
    description = __doc__.splitlines()[0]
    parser = argparse.ArgumentParser(prog="python -m training.tools.promote", description=description)
    parser.add_argument("name", metavar="NAME", help="what was trained")
    parser.add_argument("--trained", type=Path, default=TRAINED, help="where it lies (default: trained/)")
    given = parser.parse_args()
    history = given.trained / f"{given.name}-history.json"
    try:
        ship(given.name, given.trained)
        keep_history(given.name, json.loads(history.read_text()))
    except (ModelError, OSError) as error:
        parser.exit(1, f"{error}\n")
    print(f"weights/{given.name}.keras is new; measure it: python -m training.evaluate")


if __name__ == "__main__":
    main()
