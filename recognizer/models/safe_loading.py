"""Whether a .keras file is plain data: an architecture of known parts and numbers for it, and no code."""

import io
import json
import zipfile
import zlib
from typing import Any

from recognizer.errors import NotPlainError

FILES = ["config.json", "metadata.json", "model.weights.h5"]  # what Keras packs, and nothing else
MOST_JSON, MOST_NUMBERS = 2_000_000, 200_000_000  # bytes: shipped are 40 thousand and 7 million
# Layers and initializers that an architecture may name: those of training/models/architectures.py. None of
# these runs code from the file or opens another one, as Lambda, TFSMLayer or TextVectorization would.
PARTS = {
    "keras": {"DTypePolicy", "Sequential"},
    "keras.src.models.functional": {"Functional"},
    "keras.initializers": {"GlorotUniform", "Ones", "Zeros"},
    "keras.layers": {
        "Add", "AveragePooling2D", "BatchNormalization", "Conv1D", "Conv2D", "Dense", "DepthwiseConv2D",
        "Dropout", "EinsumDense", "Flatten", "GlobalAveragePooling2D", "InputLayer", "MaxPooling1D",
        "MaxPooling2D", "Permute", "ReLU", "Reshape",
    },
}  # fmt: skip
TENSOR = "__keras_tensor__"  # an edge between two layers


def version(raw: bytes) -> str:
    """The version of Keras that wrote a file, after a look at all that the file may have Keras do.

    Keras's own safe mode refuses less: it builds whatever layer of Keras, or of this process, a file names.

    Args:
        raw: the bytes of a .keras file.

    Raises:
        NotPlainError: no zip, other files in it, or an architecture with a part that is not in PARTS.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sorted(archive.namelist()) != FILES:
                found = ", ".join(repr(name[:40]) for name in sorted(archive.namelist())[:5]) or "nothing"
                raise NotPlainError(f"it holds {found} where Keras packs {', '.join(FILES)}")
            if archive.getinfo(FILES[2]).file_size > MOST_NUMBERS:
                raise NotPlainError("its numbers would take more than 200 MB")
            config, metadata = (_json(archive, name) for name in FILES[:2])
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        # what zipfile raises of damaged, locked or strangely packed files
        raise NotPlainError(f"it is no zip file that can be read ({error})") from error
    # how it was trained, which is not loaded
    _check({key: value for key, value in config.items() if key != "compile_config"})
    return str(metadata.get("keras_version", "of an unknown version"))[:40]


def _json(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    if archive.getinfo(name).file_size > MOST_JSON:
        raise NotPlainError(f"its {name} has more than 2 MB")
    try:
        found = json.loads(archive.read(name))
    except (ValueError, RecursionError) as error:
        raise NotPlainError(f"its {name} is no JSON ({error})") from error
    if not isinstance(found, dict):
        raise NotPlainError(f"its {name} is no object of JSON")
    return found


def _check(config: dict[str, Any]) -> None:
    """Raises NotPlainError at the first object of an architecture that is none of PARTS."""
    left: list[Any] = [config]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left += one.values()
            if one.get("class_name", TENSOR) != TENSOR and not _is_part(one):
                what = f"{one.get('module')}.{one.get('registered_name') or one['class_name']}"
                raise NotPlainError(f"its architecture has a part that is not allowed, {what[:80]}")
        elif isinstance(one, list):
            left += one


def _is_part(one: dict[str, Any]) -> bool:
    module, name = str(one.get("module")), str(one["class_name"])
    return name in PARTS.get(module, ()) and one.get("registered_name") in (None, name)
