"""The places of a search in a record, as HTML with the words marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from dashboard.captured.records_panel import FIELDS
from dashboard.language import opening, t
from dashboard.text import markup
from queries.search import Place

BEFORE, AFTER = 60, 140
MOST_FIELDS = 4


def excerpts(content: Mapping[str, str], places: Iterable[Place]) -> str:
    """A line for each field that has a word, at most four: what is around the first word in it."""
    lines = []
    for field, within in groupby(places, lambda place: place.field):
        name = t(FIELDS[field]) if field in FIELDS else opening(field)
        lines.append(f"<div><small>{markup(name, 40)}</small> <bdi>{excerpt(content[field], list(within))}</bdi></div>")
    return f'<div class="found">{"".join(lines[:MOST_FIELDS])}</div>'


def excerpt(text: str, places: list[Place]) -> str:
    """The text around the first place, and every place in it marked."""
    begin = max(0, places[0].start - BEFORE)
    end = min(len(text), max(places[0].end, places[0].start + AFTER))
    parts = ["…" if begin else ""]
    at = begin
    for place in places:
        if place.start >= end:
            break
        parts += [_escaped(text[at : place.start]), f"<mark>{_escaped(text[place.start : min(place.end, end)])}</mark>"]
        at = min(place.end, end)
    return "".join([*parts, _escaped(text[at:end]), "…" if end < len(text) else ""])


def _escaped(text: str) -> str:
    """As `markup`, with the spaces at its ends."""
    inner = markup(text)
    before = " " if text[:1].isspace() else ""
    after = " " if inner and text[-1:].isspace() else ""
    return before + inner + after
