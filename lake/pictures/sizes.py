"""Stored pictures, made small. Pillow is loaded when it is needed."""

from __future__ import annotations

import io

MEDIA_TYPE = "image/webp"
FAST = 2
"""Of WebP's methods 0 to 6: the slower ones save little on screenshots."""


def thumbnail(data: bytes, longest: int) -> bytes:
    """A stored picture, made small, as WebP."""
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("WEBP",)) as image:
        small = image.convert("RGB")
    small.thumbnail((longest, longest))
    encoded = io.BytesIO()
    small.save(encoded, "WEBP", quality=75, method=FAST)
    return encoded.getvalue()


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of a stored picture."""
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("WEBP",)) as image:
        return image.size
