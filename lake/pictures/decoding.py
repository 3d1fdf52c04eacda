"""Decodes a picture file into plain pixels, within limits.

Only pixels are kept: no EXIF data, places, comments, colour profiles, transparency or further frames.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

MOST_BYTES = 16 << 20
MOST_PIXELS = 40_000_000
"""Decoded: 8K screens have 33 million."""
SHORTEST_SIDE = 16
FORMATS = ("PNG", "JPEG", "WEBP")


class PictureRefused(ValueError):
    """The picture can't be stored; the message is the reason, without captured content."""


@dataclass(frozen=True)
class Decoded:
    """RGB pixels. `lossless`: the file had them exactly."""

    pixels: Image.Image
    lossless: bool


def decoded(data: bytes) -> Decoded:
    """Raises PictureRefused."""
    if len(data) > MOST_BYTES:
        raise PictureRefused("the picture has more than 16 MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about bombs, which are refused below, and odd metadata
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _require_allowed(image)
                image.load()
                return _plain(image)
    except PictureRefused:
        raise
    except Image.DecompressionBombError as error:
        raise PictureRefused("the picture has more than 40 million pixels") from error
    except Exception as error:  # decoders raise nearly anything for damaged files
        raise PictureRefused("the picture can't be decoded: it must be PNG, JPEG or WebP") from error


def _require_allowed(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise PictureRefused("the picture has more than 40 million pixels")
    if min(width, height) < SHORTEST_SIDE:
        raise PictureRefused("the picture is smaller than 16 pixels")
    if max(width, height) > 32 * min(width, height):
        raise PictureRefused("the picture is too narrow to be a screenshot")
    if getattr(image, "n_frames", 1) > 1:
        raise PictureRefused("the picture is animated")


def _plain(image: Image.Image) -> Decoded:
    lossless = image.format == "PNG" or (image.format == "WEBP" and len(image.getcolors(4096) or ()) > 0)
    upright = ImageOps.exif_transpose(image)
    flat = Image.new("RGB", upright.size, "white")
    if upright.has_transparency_data:
        seen = upright.convert("RGBA")
        flat.paste(seen, mask=seen.getchannel("A"))
    else:
        flat.paste(upright.convert("RGB"))
    return Decoded(flat, lossless)
