"""Command-line options that the training commands share."""

import argparse
from pathlib import Path


def command_parser(command: str, docstring: str | None) -> argparse.ArgumentParser:
    """A parser whose --help shows a module's docstring.

    Args:
        command: the module to run, with what follows it: "training.evaluate lines".
        docstring: of the module.
    """
    return argparse.ArgumentParser(
        prog=f"python -m {command}",
        description=docstring,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """Add --data-dir, the folder with mnist/, emnist/, nist/ and wild/."""
    from training.data.datasets import DATA  # imports numpy; benchmarks first set its number of threads

    parser.add_argument(
        "--data-dir",
        type=Path,
        default=DATA,
        help="folder of the data sets (default: $SCRAWL_DATA, else data/)",
    )
