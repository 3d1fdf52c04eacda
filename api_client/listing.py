"""Paginated lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Self, TypeVar

import httpx

from api_client.decoding import decode
from api_client.errors import UnexpectedAnswer
from api_client.sending import Sender, json_of

LARGEST_PAGE = 100
USUAL_PAGE = 50

Item = TypeVar("Item")


class Listing(tuple[Item, ...]):
    """A page of a list; `total` is the number of entries on all pages."""

    total: int

    @classmethod
    def of(cls, entries: Iterator[Item] | tuple[Item, ...], total: int) -> Self:
        listing = cls(entries)
        listing.total = total
        return listing


def fetch_page(sender: Sender, kind: type[Item], path: str, *, offset: int, limit: int, **wanted: str) -> Listing[Item]:
    """Raises UnexpectedAnswer."""
    params: dict[str, Any] = {**wanted}
    params |= {"offset": offset} if offset else {}
    params |= {"limit": limit} if limit != USUAL_PAGE else {}
    return _read(kind, sender.send("GET", path, params=params), path)


def every(fetch: Callable[..., Listing[Item]]) -> Iterator[Item]:
    """All entries of a list, page by page: `every(client.models)`. An entry may appear twice if others are added
    meanwhile.
    """
    seen = 0
    while page := fetch(offset=seen, limit=LARGEST_PAGE):
        yield from page
        seen += len(page)
        if seen >= page.total:
            return


def _read(kind: type[Item], answer: httpx.Response, place: str) -> Listing[Item]:
    entries = json_of(answer)
    if not isinstance(entries, list):
        raise UnexpectedAnswer(f"The answer of {place} is not a list.")
    total = answer.headers.get("Total-Count", str(len(entries)))  # an older API version returns everything at once
    if not (total.isascii() and total.isdigit()):
        raise UnexpectedAnswer(f"The answer of {place} doesn't say how many there are.")
    return Listing.of((decode(kind, entry) for entry in entries), int(total))
