"""Read handwriting from the command line.

    python -m recognizer read page.jpg
    python -m recognizer read *.png scan.pdf --model digits --pattern 99999 --format csv
    python -m recognizer batch folder scans.zip s3://bucket/more --out readings.parquet

`read` writes what it reads. Text is what was written; where there is more than one page, each has a heading,
==> FILE <== or ==> FILE, page 2 <==. CSV is one table: a row a character, with its file and page. JSON is one
array, an object a page. A file that cannot be read is reported on the error output, the others are read, and
the exit status is 1.

`batch` reads thousands of files, by several processes, into one Parquet file: a row a page, or with
--characters a row a picture of one character. A file that cannot be read has a row with its error, and the
exit status is 1. Stopped or killed, the same command goes on where it was.
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
from recognizer.models import litert_engine

STOPPED = 130  # the exit status of who was interrupted


@dataclass(frozen=True)
class Sheet:
    """One page of a file, and what was read on it."""

    file: str
    page: int  # from 1
    heading: str  # "" where there is only one page in all
    reading: Reading


def main(arguments: list[str] | None = None) -> int:
    """Read files and write what was read; returns the exit status."""
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
    command.add_argument("--workers", type=int, default=0, help="processes here; default: one for each core")
    command.set_defaults(run=_batch)
    given = parser.parse_args(arguments)
    try:
        return given.run(given)
    except ModelError as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        return STOPPED


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", default="alphanumeric", help=f"one of {', '.join(available_models())}")
    command.add_argument("--pattern", help="9 a digit, A a letter, * any character, anything else itself")


def _read(given: argparse.Namespace) -> int:
    litert_engine.prefer()
    reader = Recognizer.load(given.model)
    failed: list[str] = []
    for text in WRITERS[given.format](_sheets(reader, given.files, given.pattern, failed)):
        sys.stdout.write(text)
        sys.stdout.flush()
    return int(bool(failed))


def _batch(given: argparse.Namespace) -> int:
    if not given.scheduler:
        prepare()  # first: it takes as long as all that comes before the reading
    try:
        from recognizer.batch import job
    except ImportError as error:
        print(f"batch needs more packages ({error}): pip install 'scrawl[batch]'", file=sys.stderr)
        return 1
    how = job.BatchOptions(given.model, given.pattern, given.characters)
    try:
        done = job.run(given.sources, given.out, how, given.scheduler, given.workers)
    except (SourceError, TableError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{given.out}: {done.rows:,} rows, {done.errors:,} of them could not be read", file=sys.stderr)
    return int(bool(done.errors))


def _sheets(reader: Recognizer, files: list[str], pattern: str | None, failed: list[str]) -> Iterator[Sheet]:
    """Every page of every file; a file that cannot be read is reported and put to those that failed."""
    for file in files:
        page, pages = 0, 1
        while page < pages:
            page, which = page + 1, ""
            try:
                if page == 1:
                    pages = count_pages(file)
                which = f", page {page}" if pages > 1 else ""
                heading = f"==> {file}{which} <==\n" if pages > 1 or len(files) > 1 else ""
                yield Sheet(file, page, heading, reader.read(load_image(file, page - 1), pattern))
            except ImageError as error:
                named = str(error).startswith(Path(file).name)
                print(error if named else f"{file}{which}: {error}", file=sys.stderr)
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
