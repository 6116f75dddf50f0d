"""Train one model, and write NAME.keras, its card and the history of its epochs to trained/.

    python -m training.train characters
    python -m training.train characters --seed 2 --resume
    python -m training.train digits-mlp --epochs 2 --data-dir ~/data
    python -m training.train letters-27 --mirrored                    on all GPUs of this machine
    python -m training.train characters --corrections my-hand.zip     fine-tuned on an export of My hand

NAME is a recipe of training.recipes. Every epoch ends with a checkpoint in .checkpoints/; --resume continues
after the last one and ends with the weights of a run that was never stopped. On the same machine, the same
seed gives the same weights.

weights/ stays as it is until `python -m training.tools.promote NAME` copies the trained model there.

Keras runs on PyTorch if that is installed, because it trains convolutions on a CPU nearly twice as fast as
TensorFlow; the environment variable KERAS_BACKEND overrides this. Weights of either can be read by the other.
"""

import argparse
import dataclasses
import os
from importlib.util import find_spec
from pathlib import Path

from training.options import add_data_dir, command_parser


def choose_engine(mirrored: bool = False) -> str:
    """Select the faster Keras backend, before Keras is imported; return its name."""
    fastest = "torch" if find_spec("torch") and not mirrored else "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", fastest)
    if os.environ["KERAS_BACKEND"] == "torch":
        import torch

        torch.set_flush_denormal(True)  # denormal numbers make convolutions several times slower
    return os.environ["KERAS_BACKEND"]


def main(arguments: list[str] | None = None) -> None:
    """Train the model that the command line names."""
    parser = command_parser("training.train", __doc__)
    parser.add_argument("name", metavar="NAME", help="characters, strokes, or a model of the zoo")
    parser.add_argument("--epochs", type=int, help="passes over as many samples as the set has")
    parser.add_argument("--batch-size", type=int, help="samples")
    parser.add_argument("--learning-rate", type=float, help="the highest of the schedule")
    parser.add_argument("--seed", type=int, help="of all random numbers (default: 1)")
    add_data_dir(parser)
    parser.add_argument("--out", type=Path, help="folder to write to (default: trained/)")
    parser.add_argument("--resume", action="store_true", help="continue after the last checkpoint")
    parser.add_argument("--mirrored", action="store_true", help="share each batch among all GPUs")
    parser.add_argument("--corrections", type=Path, metavar="FILE", help="fine-tune on an export of My hand")
    options = parser.parse_args(arguments)
    if options.corrections and (options.resume or options.epochs or options.mirrored):
        parser.error("--corrections trains a few hundred steps: give no --epochs, --resume or --mirrored")
    print(f"Keras on {choose_engine(options.mirrored)}", flush=True)
    run(parser, options)


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Train and print how to promote the result; expected errors end the command with their message."""
    import cv2

    from recognizer import ModelError
    from recognizer.errors import CorrectionError
    from training.data.official import DataError
    from training.engine.checkpoints import CheckpointError
    from training.engine.fine_tune import fine_tune
    from training.engine.make import TRAINED, make
    from training.recipes import RECIPES

    if options.name not in RECIPES:
        parser.error(f"no recipe for {options.name!r}: there are {', '.join(RECIPES)}")
    keys = ("epochs", "batch_size", "learning_rate", "seed")
    changes = {key: getattr(options, key) for key in keys if getattr(options, key) is not None}
    recipe = dataclasses.replace(RECIPES[options.name], **changes)
    out = options.out or TRAINED
    cv2.setNumThreads(1)  # so that OpenCV does not compete with the network for cores
    try:
        if options.corrections:
            fine_tune(recipe, options.corrections, options.data_dir, out)
        else:
            make(recipe, options.data_dir, options.resume, out, options.mirrored)
    except (DataError, CheckpointError, CorrectionError, ModelError) as error:
        parser.exit(1, f"{error}\n")
    print(f"wrote {out / recipe.name}.keras; to ship it: python -m training.tools.promote {recipe.name}")


if __name__ == "__main__":
    main()
