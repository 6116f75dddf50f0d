import io
import struct
import subprocess
import sys
import threading
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pillow_heif
import pypdfium2
import pytest
from PIL import Image

from recognizer.errors import ImageError
from recognizer.io.decoding import MAX_FILE_BYTES, MAX_PDF_PAGES, count_pages, load_image, pages
from recognizer.io.pdf import PDF_SIDE
from recognizer.io.pixels import MAX_PIXELS
from training.tools.browser import ROOT

GREY = np.linspace(0, 255, 12 * 20).reshape(12, 20).astype(np.uint8)
ORIENTATION, ROTATED_LEFT = 0x0112, 6  # an EXIF tag, and its value where the camera was turned by 90 degrees
THREADS, ROUNDS = 8, 20


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def heic(array: np.ndarray = GREY, **options) -> bytes:
    file = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(array).convert("RGB")).save(file, **options)
    return file.getvalue()


def pdf(*sizes: tuple[int, int]) -> bytes:
    """A PDF of blank pages of these sizes, in points."""
    document, file = pypdfium2.PdfDocument.new(), io.BytesIO()
    for size in sizes:
        document.new_page(*size)
    document.save(file)
    return file.getvalue()


def pdf_of(*images: Image.Image) -> bytes:
    return encoded(images[0], "PDF", save_all=True, append_images=images[1:])


def png_header(width: int, height: int) -> bytes:
    """A PNG that declares a size but has no pixels: its header can be read, decoding it fails."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I;16", "I", "F"]
)
def test_every_pillow_mode_becomes_rgba(mode):
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
    expected = np.asarray(grey.convert("1").convert("L")) if mode == "1" else GREY
    assert np.abs(result[..., 0].astype(int) - expected).max() <= 3


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"])
def test_every_format_is_read_from_bytes_file_and_path(kind, tmp_path):
    raw = encoded(Image.fromarray(GREY).convert("RGB"), kind)
    path = tmp_path / f"picture.{kind.lower()}"
    path.write_bytes(raw)
    from_bytes = load_image(raw)
    assert from_bytes.shape == (12, 20, 4)
    for source in (io.BytesIO(raw), path, str(path)):
        np.testing.assert_array_equal(load_image(source), from_bytes)


def test_transparency_of_a_palette_is_kept():
    image = Image.new("P", (4, 3), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.putpixel((0, 0), 0)
    result = load_image(encoded(image, "PNG", transparency=1))
    assert result[0, 0, 3] == 255
    assert result[2, 3, 3] == 0


def test_sixteen_bits_are_scaled_not_clipped():
    image = Image.fromarray(np.array([[0, 32768, 65535]], np.uint16))
    assert load_image(encoded(image, "PNG"))[0, :, 0].tolist() == [0, 128, 255]


def test_exif_orientation_is_applied():
    exif = Image.Exif()
    exif[ORIENTATION] = ROTATED_LEFT
    image = Image.fromarray(np.zeros((12, 20), np.uint8))
    assert load_image(encoded(image, "JPEG", exif=exif)).shape == (20, 12, 4)


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (5, 7, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_white_array_becomes_white_rgba(shape, dtype):
    white = 255 if dtype is np.uint8 else 1
    result = load_image(np.full(shape, white, dtype))
    assert result.shape == (5, 7, 4)
    assert (result == 255).all()


@pytest.mark.parametrize("array", [
    np.zeros((0, 5), np.uint8), np.zeros(5, np.uint8), np.zeros((5, 7, 2), np.uint8),
    np.zeros((1, 2, 3, 4), np.uint8),
    np.zeros((5, 7), np.int64), np.zeros((5, 7), complex), np.full((5, 7), np.nan), np.full((5, 7), 255.0),
    np.full((5, 7), -0.1), np.zeros((5001, 5000), np.uint8),
])  # fmt: skip
def test_array_of_wrong_shape_type_or_range_is_refused(array):
    with pytest.raises(ImageError):
        load_image(array)


@pytest.mark.parametrize(("raw", "advice"), [
    (b"", "save it as JPEG"),
    (b"not a picture at all", "save it as JPEG"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "save it as JPEG"),
    (encoded(Image.fromarray(GREY), "PNG")[:60], "again"),
    (encoded(Image.fromarray(GREY), "JPEG")[:-200], "again"),
    (png_header(5001, 5000), "make it smaller"),
    (png_header(60000, 60000), "make it smaller"),
])  # fmt: skip
def test_refused_file_says_what_to_do(raw, advice):
    with pytest.raises(ImageError, match=advice):
        load_image(raw)


def test_picture_of_25_megapixels_is_not_refused_for_its_size():
    with pytest.raises(ImageError, match="cut short"):  # since it has no pixels
        load_image(png_header(5000, MAX_PIXELS // 5000))


def test_picture_above_pillows_warning_limit_is_refused_without_a_warning():
    side = 10_000
    assert Image.MAX_IMAGE_PIXELS < side**2 < 2 * Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(ImageError, match="make it smaller"):
            load_image(png_header(side, side))
    assert not caught


def test_threads_that_decode_leave_the_process_warning_filters_alone():
    raw = encoded(Image.effect_noise((400, 400), 40), "PNG")  # decoding it takes some milliseconds
    before = list(warnings.filters)
    ready = threading.Barrier(THREADS)

    def decode(_: int) -> None:
        ready.wait()
        load_image(raw)

    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(ROUNDS):
            list(pool.map(decode, range(THREADS)))
            assert warnings.filters == before


@pytest.mark.parametrize("source", ["no/such/file.png", None, 7, ["a list"]])
def test_source_that_is_no_picture_is_refused(source):
    with pytest.raises(ImageError):
        load_image(source)


def test_heic_is_read():
    assert np.abs(load_image(heic(quality=95))[..., 0].astype(int) - GREY).max() <= 12


def test_exif_orientation_of_a_heic_is_applied_once():
    exif = Image.Exif()
    exif[ORIENTATION] = ROTATED_LEFT
    assert load_image(heic(exif=exif.tobytes())).shape == (20, 12, 4)


def test_heic_that_declares_too_many_pixels_is_refused():
    # 64 x 64, since libheif encodes a smaller picture as a crop of 64 x 64, whose size is declared elsewhere
    parts = heic(np.zeros((64, 64), np.uint8)).split(b"ispe")
    declared = bytes(4) + struct.pack(">II", 5001, 5000)
    raw = b"ispe".join([parts[0], *(declared + part[12:] for part in parts[1:])])
    with pytest.raises(ImageError, match="make it smaller"):
        load_image(raw)


@pytest.mark.parametrize("length", [60, 300, -100])
def test_heic_cut_short_is_refused(length):
    with pytest.raises(ImageError, match="again"):
        load_image(heic()[:length])


def test_pages_of_a_pdf_come_in_order():
    raw = pdf_of(Image.new("RGB", (400, 300), "white"), Image.new("RGB", (300, 400), "black"))
    assert count_pages(raw) == 2
    white, black = pages(io.BytesIO(raw))
    assert white.shape == (PDF_SIDE * 3 // 4, PDF_SIDE, 4)
    assert black.shape == (PDF_SIDE, PDF_SIDE * 3 // 4, 4)
    assert white[..., :3].min() > 250
    assert black[..., :3].max() < 5
    np.testing.assert_array_equal(load_image(raw), white)
    np.testing.assert_array_equal(load_image(raw, page=1), black)


def test_picture_counts_as_one_page():
    for picture in (GREY, Image.fromarray(GREY), encoded(Image.fromarray(GREY), "PNG")):
        assert count_pages(picture) == 1
        (page,) = pages(picture)
        np.testing.assert_array_equal(page[..., 0], GREY)


@pytest.mark.parametrize(("raw", "advice"), [
    (pdf((100, 100))[:100], "save it again"),
    (b"%PDF-1.7", "save it again"),
    (pdf(), "save it again"),
    (pdf_of(Image.new("1", (5001, 5000))), "make it smaller"),
    (pdf(*[(100, 100)] * (MAX_PDF_PAGES + 1)), "split it"),
])  # fmt: skip
def test_refused_pdf_says_what_to_do(raw, advice):
    with pytest.raises(ImageError, match=advice):
        list(pages(raw))


@pytest.mark.parametrize("size", [(14400, 14400), (1, 10000), (0.01, 0.01)])
def test_pdf_page_of_any_size_is_drawn_at_the_same_size(size):
    assert max(load_image(pdf(size)).shape) <= PDF_SIDE + 1


@pytest.mark.parametrize("number", [1, -1])
def test_page_that_a_pdf_does_not_have_is_refused(number):
    with pytest.raises(ImageError, match="has 1 page"):
        load_image(pdf((100, 100)), page=number)


def test_too_large_a_file_is_refused_without_reading_all_of_it(tmp_path):
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(100 * MAX_FILE_BYTES)  # a sparse file of 2 GB
    with pytest.raises(ImageError, match=r"large\.png is larger than 20 MB"):
        load_image(path)
    raw = encoded(Image.fromarray(GREY), "PNG")
    assert load_image(raw + bytes(MAX_FILE_BYTES - len(raw))).shape == (12, 20, 4)


def test_importing_the_library_imports_no_pdf_or_heic_reader_and_no_tensorflow():
    slow_imports = "{'pypdfium2', 'pillow_heif', 'tensorflow'}"
    program = f"import sys, recognizer; sys.exit(bool({slow_imports} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
