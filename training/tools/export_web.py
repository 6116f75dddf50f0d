"""Build the site that reads in the visitor's browser alone: page, models and runtime as plain files.

    python -m training.tools.export_web                 into static/site/, which the app shows as instant mode
    python -m training.tools.export_web --out site/     for a static host, or for python -m http.server

Keras exports the shipped weights to LiteRT, and Google's LiteRT.js runs them. The runtime comes from the npm
registry as two pinned packages, verified by SHA-512; npm itself is not needed. Half a minute later it prints

    3 networks, LiteRT.js 2.5.3, page: 9.6 MB in static/site; a first visit with "Both": 5.2 MB
"""

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

from recognizer.models.store import STROKES, WEIGHTS, load_model, read_card
from recognizer.models.views import NETWORK, VIEWS, view_matrix
from training.options import command_parser

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "web"  # the sources of the page
OUT = ROOT / "static" / "site"
READERS = (*VIEWS, "alphanumeric-62")  # what a visitor can choose
NETWORKS = (NETWORK, "alphanumeric-62", STROKES)  # files that the page loads, each when needed
DEFAULT_NETWORK = NETWORK  # of the reader that web/index.html preselects
CARD_ENTRIES = ("helps", "classes", "recipe", "input_shape", "temperature", "sha256")  # that the page needs
REGISTRY = "https://registry.npmjs.org"
REGISTRY_VARIABLES = ("NPM_CONFIG_REGISTRY", "npm_config_registry")  # npm's own settings, for a mirror
TIMEOUT = 60  # seconds, per download
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Package:
    """Files of one version of an npm package."""

    name: str
    version: str
    integrity: str  # as in npm's lock files: the SHA-512 of the archive, base64
    files: dict[str, str]  # path in the package -> file name in runtime/


LITERT = (
    Package(
        "@litertjs/core",
        "2.5.3",
        "PlGmbMOq9WitX7FO0jhbdJw9GthatsyuCQXjTt/wJZo0FLaw48q4tz8IwqgqCIkviYGr9OFDL1kCnN4nzWoyJQ==",
        {
            "dist/index.js": "index.js",
            # "compat" does without relaxed SIMD, which Safari lacks; it is no slower here
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
# a browser can import files, but no packages by name
BARE_IMPORT = (b'from "@litertjs/wasm-utils"', b'from "./wasm-utils.js"')
LICENCE = "LICENSE-LiteRT.txt"  # the packages name their licence but do not contain it


class ExportError(Exception):
    """The site cannot be built; the message says what to do."""


def export(out: Path, packages: tuple[Package, ...] = LITERT) -> dict[str, int]:
    """Write the site, in place of an older one.

    Args:
        out: folder of the site; must be missing, empty or hold a site.
        packages: the runtime.

    Returns:
        The size of each file in bytes, by its path in the folder.

    Raises:
        ExportError: the runtime cannot be downloaded, or the folder holds other files.
    """
    if out.exists() and any(out.iterdir()) and not (out / "sw.js").exists():
        raise ExportError(f"{out} holds other files: give a folder of its own")
    runtime = {path: content for package in packages for path, content in _runtime_files(package).items()}
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as temporary:
        folder = Path(temporary) / "site"
        for path, content in (runtime | _model_files() | _page_files()).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        _fill_placeholders(folder)
        shutil.rmtree(out, ignore_errors=True)
        folder.rename(out)
    return {
        path.relative_to(out).as_posix(): path.stat().st_size for path in out.rglob("*") if path.is_file()
    }


def first_visit(sizes: dict[str, int], model: str = DEFAULT_NETWORK) -> int:
    """Bytes that a browser downloads on its first visit from a host that does not compress.

    Args:
        sizes: as `export` returns them.
        model: the selected network.
    """
    return sum(
        size
        for path, size in sizes.items()
        if path not in ("embed.js", "runtime/LICENSE.txt")
        and (not path.startswith("models/") or path.startswith((f"models/{model}.", f"models/{STROKES}.")))
    )


def gzipped(content: bytes) -> bytes:
    """Compress with gzip; the same content gives the same bytes."""
    return gzip.compress(content, 9, mtime=0)


def _runtime_files(package: Package) -> dict[str, bytes]:
    """The needed files of a package, by their path in the site."""
    archive = _download(package)
    files = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for path, name in package.files.items():
            member = tar.extractfile(f"package/{path}")
            assert member is not None, path  # cannot fail: the SHA-512 of the archive is known
            content = member.read().replace(*BARE_IMPORT)
            files[f"runtime/{name}"] = gzipped(content) if name.endswith(".gz") else content
    return files


def _download(package: Package) -> bytes:
    """The archive of a package, verified."""
    registry = next((os.environ[name] for name in REGISTRY_VARIABLES if os.environ.get(name)), REGISTRY)
    base = package.name.rpartition("/")[2]
    url = f"{registry.rstrip('/')}/{package.name}/-/{base}-{package.version}.tgz"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
            archive: bytes = response.read()
    except OSError as error:
        raise ExportError(
            f"{package.name} cannot be downloaded from {registry} ({error}): connect to the internet, or set "
            f"{REGISTRY_VARIABLES[0]} to a mirror"
        ) from error
    digest = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if digest != package.integrity:
        raise ExportError(f"{url} is not the published package: its SHA-512 is {digest}")
    return archive


def _model_files() -> dict[str, bytes]:
    """The networks and the entries of their cards that the page needs, by path in the site."""
    files = {}
    for name in NETWORKS:
        card: dict[str, Any] = read_card(name)
        files[f"models/{name}.tflite.gz"] = gzipped(litert_float16(name))
        entries = {"name": name} | {key: card[key] for key in CARD_ENTRIES if key in card}
        if name == NETWORK:
            entries["views"] = {view: _view_entries(view, card) for view in VIEWS}
        files[f"models/{name}.json"] = json.dumps(entries, ensure_ascii=False).encode()
    return files


def _view_entries(name: str, card: dict[str, Any]) -> dict[str, Any]:
    """What the page needs of a view; "weights" maps the network's classes to the view's."""
    fitted, matrix = card["views"][name], view_matrix(VIEWS[name], card["classes"], card["prior"])
    return {
        "classes": VIEWS[name].classes,
        "temperature": fitted["temperature"],
        "refuse": fitted["refuse"],
        "weights": [[round(float(weight), 6) for weight in row] for row in matrix],
    }


def litert_float16(name: str, folder: Path = WEIGHTS) -> bytes:
    """Export a network to LiteRT for one input at a time: float32 (1, ..., 1) to logits (1, classes).

    Weights are stored as float16: that halves the download and changes fewer than one label in a thousand.

    Raises:
        ModelError: as `recognizer.models.store.load_model`.
    """
    load_model(name, folder)  # raises if the weights do not match their card
    import keras
    import tensorflow as tf

    from training.tools.export_litert import litert

    network = keras.saving.load_model(folder / f"{name}.keras", compile=False)
    spec = {"supported_types": [tf.float16]}
    return litert(network, 1, optimizations=[tf.lite.Optimize.DEFAULT], target_spec=spec)


def _page_files() -> dict[str, bytes]:
    """The page and the licence of the runtime, by path in the site."""
    files = {path.name: path.read_bytes() for path in PAGE.iterdir() if path.name != LICENCE}
    return files | {"runtime/LICENSE.txt": (PAGE / LICENCE).read_bytes()}


def _fill_placeholders(folder: Path) -> None:
    """Write the version and the list of files to cache into the page's modules."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    version = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    cached = [
        path.relative_to(folder).as_posix() for path in files if path.suffix in (".html", ".css", ".js")
    ]
    cached = ["./", *(path for path in cached if path not in ("sw.js", "embed.js"))]
    for name in ("files.js", "sw.js"):
        text = (folder / name).read_text(encoding="utf-8")
        text = text.replace("@VERSION@", version[:16]).replace("@PAGE@", json.dumps(cached))
        (folder / name).write_text(text, encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    parser = command_parser("training.tools.export_web", __doc__)
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the site (default: static/site)")
    out = parser.parse_args(arguments).out
    try:
        sizes = export(out.resolve())
    except ExportError as error:
        parser.exit(1, f"{error}\n")
    size = sum(sizes.values()) / MEGABYTE
    print(
        f"{len(NETWORKS)} networks, LiteRT.js {LITERT[0].version}, page: {size:.1f} MB "
        f'in {out}; a first visit with "Both": {first_visit(sizes) / MEGABYTE:.1f} MB'
    )


if __name__ == "__main__":
    main()
