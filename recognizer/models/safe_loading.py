"""Check that a .keras file is plain data: an architecture of allowed layers and its weights, but no code."""

import io
import json
import zipfile
import zlib
from typing import Any

from recognizer.errors import NotPlainError

MEMBERS = ["config.json", "metadata.json", "model.weights.h5"]  # of the zip file that Keras writes
# bytes, unpacked: the largest that are shipped have 40 thousand and 7 million
MAX_JSON_BYTES, MAX_WEIGHTS_BYTES = 2_000_000, 200_000_000
# Classes that an architecture may name: those of training/models/architectures.py. None of them runs code
# from the file or opens another file, as Lambda, TFSMLayer or TextVectorization would.
ALLOWED_CLASSES = {
    "keras": {"DTypePolicy", "Sequential"},
    "keras.src.models.functional": {"Functional"},
    "keras.initializers": {"GlorotUniform", "Ones", "Zeros"},
    "keras.layers": {
        "Add", "AveragePooling2D", "BatchNormalization", "Conv1D", "Conv2D", "Dense", "DepthwiseConv2D",
        "Dropout", "EinsumDense", "Flatten", "GlobalAveragePooling2D", "InputLayer", "MaxPooling1D",
        "MaxPooling2D", "Permute", "ReLU", "Reshape",
    },
}  # fmt: skip
TENSOR_CLASS = "__keras_tensor__"  # an edge between two layers


def check_plain(raw: bytes) -> str:
    """Check everything that a .keras file may have Keras do; gives the version of Keras that wrote it.

    Keras's own safe mode refuses less: it builds any layer of Keras, or of this process, that a file names.

    Args:
        raw: the content of the file.

    Raises:
        NotPlainError: it is not a zip file of MEMBERS, or its architecture names a class that is not in
            ALLOWED_CLASSES.
    """
    config_name, metadata_name, weights_name = MEMBERS
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if (names := sorted(archive.namelist())) != MEMBERS:
                held = ", ".join(repr(name[:40]) for name in names[:5]) or "nothing"
                raise NotPlainError(f"it holds {held} instead of {', '.join(MEMBERS)}")
            if archive.getinfo(weights_name).file_size > MAX_WEIGHTS_BYTES:
                raise NotPlainError("its weights would take more than 200 MB")
            config, metadata = (_read_json(archive, name) for name in (config_name, metadata_name))
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        # raised by zipfile for damaged, encrypted or unsupported files
        raise NotPlainError(f"it is not a readable zip file ({error})") from error
    # compile_config says how the network was trained; it is not loaded
    _check_classes({key: value for key, value in config.items() if key != "compile_config"})
    return str(metadata.get("keras_version", "of an unknown version"))[:40]


def _read_json(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    if archive.getinfo(name).file_size > MAX_JSON_BYTES:
        raise NotPlainError(f"its {name} has more than 2 MB")
    try:
        value = json.loads(archive.read(name))
    except (ValueError, RecursionError) as error:
        raise NotPlainError(f"its {name} is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise NotPlainError(f"its {name} is not a JSON object")
    return value


def _check_classes(config: dict[str, Any]) -> None:
    """Raise NotPlainError at the first class in an architecture that is not allowed."""
    unchecked: list[Any] = [config]
    while unchecked:
        node = unchecked.pop()
        if isinstance(node, dict):
            unchecked += node.values()
            if node.get("class_name", TENSOR_CLASS) != TENSOR_CLASS and not _is_allowed(node):
                name = f"{node.get('module')}.{node.get('registered_name') or node['class_name']}"
                raise NotPlainError(f"its architecture names a class that is not allowed, {name[:80]}")
        elif isinstance(node, list):
            unchecked += node


def _is_allowed(node: dict[str, Any]) -> bool:
    module, name = str(node.get("module")), str(node["class_name"])
    return name in ALLOWED_CLASSES.get(module, ()) and node.get("registered_name") in (None, name)
