"""Files that are read only if their content is the one that was recorded."""

import hashlib
from pathlib import Path

from recognizer.errors import ModelError


def read_verified(path: Path, sha256: str, record: str, name: str = "") -> bytes:
    """The content of a file.

    Args:
        path: of the file.
        sha256: that it must have, in hexadecimal digits.
        record: what says so, for messages: "card" or "note".
        name: of the file in messages; by default that of the path.

    Raises:
        ModelError: it cannot be read, or its SHA-256 is another.
    """
    name = name or path.name
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{name} cannot be read ({error.strerror}): restore it") from error
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise ModelError(f"{name} is not the file that its {record} describes (SHA-256 differs): restore it")
    return raw
