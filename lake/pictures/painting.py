"""Makes of a picture file what may be stored: painted over where it has to be, without anything but pixels, as WebP.

It is read and painted over in its own size. Then a side longer than `LONGEST_SIDE` is scaled down to that.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image, ImageDraw
from PIL.Image import Resampling

from lake.pictures.decoding import MOST_BYTES, PictureRefused, decoded
from lake.pictures.finding import Find, hidden
from lake.pictures.reading import Box, read_lines
from lake.pictures.sizes import FAST

LONGEST_SIDE = 2560
PAINT = "#5b5b66"
QUALITY = 85


@dataclass(frozen=True)
class SafePicture:
    """A picture that may be stored: WebP, and what was painted over, by kind."""

    data: bytes
    width: int
    height: int
    redactions: dict[str, int]


def made_safe(data: bytes, windows: Iterable[Box], find: Find) -> SafePicture:
    """`windows`: where refused applications are, in pixels of the file. Raises PictureRefused."""
    picture = decoded(data)
    counts: Counter[str] = Counter()
    image = picture.pixels
    for window in windows:
        counts["window"] += _paint(image, window)
    found = hidden(read_lines(image), find)
    for box in found.boxes:
        _paint(image, box)
    image = _scaled_down(image)
    encoded = io.BytesIO()
    image.save(encoded, "WEBP", lossless=picture.lossless, quality=QUALITY, method=FAST)
    if encoded.tell() > MOST_BYTES:
        raise PictureRefused("the picture has more than 16 MB")
    kinds = {kind: number for kind, number in (counts + found.kinds).items() if number}
    return SafePicture(encoded.getvalue(), image.width, image.height, kinds)


def _scaled_down(image: Image.Image) -> Image.Image:
    scale = LONGEST_SIDE / max(image.size)
    if scale >= 1.0:
        return image
    return image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))), Resampling.LANCZOS)


def _paint(image: Image.Image, box: Box) -> bool:
    """Whether any of it is on the picture."""
    left, top = max(0, box[0]), max(0, box[1])
    right, bottom = min(image.width, box[2]), min(image.height, box[3])
    if left >= right or top >= bottom:
        return False
    ImageDraw.Draw(image).rectangle((left, top, right - 1, bottom - 1), fill=PAINT)
    return True
