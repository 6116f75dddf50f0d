"""What there is to read: files, folders, globs and zips, here or wherever fsspec reaches."""

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
OPEN = 4  # archives that a process keeps open: the list of what is in one is long


@dataclass(frozen=True)
class Item:
    """One file to read: a picture or a PDF, by itself or in a zip."""

    url: str  # a path, or what fsspec takes
    member: str = ""  # of that zip

    @property
    def name(self) -> str:
        """What it is called in the table."""
        return f"{self.url}/{self.member}" if self.member else self.url


def listed(sources: Iterable[str]) -> Iterator[Item]:
    """Every file of every source, one after the other; those of a folder or a zip in alphabetical order.

    Args:
        sources: files, folders, globs or zips, as paths or as URLs that fsspec knows. Of a folder and a zip,
            whatever is in them and is named like a picture or a PDF is taken; what is named itself, always.

    Raises:
        SourceError: there is no such source, or its kind of storage cannot be reached.
    """
    for source in sources:
        try:
            fs, path = url_to_fs(source)
            if has_magic(path) and not fs.exists(path):
                found = {one: info for one, info in fs.glob(path, detail=True).items() if not _is_hidden(one)}
            else:
                found = {path: fs.info(path)} if fs.exists(path) else {}
            if not found:
                raise SourceError(f"there is nothing at {source}: check the path or the URL")
            for one, info in sorted(found.items(), key=lambda entry: entry[0]):
                if info["type"] == "directory" or (info.get("islink") and fs.isdir(one)):
                    yield from _below(fs, one)
                else:
                    yield from _expanded(fs, one)
        except (OSError, ImportError, ValueError) as error:
            raise SourceError(f"{source} cannot be reached: {error}") from error


def content(item: Item) -> bytes:
    """The bytes of a file, of one that is too large no more than tells so.

    Raises:
        ImageError: it cannot be opened.
    """
    try:
        if item.member:
            fs, path = url_to_fs(item.url)
            with _archive(item.url, fs.ukey(path)).open(item.member) as file:
                return content_of(file)
        with _opened(item.url) as file:
            return content_of(file)
    except Exception as error:  # what storages and damaged archives raise is of every kind
        reason = str(error) or type(error).__name__
        raise ImageError(
            f"the file cannot be opened ({reason}): check that it is whole and may be read"
        ) from error


def _below(fs: fsspec.AbstractFileSystem, folder: str) -> Iterator[Item]:
    """Everything in a folder and its folders; links to folders, which may lead in circles, are left alone."""
    for one in sorted(fs.ls(folder, detail=True), key=lambda one: one["name"]):
        name = one["name"]
        if one["type"] == "directory":
            if name.rstrip("/") != folder.rstrip("/") and not one.get("islink"):
                yield from _below(fs, name)
        elif _is_picture(name) or name.lower().endswith(ZIP):
            yield from _expanded(fs, name)


def _expanded(fs: fsspec.AbstractFileSystem, path: str) -> Iterator[Item]:
    """A file, or what is in it."""
    url = path if "file" in fs.protocol else fs.unstrip_protocol(path)
    if not path.lower().endswith(ZIP):
        yield Item(url)
        return
    try:
        members = sorted(name for name in _archive(url, fs.ukey(path)).namelist() if _is_picture(name))
    except (zipfile.BadZipFile, OSError):
        yield Item(url)  # its row in the table says so
        return
    for member in members:
        yield Item(url, member)


def _is_picture(name: str) -> bool:
    return name.lower().endswith(PICTURES) and not _is_hidden(name)


def _is_hidden(name: str) -> bool:
    return name.rstrip("/").rpartition("/")[2].startswith(".")


@lru_cache(OPEN)
def _archive(url: str, version: str) -> zipfile.ZipFile:
    """An opened zip; another one where the file changed."""
    return zipfile.ZipFile(_opened(url))


def _opened(url: str) -> IO[bytes]:
    if "://" not in url:
        return open(url, "rb")  # what fsspec does too, after 0.2 ms
    fs, path = url_to_fs(url)
    return fs.open(path, "rb")
