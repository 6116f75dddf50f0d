"""Official MNIST and EMNIST files: download, checksums and reading.

Missing files are downloaded. Images are upright, uint8 (N, 28, 28), 255 = ink.
"""

import gzip
import hashlib
from pathlib import Path
from string import ascii_lowercase

import numpy as np

from training.labels import ALPHANUMERIC, DIGITS

# LeCun's page asks for a password now; this mirror by PyTorch has the same bytes
MNIST_URL = "https://ossci-datasets.s3.amazonaws.com/mnist/"
MNIST_MD5 = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}

# Cohen et al. 2017, arXiv 1702.05373: one archive with all editions, unpacks to gzip/<file>
EMNIST_ARCHIVE = "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"
EMNIST_SHA256 = {
    "emnist-balanced-test-images-idx3-ubyte.gz": "117fc12b015e37ea98bfb2cbba3f77c3782c056cdbd219b87abfc8661d7135db",
    "emnist-balanced-test-labels-idx1-ubyte.gz": "a67cac948379b67270b9a4d0a01c8ec661598accf2f2b1964340b7c83cb175cd",
    "emnist-balanced-train-images-idx3-ubyte.gz": "74295e75e4e9fa2c102147460ee7eb763653d5132d883a84fb88932bfb8d2db4",
    "emnist-balanced-train-labels-idx1-ubyte.gz": "b46d41e5156a0a8aaaa4d18979fdd1588850fa8571018acffd5d93b325a7d6ed",
    "emnist-byclass-test-images-idx3-ubyte.gz": "5ec835bd5d5b1a66378a132e727fef20fe994b3cc666899befcca5ac766f50cd",
    "emnist-byclass-test-labels-idx1-ubyte.gz": "501e305eeeacb093b162592d80e8a2632040872360fa6d85cfcb2200d91ca92a",
    "emnist-byclass-train-images-idx3-ubyte.gz": "9e21987f03a6eb8b870187e785883ddad96947299587908f1a7ec2ca0f4be5f0",
    "emnist-byclass-train-labels-idx1-ubyte.gz": "f7ef403d48dc18a89dae0d83d11ee69cecb6e1c12c3a961d03712e495c02a8fa",
    "emnist-bymerge-test-images-idx3-ubyte.gz": "5e5815ec1b522089134435f7c55e75a00960b58414793593ffff23efc0821683",
    "emnist-bymerge-test-labels-idx1-ubyte.gz": "8bda1516255683ba9071e141947ca0c91a911176065cdd6259b0b4d8dc5b5f35",
    "emnist-bymerge-train-images-idx3-ubyte.gz": "39bf8c68037dad40db35348895f7e4e056e8c0a005ab78869c9fbc2c96e947be",
    "emnist-bymerge-train-labels-idx1-ubyte.gz": "2c47293b9e62d6abf6ad05fbf67e40baa32adfd380b8d7b44dcc35534b64e1f1",
    "emnist-digits-test-images-idx3-ubyte.gz": "20ebe43509264f7639d37c835a3f0b009e90b29e00a099a03101abe1644a3f63",
    "emnist-digits-test-labels-idx1-ubyte.gz": "bad1834c45d5988e270b99d43b13edc3fd898f658ffbc2caf2846ef27f7b05b0",
    "emnist-digits-train-images-idx3-ubyte.gz": "f7c95004d14d81af89522e67d8f0c781dfb3bd544181c81bfe1eb6b41c35b726",
    "emnist-digits-train-labels-idx1-ubyte.gz": "6638a6ff5fe2eefd9cca2471995b46c82986b8e4b2a70d2f5ce8e05d7edb319e",
    "emnist-letters-test-images-idx3-ubyte.gz": "50f0e93d75b99b463e9760b8345866f22587fa2c2fba472730a5ba09c693412d",
    "emnist-letters-test-labels-idx1-ubyte.gz": "924955c31fe7fd809b7303b5c0141282955f4b8390c74cdfd5d80435e0f4b4cb",
    "emnist-letters-train-images-idx3-ubyte.gz": "6288f418a917e007bf5fddb823a2dc7a5c6a35031401b93292a539cb12bd881f",
    "emnist-letters-train-labels-idx1-ubyte.gz": "9759af91ea6bccdf07a6040fd085861f2ec88e37f7c3f5760f6feb57106fbe5c",
    "emnist-mnist-test-images-idx3-ubyte.gz": "b25640fa9e356c618132f5df347c95ef5bae6d9c2596be1de40f7e0ae1c3eac6",
    "emnist-mnist-test-labels-idx1-ubyte.gz": "bcc5385d38f083dba046f5f756e99b32f5ea7fad122c6243c71c2239873065ca",
    "emnist-mnist-train-images-idx3-ubyte.gz": "5f9942f441031c0f1f2e4d162059fd6e19ea808b34c328b6d16cab0ed24c78f2",
    "emnist-mnist-train-labels-idx1-ubyte.gz": "00c6d3c2342fdffb1711e0b5656cac4ce5862d2826399d383a9bac07d612e9f8",
}


class DataError(Exception):
    """A data file is missing, damaged or not the expected one; the message says what to do."""


def read_idx(path: Path) -> np.ndarray:
    """Read a gzip idx file (LeCun's format: two zero bytes, type 8 = uint8, rank, big-endian sizes).

    Raises:
        DataError: not a gzip idx file of uint8, or its length contradicts its header.
    """
    try:
        raw = gzip.decompress(path.read_bytes())
    except (OSError, EOFError) as error:
        raise DataError(
            f"{path.name} is not a complete gzip file ({error}): delete it and run again"
        ) from None
    if len(raw) < 4 or raw[:3] != b"\0\0\x08":
        raise DataError(f"{path.name} is not an idx file of bytes: delete it and run again")
    rank = raw[3]
    shape = tuple(np.frombuffer(raw, ">u4", rank, offset=4).tolist())
    body = np.frombuffer(raw, np.uint8, offset=4 + 4 * rank)
    if body.size != int(np.prod(shape)):
        raise DataError(
            f"{path.name} holds {body.size} bytes but its header says {shape}: delete it and run again"
        )
    return body.reshape(shape)


def mnist(data_dir: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Official MNIST: images uint8 (N, 28, 28), and labels (N,) as one-character strings.

    Args:
        data_dir: folder that holds `mnist/`; missing files are downloaded into it.
        split: "train" (60,000) or "test" (10,000).

    Raises:
        DataError: a file is damaged, or missing and cannot be downloaded.
    """
    prefix = {"train": "train", "test": "t10k"}[split]
    names = [f"{prefix}-images-idx3-ubyte.gz", f"{prefix}-labels-idx1-ubyte.gz"]
    images, labels = (read_idx(_mnist_file(data_dir / "mnist", name)) for name in names)
    return images, np.array(DIGITS)[labels]


def emnist(data_dir: Path, edition: str, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Official EMNIST (Cohen et al. 2017): images uint8 (N, 28, 28), and labels (N,) as one-character strings.

    The files store images transposed; this makes them upright. In the Letters edition labels run from 1 to 26.

    Args:
        data_dir: folder that holds `emnist/`; the archive (560 MB) is downloaded if it is missing.
        edition: "byclass" (62 classes), "letters" (26, case merged), "digits" or "mnist" (10).
        split: "train" or "test".

    Raises:
        DataError: a file is damaged, or missing and cannot be downloaded.
    """
    classes = {"byclass": ALPHANUMERIC, "letters": ("", *ascii_lowercase)}.get(edition, DIGITS)
    stem = f"emnist-{edition}-{split}"
    names = [f"{stem}-images-idx3-ubyte.gz", f"{stem}-labels-idx1-ubyte.gz"]
    images, labels = (read_idx(_emnist_file(data_dir / "emnist", name)) for name in names)
    return np.ascontiguousarray(images.transpose(0, 2, 1)), np.array(classes)[labels].astype("<U1")


def _mnist_file(folder: Path, name: str) -> Path:
    return _fetch(folder, name, f"{MNIST_URL}{name}", f"md5:{MNIST_MD5[name]}", processor=None)


def _emnist_file(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.exists():
        import pooch

        unzip = pooch.Unzip(
            members=[f"gzip/{file}" for file in EMNIST_SHA256], extract_dir=folder / "unpacked"
        )
        _fetch(folder, "gzip.zip", EMNIST_ARCHIVE, None, processor=unzip)
        for file in EMNIST_SHA256:
            (folder / "unpacked" / "gzip" / file).rename(folder / file)
    _check(path, f"sha256:{EMNIST_SHA256[name]}")
    return path


def _fetch(folder: Path, name: str, url: str, known_hash: str | None, processor) -> Path:
    """The path of a file in the folder, downloaded if it is missing, its checksum verified."""
    path = folder / name
    if not path.exists():
        import pooch

        try:
            pooch.retrieve(url, known_hash, fname=name, path=folder, processor=processor, progressbar=True)
        except (OSError, ValueError) as error:  # no network, or not the published bytes
            raise DataError(
                f"{name} could not be downloaded from {url} ({error}). Put the file into {folder} by hand, "
                "or pass a folder that has it as --data-dir."
            ) from None
    if known_hash:
        _check(path, known_hash)
    return path


def _check(path: Path, known_hash: str) -> None:
    algorithm, expected = known_hash.split(":")
    actual = hashlib.new(algorithm, path.read_bytes()).hexdigest()
    if actual != expected:
        raise DataError(
            f"{path} is not the published file: its {algorithm} is {actual}, not {expected}. "
            "Delete it and run again."
        )
