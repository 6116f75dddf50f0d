"""Measure the shipped models, and write the figures into docs/measured.md and the model cards.

python -m training.evaluate                      the suite `characters`, all models
python -m training.evaluate characters digits    the same, one model
python -m training.evaluate pages                another suite
python -m training.evaluate pages --help         what it measures, and its options
"""

import importlib
import sys

SUITES = {
    "characters": "single characters, on official test sets and on other people's writing",
    "lines": "numbers and words written on the canvas",
    "pages": "photographed pages, amounts on cheques, names on forms",
    "calibration": "whether probabilities are right, and whether non-characters are rejected",
    "writers": "how much better a person is read after a few corrections",
    "throughput": "recognizer.batch: thousands of files, memory, killed and resumed jobs",
    "web": "the page that reads in the browser, compared with the library",
}
DEFAULT = "characters"


def main(arguments: list[str] | None = None) -> None:
    """Run the suite that the command line names."""
    arguments = sys.argv[1:] if arguments is None else arguments
    first = arguments[0] if arguments else DEFAULT
    if first in ("-h", "--help"):
        print(f"{__doc__.strip()}\n\nSuites:")
        for suite, description in SUITES.items():
            print(f"    {suite:12} {description}")
        return
    suite, options = (first, arguments[1:]) if first in SUITES else (DEFAULT, arguments)
    importlib.import_module(f"training.evaluation.{suite}").main(options)


if __name__ == "__main__":
    main()
