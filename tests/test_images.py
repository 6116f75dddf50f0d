import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from recognizer.images import MOST_PIXELS, ImageError, load_image

GREY = np.linspace(0, 255, 12 * 20).reshape(12, 20).astype(np.uint8)


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


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
