"""The picture of one record: examined, painted over and sealed, before its row is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from directory.consenting import Consents
from lake.connectors import Record
from lake.ingest.reading import Admission
from lake.ingest.rows import Rows
from lake.safeguards.keyboard.typed import Find
from lake.safeguards.passwords import in_url
from lake.safeguards.patterns import find
from lake.safeguards.redaction import Safeguarded


def with_picture(
    record: Record,
    ordinal: int,
    safe: Safeguarded | None,
    rows: Rows,
    admission: Admission,
    consents: Consents,
    personal: Callable[[], Find] | None,
) -> tuple[Record, Safeguarded | None] | str:
    """The record with the picture's width and height as x and y, and what was masked; or why the picture is refused.
    `personal`: gives what finds names of people; None: they may stay.

    Raises OSError if it can't be written.
    """
    if record.picture is None:
        return record, safe
    if size := rows.stored_size(record, ordinal):
        return replace(record, x=size[0], y=size[1]), safe
    # OCR takes a second to load, which recordings without pictures would spend for nothing.
    from lake.pictures.decoding import MOST_BYTES, PictureRefused
    from lake.pictures.painting import made_safe

    refused = [
        window.box
        for window in record.picture.windows
        if admission.allowed(replace(record, application=window.application)).policy(consents, record.captured_at)
        is None
    ]
    try:
        data = record.picture.read(MOST_BYTES + 1)
    except OSError:
        return "the picture can't be opened"
    try:
        picture = made_safe(data, refused, _search(personal))
    except PictureRefused as error:
        return str(error)
    rows.add_picture(record, ordinal, picture.data)
    content = safe.content if safe else {}
    masked = {**(safe.redactions if safe else {}), **picture.redactions}
    return replace(record, x=picture.width, y=picture.height), Safeguarded(content, masked)


def _search(personal: Callable[[], Find] | None) -> Find:
    of_people = personal() if personal else lambda _: []
    return lambda text: [*find(text), *in_url(text), *of_people(text)]
