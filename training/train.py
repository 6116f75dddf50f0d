"""Train one model of training.recipes into trained/: NAME.keras, its card and the history of its epochs.

    python -m training.train characters
    python -m training.train characters --seed 2 --resume
    python -m training.train digits-mlp --epochs 2 --data-dir ~/data
    python -m training.train letters-27 --mirrored       on all GPUs of this machine
    python -m training.train characters --corrections my-hand.zip     on an export of My hand

Every epoch ends with a checkpoint in .checkpoints/; --resume goes on after the last one, and ends with the
same weights as a run that was not stopped. The same seed gives the same weights on the same machine.

weights/ stays as it is. `python -m training.tools.promote NAME` puts what was trained there.

Keras runs on PyTorch where that is installed, which trains convolutions on a CPU nearly twice as fast as
TensorFlow; the environment variable KERAS_BACKEND says otherwise. Either writes what the other reads.
"""

import argparse
import dataclasses
import os
from importlib.util import find_spec
from pathlib import Path

from training.data.datasets import DATA


def choose_engine(mirrored: bool = False) -> str:
    """Let Keras, which must not be imported yet, run on the faster engine; gives its name."""
    quickest = "torch" if find_spec("torch") and not mirrored else "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", quickest)
    if os.environ["KERAS_BACKEND"] == "torch":
        import torch

        torch.set_flush_denormal(True)  # numbers near zero would make convolutions several times slower
    return os.environ["KERAS_BACKEND"]


def main(arguments: list[str] | None = None) -> None:
    """Train what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="NAME", help="characters, strokes, or a model of the zoo")
    parser.add_argument("--epochs", type=int, help="passes over as many samples as the set has")
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--learning-rate", type=float, help="at the top of the cycle")
    parser.add_argument("--seed", type=int, help="of all chance (default: 1)")
    parser.add_argument("--data-dir", type=Path, default=DATA, help="default: $SCRAWL_DATA, else data/")
    parser.add_argument("--out", type=Path, help="where to write (default: trained/)")
    parser.add_argument("--resume", action="store_true", help="go on after the last checkpoint")
    parser.add_argument("--mirrored", action="store_true", help="share each batch among all GPUs")
    parser.add_argument("--corrections", type=Path, metavar="FILE", help="fine-tune on an export of My hand")
    given = parser.parse_args(arguments)
    if given.corrections and (given.resume or given.epochs or given.mirrored):
        parser.error("--corrections takes a few hundred steps: give no --epochs, --resume or --mirrored")
    print(f"Keras on {choose_engine(given.mirrored)}", flush=True)
    run(parser, given)


def run(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """Train, and say how to ship what was made; errors that a person can mend end with their message."""
    import cv2

    from recognizer import ModelError
    from recognizer.errors import CorrectionError
    from training.data.official import DataError
    from training.engine.checkpoints import CheckpointError
    from training.engine.fine_tune import fine_tune
    from training.engine.make import TRAINED, make
    from training.recipes import RECIPES

    if given.name not in RECIPES:
        parser.error(f"no recipe for {given.name!r}: there are {', '.join(RECIPES)}")
    keys = ("epochs", "batch_size", "learning_rate", "seed")
    changes = {key: getattr(given, key) for key in keys if getattr(given, key) is not None}
    recipe = dataclasses.replace(RECIPES[given.name], **changes)
    out = given.out or TRAINED
    cv2.setNumThreads(1)  # OpenCV does not compete with the network for the cores
    try:
        if given.corrections:
            fine_tune(recipe, given.corrections, given.data_dir, out)
        else:
            make(recipe, given.data_dir, given.resume, out, given.mirrored)
    except (DataError, CheckpointError, CorrectionError, ModelError) as error:
        parser.exit(1, f"{error}\n")
    print(f"{out / recipe.name}.keras is written; to ship it: python -m training.tools.promote {recipe.name}")


if __name__ == "__main__":
    main()
