"""The files to read: from files, folders, globs and zips, on this machine or on any storage of fsspec."""

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from glob import has_magic
from typing import IO

import fsspec
from fsspec.core import url_to_fs

from recognizer.errors import ImageError, SourceError
from recognizer.io.decoding import content_of

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".heic", ".heif", ".pdf")
ZIP = ".zip"
MAX_OPEN_ZIPS = 4  # in a process: reading the directory of a large zip takes long


@dataclass(frozen=True)
class Item:
    """One file to read: a picture or a PDF, possibly in a zip."""

    url: str  # a path, or a URL that fsspec knows
    member: str = ""  # name in the zip at `url`

    @property
    def name(self) -> str:
        """Its name in the table."""
        return f"{self.url}/{self.member}" if self.member else self.url


def list_items(sources: Iterable[str]) -> Iterator[Item]:
    """Every file of every source, in order; the files of a folder or a zip in alphabetical order.

    Args:
        sources: files, folders, globs or zips, as paths or as URLs that fsspec knows. From a folder or a zip,
            files with the extension of a picture or a PDF are read; a file that is named is always read.

    Raises:
        SourceError: a source does not exist, or its storage cannot be reached.
    """
    for source in sources:
        try:
            fs, path = url_to_fs(source)
            if has_magic(path) and not fs.exists(path):
                matches = fs.glob(path, detail=True)
                entries = {name: info for name, info in matches.items() if not _is_hidden(name)}
            else:
                entries = {path: fs.info(path)} if fs.exists(path) else {}
            if not entries:
                raise SourceError(f"there is nothing at {source}: check the path or the URL")
            for name, info in sorted(entries.items(), key=lambda entry: entry[0]):
                if info["type"] == "directory" or (info.get("islink") and fs.isdir(name)):
                    yield from _folder_items(fs, name)
                else:
                    yield from _file_items(fs, name)
        except (OSError, ImportError, ValueError) as error:
            raise SourceError(f"{source} cannot be reached: {error}") from error


def read_content(item: Item) -> bytes:
    """The bytes of a file; of a file that is too large, only as many as show that.

    Raises:
        ImageError: it cannot be opened.
    """
    try:
        if item.member:
            fs, path = url_to_fs(item.url)
            with _archive(item.url, fs.ukey(path)).open(item.member) as file:
                return content_of(file)
        with _open(item.url) as file:
            return content_of(file)
    except Exception as error:  # storages and damaged archives raise exceptions of any type
        reason = str(error) or type(error).__name__
        raise ImageError(
            f"the file cannot be opened ({reason}): check that it is complete and readable"
        ) from error


def _folder_items(fs: fsspec.AbstractFileSystem, folder: str) -> Iterator[Item]:
    """The files of a folder and its subfolders. Links to folders are skipped: they may be circular."""
    for entry in sorted(fs.ls(folder, detail=True), key=lambda entry: entry["name"]):
        name = entry["name"]
        if entry["type"] == "directory":
            if name.rstrip("/") != folder.rstrip("/") and not entry.get("islink"):
                yield from _folder_items(fs, name)
        elif _is_picture(name) or name.lower().endswith(ZIP):
            yield from _file_items(fs, name)


def _file_items(fs: fsspec.AbstractFileSystem, path: str) -> Iterator[Item]:
    """A file; of a zip the pictures in it."""
    url = path if "file" in fs.protocol else fs.unstrip_protocol(path)
    if not path.lower().endswith(ZIP):
        yield Item(url)
        return
    try:
        members = sorted(name for name in _archive(url, fs.ukey(path)).namelist() if _is_picture(name))
    except (zipfile.BadZipFile, OSError):
        yield Item(url)  # its row in the table will have the error
        return
    for member in members:
        yield Item(url, member)


def _is_picture(name: str) -> bool:
    return name.lower().endswith(PICTURES) and not _is_hidden(name)


def _is_hidden(name: str) -> bool:
    return name.rstrip("/").rpartition("/")[2].startswith(".")


@lru_cache(MAX_OPEN_ZIPS)
def _archive(url: str, version: str) -> zipfile.ZipFile:
    """An open zip; `version` changes with the file, which is then opened again."""
    return zipfile.ZipFile(_open(url))


def _open(url: str) -> IO[bytes]:
    if "://" not in url:
        return open(url, "rb")  # as fsspec does, but 0.2 ms faster
    fs, path = url_to_fs(url)
    return fs.open(path, "rb")
