"""The page that reads in the visitor's browser, without a server: models, runtime and page as plain files.

python -m training.tools.export_web                 into static/site/, where the app shows it as instant mode
python -m training.tools.export_web --out site/     anywhere else: for a static host, or python -m http.server

Keras exports each model as LiteRT, from the weights that the library reads; Google's LiteRT.js runs them. It
is taken from npm's registry, as two pinned packages whose SHA-512 is known, without npm. Expected, in half a
minute:

    3 networks, LiteRT.js 2.5.3, page: 9.6 MB in static/site; a first visit with "Both": 5.2 MB
"""

import argparse
import base64
import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recognizer.models.store import WEIGHTS, load_model, read_card
from recognizer.models.stroke_model import NAME
from recognizer.models.views import NETWORK, VIEWS, weights

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "web"
OUT = ROOT / "static" / "site"
READERS = (*VIEWS, "alphanumeric-62")  # what the page can read as
FILES = (NETWORK, "alphanumeric-62", NAME)  # the networks that it loads, each when it is needed
FIRST = NETWORK  # that of the reader that web/index.html chooses
IN_CARD = ("helps", "classes", "recipe", "input_shape", "temperature", "sha256")
REGISTRY = "https://registry.npmjs.org"
REGISTRY_VARIABLES = ("NPM_CONFIG_REGISTRY", "npm_config_registry")  # npm's own: a mirror
SECONDS = 60
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Package:
    """Files of an npm package of one version."""

    name: str
    version: str
    integrity: str  # as in npm's lock files: the SHA-512 of the archive, base64
    files: dict[str, str]  # path in the package -> name in runtime/


LITERT = (
    Package(
        "@litertjs/core",
        "2.5.3",
        "PlGmbMOq9WitX7FO0jhbdJw9GthatsyuCQXjTt/wJZo0FLaw48q4tz8IwqgqCIkviYGr9OFDL1kCnN4nzWoyJQ==",
        {
            "dist/index.js": "index.js",
            # "compat": without relaxed SIMD, which Safari does not have, and no slower here
            "wasm/litert_wasm_compat_internal.js": "litert_wasm_compat_internal.js",
            "wasm/litert_wasm_compat_internal.wasm": "litert_wasm_compat_internal.wasm.gz",
        },
    ),
    Package(
        "@litertjs/wasm-utils",
        "2.5.3",
        "4fJiw6tBQnIs+0jH/OQ16nYOiSl8/+zZnn5h2ul8aTKHi05sVqZW580Tmk78pC2kT39A9OYBVdFawteZ/sI1kQ==",
        {"dist/index.js": "wasm-utils.js"},
    ),
)
# a browser finds files, not packages
BARE_IMPORT = (b'from "@litertjs/wasm-utils"', b'from "./wasm-utils.js"')
LICENCE = "LICENSE-LiteRT.txt"  # the packages name it, and leave it out


class ExportError(Exception):
    """The runtime cannot be had, or is not what was published; the message says what to do."""


def export(out: Path, packages: tuple[Package, ...] = LITERT) -> dict[str, int]:
    """Write the site; what stood there of an older one is replaced.

    Args:
        out: a folder of its own.
        packages: the runtime.

    Returns:
        The bytes of each file, by its path in the folder.

    Raises:
        ExportError: the runtime cannot be had; or the folder holds something else.
    """
    if out.exists() and any(out.iterdir()) and not (out / "sw.js").exists():
        raise ExportError(f"{out} holds other files: give a folder of its own")
    runtime = {path: content for one in packages for path, content in _files(one).items()}
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as made:
        folder = Path(made) / "site"
        for path, content in (runtime | _models() | _page()).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        _fill(folder)
        shutil.rmtree(out, ignore_errors=True)
        folder.rename(out)
    return {
        path.relative_to(out).as_posix(): path.stat().st_size for path in out.rglob("*") if path.is_file()
    }


def first_visit(sizes: dict[str, int], model: str = FIRST) -> int:
    """Bytes of all files that a browser asks for at its first visit, where a host compresses nothing.

    Args:
        sizes: as `export` returns them.
        model: the one that is chosen.
    """
    return sum(
        size
        for path, size in sizes.items()
        if path not in ("embed.js", "runtime/LICENSE.txt")
        and (not path.startswith("models/") or path.startswith((f"models/{model}.", f"models/{NAME}.")))
    )


def packed(content: bytes) -> bytes:
    """Gzip, the same bytes for the same content."""
    return gzip.compress(content, 9, mtime=0)


def _files(package: Package) -> dict[str, bytes]:
    """What is needed of a package, by path in the site."""
    archive = _archive(package)
    found = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for path, name in package.files.items():
            member = tar.extractfile(f"package/{path}")
            assert member is not None, path  # of a known SHA-512: it is there
            content = member.read().replace(*BARE_IMPORT)
            found[f"runtime/{name}"] = packed(content) if name.endswith(".gz") else content
    return found


def _archive(package: Package) -> bytes:
    registry = next((os.environ[name] for name in REGISTRY_VARIABLES if os.environ.get(name)), REGISTRY)
    base = package.name.rpartition("/")[2]
    url = f"{registry.rstrip('/')}/{package.name}/-/{base}-{package.version}.tgz"
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            archive: bytes = answer.read()
    except OSError as error:
        raise ExportError(
            f"{package.name} could not be had from {registry} ({error}): connect to a network, or name a "
            f"mirror in {REGISTRY_VARIABLES[0]}"
        ) from error
    found = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if found != package.integrity:
        raise ExportError(f"{url} is not what was published: its SHA-512 is {found}")
    return archive


def _models() -> dict[str, bytes]:
    """Models and what the page needs of their cards, by path in the site."""
    found = {}
    for name in FILES:
        card: dict[str, Any] = read_card(name)
        found[f"models/{name}.tflite.gz"] = packed(small(name))
        short = {"name": name} | {key: card[key] for key in IN_CARD if key in card}
        if name == NETWORK:
            short["views"] = {view: _view(view, card) for view in VIEWS}
        found[f"models/{name}.json"] = json.dumps(short, ensure_ascii=False).encode()
    return found


def _view(name: str, card: dict[str, Any]) -> dict[str, Any]:
    """What the page needs of a view: its classes, its numbers, how much each class of the network counts."""
    fitted, matrix = card["views"][name], weights(VIEWS[name], card["classes"], card["prior"])
    return {
        "classes": VIEWS[name].classes,
        "temperature": fitted["temperature"],
        "refuse": fitted["refuse"],
        "weights": [[round(float(weight), 6) for weight in row] for row in matrix],
    }


def small(name: str, folder: Path = WEIGHTS) -> bytes:
    """A model as LiteRT, for one glyph or path at a time: float32 (1, ..., 1) to logits (1, classes).

    Its numbers are kept in 16 bits: half as much to send, and no label in a thousand changes.

    Raises:
        ModelError: as `recognizer.models.store.load_model`.
    """
    load_model(name, folder)  # refuses weights that are not those of the card
    import keras
    import tensorflow as tf

    from training.tools.export_litert import litert

    network = keras.saving.load_model(folder / f"{name}.keras", compile=False)
    spec = {"supported_types": [tf.float16]}
    return litert(network, 1, optimizations=[tf.lite.Optimize.DEFAULT], target_spec=spec)


def _page() -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in PAGE.iterdir() if path.name != LICENCE}
    return found | {"runtime/LICENSE.txt": (PAGE / LICENCE).read_bytes()}


def _fill(folder: Path) -> None:
    """Write into the page which version this is, and which files it consists of."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    version = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    kept = [path.relative_to(folder).as_posix() for path in files if path.suffix in (".html", ".css", ".js")]
    kept = ["./", *(path for path in kept if path not in ("sw.js", "embed.js"))]
    for name in ("files.js", "sw.js"):
        text = (folder / name).read_text(encoding="utf-8")
        text = text.replace("@VERSION@", version[:16]).replace("@PAGE@", json.dumps(kept))
        (folder / name).write_text(text, encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Build the page that reads in the browser.")
    parser.add_argument("--out", type=Path, default=OUT, help="a folder of its own (default: %(default)s)")
    out = parser.parse_args(arguments).out
    try:
        sizes = export(out.resolve())
    except ExportError as error:
        parser.exit(1, f"{error}\n")
    size = sum(sizes.values()) / MEGABYTE
    print(
        f"{len(FILES)} networks, LiteRT.js {LITERT[0].version}, page: {size:.1f} MB "
        f'in {out}; a first visit with "Both": {first_visit(sizes) / MEGABYTE:.1f} MB'
    )


if __name__ == "__main__":
    main()
