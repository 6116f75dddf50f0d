import zipfile

import fsspec
import pytest

from recognizer.batch.sources import Item, list_items, read_content
from recognizer.errors import ImageError, SourceError
from recognizer.io.decoding import MAX_FILE_BYTES


def names(*sources) -> list[str]:
    return [item.name for item in list_items([str(source) for source in sources])]


@pytest.fixture
def folder(tmp_path):
    for name in ("b.png", "a.JPG", "deep/c.pdf", "notes.txt", ".hidden.png"):
        path = tmp_path / "all" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    with zipfile.ZipFile(tmp_path / "all" / "more.zip", "w") as archive:
        for name in ("z.png", "in/y.webp", "read.me", "__MACOSX/in/._y.webp"):
            archive.writestr(name, name)
    return tmp_path / "all"


def test_a_folder_gives_the_pictures_in_it_in_its_subfolders_and_zips_in_order(folder):
    found = ["a.JPG", "b.png", "deep/c.pdf", "more.zip/in/y.webp", "more.zip/z.png"]
    assert names(folder) == [f"{folder}/{name}" for name in found]
    assert names(f"file://{folder}") == names(folder)


def test_a_named_file_is_read_whatever_its_extension(folder):
    assert names(folder / "notes.txt", folder / "*.png") == [f"{folder}/notes.txt", f"{folder}/b.png"]


def test_a_file_whose_name_looks_like_a_glob_is_that_file(tmp_path):
    (tmp_path / "scan[1].png").write_bytes(b"")
    assert names(tmp_path / "scan[1].png") == [f"{tmp_path}/scan[1].png"]


def test_a_circular_link_is_not_followed(folder):
    (folder / "deep" / "again").symlink_to(folder)
    assert len(names(folder)) == 5


def test_a_named_link_is_followed(folder):
    for name, to in (("all.png", folder / "a.JPG"), ("all.d", folder / "deep")):
        (folder.parent / name).symlink_to(to)
    links = folder.parent
    assert names(links / "all.*") == [f"{links}/all.d/c.pdf", f"{links}/all.png"]
    assert names(links / "all.d", links / "all.png") == names(links / "all.*")


def test_another_storage_is_read_by_its_url():
    storage = fsspec.filesystem("memory")
    for name in ("one.png", "two/three.png"):
        storage.pipe(f"/scans/{name}", name.encode())
    items = list(list_items(["memory://scans"]))
    assert [item.name for item in items] == ["memory:///scans/one.png", "memory:///scans/two/three.png"]
    assert [read_content(item) for item in items] == [b"one.png", b"two/three.png"]
    assert names("memory://scans/*.png") == ["memory:///scans/one.png"]


def test_the_bytes_of_files_and_zip_members_are_read(folder):
    assert [read_content(item) for item in list_items([str(folder)])] == [
        b"a.JPG", b"b.png", b"deep/c.pdf", b"in/y.webp", b"z.png"
    ]  # fmt: skip


def test_a_replaced_zip_is_opened_again(folder):
    item = Item(f"{folder}/more.zip", "z.png")
    assert read_content(item) == b"z.png"
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.writestr("z.png", "another")
    assert read_content(item) == b"another"


@pytest.mark.parametrize("member", ["", "big.png"])
def test_of_a_huge_file_only_enough_is_read_to_see_that_it_is_too_large(tmp_path, member):
    huge = bytes(2 * MAX_FILE_BYTES)
    (tmp_path / "big.png").write_bytes(huge)
    with zipfile.ZipFile(tmp_path / "big.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.png", huge)
    item = Item(str(tmp_path / ("big.zip" if member else "big.png")), member)
    assert MAX_FILE_BYTES < len(read_content(item)) < len(huge)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere", "nothing at nowhere"),
        ("*.nothing", "nothing at"),
        ("strange://bucket", "cannot be reached"),
    ],
)
def test_a_missing_source_is_named(source, message):
    with pytest.raises(SourceError, match=message):
        names(source)


def test_a_file_that_cannot_be_opened_is_an_image_error(folder):
    (folder / "broken.zip").write_bytes(b"PK no zip")
    (broken,) = list_items([str(folder / "broken.zip")])
    assert broken == Item(f"{folder}/broken.zip")
    for item in (Item(f"{folder}/gone.png"), Item(f"{folder}/more.zip", "gone.png")):
        with pytest.raises(ImageError, match="cannot be opened"):
            read_content(item)
