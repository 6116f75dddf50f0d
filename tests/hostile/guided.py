"""A search for files that break decoding, guided by the lines of Python they reach; until it is stopped.

    pip install atheris
    python -m tests.hostile.guided [-max_total_time=SECONDS] [-seed=N] [libFuzzer's other options]
    python -m tests.hostile.guided FILE         one file again

It needs atheris (Linux, x86-64), which nothing else here does. It starts from the whole files of `seeds`, and
watches Pillow's parsers and this package; decoders in C are called, not watched. It ends at the first crash,
exception other than ImageError, or excess of LIMITS, and keeps that file in the current folder.
"""

import contextlib
import sys
import tempfile
from pathlib import Path

LIMITS = ("-timeout=10", "-rss_limit_mb=1000", "-max_len=16384")  # of the clock: what is watched is slow
WATCHED = ["PIL", "pillow_heif", "recognizer"]


def main() -> None:
    """The command."""
    import atheris

    with atheris.instrument_imports(include=WATCHED):  # before anything else imports them
        from PIL import Image

        from recognizer.errors import ImageError
        from recognizer.io.decoding import load_image
        from tests.hostile.seeds import seeds

        Image.init()

    def tried(raw: bytes) -> None:
        with contextlib.suppress(ImageError):
            load_image(raw)

    program, *given = sys.argv
    with tempfile.TemporaryDirectory() as folder:
        if all(one.startswith("-") for one in given):
            given.append(folder)
        for kind, some in seeds().items():
            for number, raw in enumerate(some):
                (Path(folder) / f"{kind}-{number}").write_bytes(raw)
        atheris.Setup([program, *LIMITS, *given], tried)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
