import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pillow_heif
import pypdfium2
import pytest
from PIL import Image

from recognizer.errors import ImageError
from recognizer.io.decoding import (
    MOST_BYTES,
    MOST_PAGES,
    MOST_PIXELS,
    PDF_SIDE,
    count_pages,
    load_image,
    pages,
)
from training.tools.browser import ROOT

GREY = np.linspace(0, 255, 12 * 20).reshape(12, 20).astype(np.uint8)


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def heic(array: np.ndarray = GREY, **options) -> bytes:
    file = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(array).convert("RGB")).save(file, **options)
    return file.getvalue()


def pdf(*sizes: tuple[int, int]) -> bytes:
    """A PDF whose pages are white, in points."""
    document, file = pypdfium2.PdfDocument.new(), io.BytesIO()
    for size in sizes:
        document.new_page(*size)
    document.save(file)
    return file.getvalue()


def pdf_of(*images: Image.Image) -> bytes:
    return encoded(images[0], "PDF", save_all=True, append_images=images[1:])


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has no pixels: decoding it would fail, its header can be read."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I;16", "I", "F"]
)
def test_every_mode_of_pillow_becomes_rgba(mode):
    grey = Image.fromarray(GREY)
    if mode == "I;16":
        image = Image.fromarray(GREY.astype(np.uint16) * 257)
    elif mode == "I":
        image = Image.fromarray(GREY.astype(np.int32) * 257)
    elif mode == "PA":
        image = grey.convert("P").convert("PA")
    else:
        image = grey.convert("RGB").convert(mode) if mode in ("CMYK", "YCbCr", "HSV") else grey.convert(mode)
    result = load_image(image)
    assert result.shape == (12, 20, 4)
    assert result.dtype == np.uint8
    assert (result[..., 3] == 255).all()
    wanted = np.asarray(grey.convert("1").convert("L")) if mode == "1" else GREY
    assert np.abs(result[..., 0].astype(int) - wanted).max() <= 3


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"])
def test_every_kind_as_bytes_file_and_path(kind, tmp_path):
    raw = encoded(Image.fromarray(GREY).convert("RGB"), kind)
    path = tmp_path / f"picture.{kind.lower()}"
    path.write_bytes(raw)
    first = load_image(raw)
    assert first.shape == (12, 20, 4)
    for same in (io.BytesIO(raw), path, str(path)):
        np.testing.assert_array_equal(load_image(same), first)


def test_transparency_is_kept_also_of_a_palette():
    image = Image.new("P", (4, 3), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.putpixel((0, 0), 0)
    result = load_image(encoded(image, "PNG", transparency=1))
    assert result[0, 0, 3] == 255
    assert result[2, 3, 3] == 0


def test_sixteen_bits_are_scaled_not_cut_off():
    image = Image.fromarray(np.array([[0, 32768, 65535]], np.uint16))
    assert load_image(encoded(image, "PNG"))[0, :, 0].tolist() == [0, 128, 255]


def test_exif_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rows are columns
    image = Image.fromarray(np.zeros((12, 20), np.uint8))
    assert load_image(encoded(image, "JPEG", exif=exif)).shape == (20, 12, 4)


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (5, 7, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_arrays(shape, dtype):
    full = 255 if dtype is np.uint8 else 1
    result = load_image(np.full(shape, full, dtype))
    assert result.shape == (5, 7, 4)
    assert (result == 255).all()


@pytest.mark.parametrize("array", [
    np.zeros((0, 5), np.uint8), np.zeros(5, np.uint8), np.zeros((5, 7, 2), np.uint8),
    np.zeros((1, 2, 3, 4), np.uint8),
    np.zeros((5, 7), np.int64), np.zeros((5, 7), complex), np.full((5, 7), np.nan), np.full((5, 7), 255.0),
    np.full((5, 7), -0.1), np.zeros((5001, 5000), np.uint8),
])  # fmt: skip
def test_arrays_that_are_no_picture(array):
    with pytest.raises(ImageError):
        load_image(array)


@pytest.mark.parametrize(("raw", "advice"), [
    (b"", "save it as one of"),
    (b"not a picture at all", "save it as one of"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "save it as one of"),
    (encoded(Image.fromarray(GREY), "PNG")[:60], "again"),
    (encoded(Image.fromarray(GREY), "JPEG")[:-200], "again"),
    (png_header(5001, 5000), "make it smaller"),
    (png_header(60000, 60000), "make it smaller"),
])  # fmt: skip
def test_files_that_are_refused_say_why_and_what_to_do(raw, advice):
    with pytest.raises(ImageError, match=advice):
        load_image(raw)


def test_the_largest_picture_is_not_refused_for_its_size():
    with pytest.raises(ImageError, match="cut short"):  # it has no pixels, but its size is right
        load_image(png_header(5000, MOST_PIXELS // 5000))


@pytest.mark.parametrize("nothing", ["no/such/file.png", None, 7, ["a list"]])
def test_what_is_no_picture(nothing):
    with pytest.raises(ImageError):
        load_image(nothing)


def test_heic_as_iphones_send_it():
    assert np.abs(load_image(heic(quality=95))[..., 0].astype(int) - GREY).max() <= 12


def test_a_turned_heic_is_turned_once():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert load_image(heic(exif=exif.tobytes())).shape == (20, 12, 4)


def test_a_heic_that_claims_too_many_pixels_is_refused():
    parts = heic(np.zeros((64, 64), np.uint8)).split(b"ispe")  # a smaller one is cut out of as large a one
    claimed = bytes(4) + struct.pack(">II", 5001, 5000)
    raw = b"ispe".join([parts[0], *(claimed + part[12:] for part in parts[1:])])
    with pytest.raises(ImageError, match="make it smaller"):
        load_image(raw)


@pytest.mark.parametrize("length", [60, 300, -100])
def test_a_heic_cut_short(length):
    with pytest.raises(ImageError, match="again"):
        load_image(heic()[:length])


def test_pages_of_a_pdf_come_one_after_the_other():
    raw = pdf_of(Image.new("RGB", (400, 300), "white"), Image.new("RGB", (300, 400), "black"))
    assert count_pages(raw) == 2
    white, black = pages(io.BytesIO(raw))
    assert white.shape == (PDF_SIDE * 3 // 4, PDF_SIDE, 4)
    assert black.shape == (PDF_SIDE, PDF_SIDE * 3 // 4, 4)
    assert white[..., :3].min() > 250
    assert black[..., :3].max() < 5
    np.testing.assert_array_equal(load_image(raw), white)
    np.testing.assert_array_equal(load_image(raw, page=1), black)


def test_anything_else_has_one_page():
    for one in (GREY, Image.fromarray(GREY), encoded(Image.fromarray(GREY), "PNG")):
        assert count_pages(one) == 1
        (page,) = pages(one)
        np.testing.assert_array_equal(page[..., 0], GREY)


@pytest.mark.parametrize(("raw", "advice"), [
    (pdf((100, 100))[:100], "save it again"),
    (b"%PDF-1.7", "save it again"),
    (pdf(), "save it again"),
    (pdf_of(Image.new("1", (5001, 5000))), "make it smaller"),
    (pdf(*[(100, 100)] * (MOST_PAGES + 1)), "split it"),
])  # fmt: skip
def test_pdfs_that_are_refused_say_why_and_what_to_do(raw, advice):
    with pytest.raises(ImageError, match=advice):
        list(pages(raw))


@pytest.mark.parametrize("size", [(14400, 14400), (1, 10000), (0.01, 0.01)])
def test_a_page_of_any_size_is_drawn_at_one(size):
    assert max(load_image(pdf(size)).shape) <= PDF_SIDE + 1


@pytest.mark.parametrize("number", [1, -1])
def test_a_page_that_a_pdf_does_not_have(number):
    with pytest.raises(ImageError, match="has 1 page"):
        load_image(pdf((100, 100)), page=number)


def test_a_file_of_too_many_bytes_is_refused_without_reading_all_of_it(tmp_path):
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(100 * MOST_BYTES)  # 2 GB that take no room
    with pytest.raises(ImageError, match=r"large\.png is larger than 20 MB"):
        load_image(path)
    raw = encoded(Image.fromarray(GREY), "PNG")
    assert load_image(raw + bytes(MOST_BYTES - len(raw))).shape == (12, 20, 4)


def test_readers_of_pdf_and_heic_are_imported_only_for_such_files():
    late = "{'pypdfium2', 'pillow_heif', 'tensorflow'}"
    program = f"import sys, recognizer; sys.exit(bool({late} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
