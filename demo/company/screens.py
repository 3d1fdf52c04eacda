"""Made-up pictures for the newest screenshots of the person whom the demo shows first."""

from __future__ import annotations

import io
from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from PIL import Image, ImageDraw, ImageFont

from directory.sealing import Sealer
from lake.pictures.sizes import FAST
from lake.storage.objects import pictures

HOW_MANY = 6
WIDTH, HEIGHT = 960, 540
LINES = {
    "Excel": ("Plan of the quarter", "Region   Orders   Returns", "North   418   12", "South   377   9", "West   402"),
    "SAP": ("Purchase order 20418", "Paper, A4   40 boxes", "Pencils   200", "Delivery: Monday", "Status: released"),
    "Chrome": ("Travel guidelines", "Trains come first.", "Book two weeks ahead.", "Keep the receipts."),
}  # fmt: skip
COLOURS = {"Excel": "#1f7a4d", "SAP": "#1c5d99", "Chrome": "#6b7280"}


def with_pictures(table: pa.Table, subject: UUID, sealer: Sealer) -> pa.Table:
    """The rows (`lake.storage.store.ARROW_SCHEMA`), the newest screenshots of the person with width and height. Their
    pictures are stored before this returns."""
    theirs = pc.and_(pc.equal(table["subject"], subject.bytes), pc.equal(table["signal"], "screenshot"))
    places = np.flatnonzero(theirs.to_numpy())
    newest = places[np.argsort(table["captured_at"].to_numpy()[places])][-HOW_MANY:].tolist()
    drafts = []
    for number, place in enumerate(newest):
        capture_id = UUID(bytes=table["capture_id"][place].as_py())
        picture = drawn(table["application"][place].as_py(), number)
        drafts.append(pictures.write_draft(capture_id, sealer.seal_picture(capture_id, picture)))
    pictures.settle(drafts)
    for name, size in (("x", WIDTH), ("y", HEIGHT)):
        table = _with(table, name, newest, size)
    return table


def drawn(application: str, number: int) -> bytes:
    """A window of the application, as WebP."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "#f4f5f7")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 48), fill=COLOURS.get(application, "#444444"))
    title, *lines = LINES.get(application, (application,))
    draw.text((24, 12), f"{application}: {title}", fill="white", font=ImageFont.load_default(22))
    for row, line in enumerate(lines):
        top = 84 + 76 * row
        draw.rectangle((24, top, WIDTH - 24, top + 60), fill="white", outline="#d0d3d9")
        draw.text((44, top + 17), line, fill="#20242b", font=ImageFont.load_default(22))
    draw.rectangle((24, HEIGHT - 56, 24 + 130 * (number + 1), HEIGHT - 44), fill=COLOURS.get(application, "#444444"))
    encoded = io.BytesIO()
    image.save(encoded, "WEBP", quality=85, method=FAST)
    return encoded.getvalue()


def _with(table: pa.Table, column: str, places: Sequence[int], value: int) -> pa.Table:
    values = table[column].to_pylist()
    for place in places:
        values[place] = value
    at = table.schema.get_field_index(column)
    return table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type))
