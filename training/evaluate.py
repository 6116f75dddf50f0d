"""Measure the shipped models; the figures go into their cards and into docs/measured.md.

    python -m training.evaluate                     every single-character test set
    python -m training.evaluate characters digits   those of one model
    python -m training.evaluate pages               another suite; --help after its name lists its options

Suites: characters, lines, pages, calibration, writers, throughput, web.
"""

import importlib
import sys

SUITES = ("characters", "lines", "pages", "calibration", "writers", "throughput", "web")


def main(arguments: list[str] | None = None) -> None:
    """Run the suite that the command line names, characters by default."""
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] in ("-h", "--help"):
        print(__doc__.strip())
        return
    suite, options = (given[0], given[1:]) if given and given[0] in SUITES else (SUITES[0], given)
    importlib.import_module(f"training.evaluation.{suite}").main(options)


if __name__ == "__main__":
    main()
