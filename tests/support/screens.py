"""Made-up screenshots: text drawn on a page, as PNG, JPEG or WebP."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SYSTEM = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
)
FONTS = ("", *(font for font in SYSTEM if Path(font).exists()))
"""The one that comes with Pillow, and those of the system that are there."""


def screen(
    lines: Sequence[str], *, size: int = 16, dark: bool = False, font: str = "", width: int = 900
) -> Image.Image:
    """One line below the other; a tab puts what follows 300 pixels further right."""
    face = ImageFont.truetype(font, size) if font else ImageFont.load_default(size)
    step = round(size * 1.9)
    image = Image.new("RGB", (width, step * (len(lines) + 1)), "#1d1f24" if dark else "#ffffff")
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        for column, text in enumerate(line.split("\t")):
            position = (20 + 300 * column, step * number + step // 2)
            draw.text(position, text, fill="#d8dade" if dark else "#20242b", font=face)
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
