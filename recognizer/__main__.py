"""Read handwriting from the command line.

    python -m recognizer read page.jpg
    python -m recognizer read *.png scan.pdf --model digits --pattern 99999 --format csv
    python -m recognizer batch folder scans.zip s3://bucket/more --out readings.parquet

`read` writes what it reads as text, CSV or JSON. Text of more than one page has a heading for each,
==> FILE <== or ==> FILE, page 2 <==. CSV is one table with a row for each character, with its file and page.
JSON is one array with an object for each page. If a file cannot be read, the error output says so, the other
files are read, and the exit status is 1.

`batch` reads thousands of files in several processes into one Parquet file, with a row for each page, or with
--characters for each picture of one character. If a file cannot be read, its row has the error, and the exit
status is 1. After an interruption the same command continues.

Both use LiteRT if it is installed and can run the model, else TensorFlow.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from recognizer import ImageError, ModelError, Reading, Recognizer, available_models
from recognizer.batch.processes import prepare
from recognizer.errors import SourceError, TableError
from recognizer.io.decoding import count_pages, load_image
from recognizer.io.export import COLUMNS, csv_rows, csv_text, to_json
from recognizer.models.store import quickest_engine

INTERRUPTED = 130  # exit status after Ctrl-C, as shells have it: 128 + SIGINT


@dataclass(frozen=True)
class Sheet:
    """One page of a file with its reading."""

    file: str
    page: int  # from 1
    heading: str  # "" if there is only one page in all
    reading: Reading


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="scrawl" if Path(sys.argv[0]).stem == "scrawl" else "python -m recognizer",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("read", help="read pictures and PDFs")
    command.add_argument("files", nargs="+", metavar="FILE")
    _add_model(command)
    command.add_argument("--format", choices=sorted(WRITERS), default="text")
    command.set_defaults(run=_read)
    command = commands.add_parser("batch", help="read thousands of files into one table")
    command.add_argument("sources", nargs="+", metavar="SOURCE", help="a file, folder, glob, zip, or URL")
    command.add_argument("--out", required=True, metavar="FILE", help="the table, a Parquet file")
    _add_model(command)
    command.add_argument("--characters", action="store_true", help="each picture is one isolated character")
    command.add_argument("--scheduler", default="", metavar="tcp://HOST:PORT", help="of a Dask cluster")
    command.add_argument("--workers", type=int, default=0, help="processes here (default: one for each core)")
    command.set_defaults(run=_batch)
    given = parser.parse_args(arguments)
    try:
        return given.run(given)
    except ModelError as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", default="alphanumeric", help=f"one of {', '.join(available_models())}")
    command.add_argument("--pattern", help="9 a digit, A a letter, * any character, anything else itself")


def _read(given: argparse.Namespace) -> int:
    reader = Recognizer.load(given.model, engine=quickest_engine(given.model))
    failed: list[str] = []
    for text in WRITERS[given.format](_sheets(reader, given.files, given.pattern, failed)):
        sys.stdout.write(text)
        sys.stdout.flush()
    return int(bool(failed))


def _batch(given: argparse.Namespace) -> int:
    if not given.scheduler:
        prepare()  # first: it imports while this process does all that comes before reading
    try:
        from recognizer.batch import job
    except ImportError as error:
        print(f"batch needs more packages ({error}): pip install 'scrawl[batch]'", file=sys.stderr)
        return 1
    options = job.BatchOptions(given.model, given.pattern, given.characters)
    try:
        summary = job.run(given.sources, given.out, options, given.scheduler, given.workers)
    except (SourceError, TableError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    counts = f"{summary.rows:,} rows, {summary.errors:,} of them could not be read"
    print(f"{given.out}: {counts}", file=sys.stderr)
    return int(bool(summary.errors))


def _sheets(reader: Recognizer, files: list[str], pattern: str | None, failed: list[str]) -> Iterator[Sheet]:
    """Read every page of every file. A file that cannot be read is reported and added to `failed`."""
    for file in files:
        page, pages = 0, 1
        while page < pages:
            page, suffix = page + 1, ""
            try:
                if page == 1:
                    pages = count_pages(file)
                suffix = f", page {page}" if pages > 1 else ""
                heading = f"==> {file}{suffix} <==\n" if pages > 1 or len(files) > 1 else ""
                yield Sheet(file, page, heading, reader.read(load_image(file, page - 1), pattern))
            except ImageError as error:
                is_named = str(error).startswith(Path(file).name)
                print(error if is_named else f"{file}{suffix}: {error}", file=sys.stderr)
                failed.append(file)


def _text(sheets: Iterable[Sheet]) -> Iterator[str]:
    gap = ""
    for sheet in sheets:
        yield gap + sheet.heading + sheet.reading.text + "\n" * bool(sheet.reading.text)
        gap = "\n"


def _csv(sheets: Iterable[Sheet]) -> Iterator[str]:
    yield csv_text([("file", "page", *COLUMNS)])
    for sheet in sheets:
        yield csv_text([sheet.file, sheet.page, *row] for row in csv_rows(sheet.reading))


def _json(sheets: Iterable[Sheet]) -> Iterator[str]:
    before = "["
    for sheet in sheets:
        yield before + "\n" + to_json(sheet.reading, file=sheet.file, page=sheet.page)
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


WRITERS = {"text": _text, "csv": _csv, "json": _json}


if __name__ == "__main__":
    sys.exit(main())
