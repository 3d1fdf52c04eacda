"""Where ActivityWatch events come from: an export file, or the REST API of a running server.

Both are JSON of any size, read as a stream: memory holds one event at a time.
"""

from __future__ import annotations

import urllib.parse
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import ijson

import outgoing
from lake.connectors.activitywatch_keys import key_of
from lake.connectors.lines import opened, value_of
from lake.connectors.records import InvalidSource

TIMEOUT_SECONDS = 60
LONGEST_ANSWER_SECONDS = 6 * 3600
LARGEST_ANSWER = 4 << 30
"""A bucket is one answer: with more than about ten million events, it must be read from an export file."""


@dataclass(frozen=True)
class Bucket:
    """One ActivityWatch bucket; `type` says what its events are, `place` which one of an export it is."""

    id: str
    type: str
    hostname: str
    place: str = ""


class Source(Protocol):
    """Buckets and their events; every call reads from the start. All raise InvalidSource."""

    def buckets(self) -> dict[str, Bucket]: ...

    def events(self, buckets: list[Bucket]) -> Iterator[tuple[Bucket, int, Any]]:
        """(bucket, number of the event in it from 1, event); TOO_LARGE for an event that is too large."""
        ...


class ExportFile:
    """`{"buckets": {id: {"id", "type", "client", "hostname", "created", "events": […]}}}`, or a list of buckets."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def buckets(self) -> dict[str, Bucket]:
        found: dict[str, dict[str, str]] = {}
        is_export = False
        with self._tokens() as tokens:
            for place, name, event, value in _placed(tokens):
                is_export = is_export or (name == "buckets" and event in ("start_map", "start_array"))
                if place:
                    fields = found.setdefault(place, {})
                    if event == "string" and name in ("id", "type", "hostname"):
                        fields[name] = value
        if not is_export:
            raise InvalidSource(
                f'{self._path} is not an ActivityWatch export: it has no "buckets". Nothing was changed.'
                " Export it with ActivityWatch's own export, or check the format name."
            )
        return {
            place: Bucket(fields.get("id", place), fields.get("type", ""), fields.get("hostname", ""), place)
            for place, fields in found.items()
        }

    def events(self, buckets: list[Bucket]) -> Iterator[tuple[Bucket, int, Any]]:
        wanted = {bucket.place or bucket.id: bucket for bucket in buckets}
        with self._tokens() as tokens:
            numbers: Counter[str] = Counter()
            for place, name, event, value in _placed(tokens):
                if place in wanted and name == "events.item":
                    numbers[place] += 1
                    yield wanted[place], numbers[place], value_of(tokens, event, value)

    @contextmanager
    def _tokens(self) -> Iterator[Iterator[tuple[str, str, Any]]]:
        with opened(self._path, "ActivityWatch export") as file:
            try:
                yield ijson.parse(file)
            except ijson.JSONError:
                # Without its cause, whose message quotes the file.
                raise InvalidSource(
                    f"{self._path} is not complete JSON: it is damaged, truncated, or in another format."
                    " Nothing was changed. Export it again."
                ) from None


class Server:
    """A running aw-server, at its base URL."""

    def __init__(self, url: str) -> None:
        """Raises InvalidSource unless it is a plain http or https URL."""
        try:
            outgoing.require_plain(url)
        except ValueError as error:
            raise InvalidSource(
                f"This is not the URL of an ActivityWatch server. {error} Nothing was changed. Everyone who uses this"
                " machine can read command lines: if a password was on this one, change it."
                if "@" in url
                else f"This is not the URL of an ActivityWatch server. {error} Nothing was changed."
            ) from None
        parts = urllib.parse.urlsplit(url)
        self._base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/api/0/buckets/"
        key = key_of(url)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._shown = f"{parts.scheme}://{parts.hostname}:{parts.port}" if parts.port else parts.hostname

    def buckets(self) -> dict[str, Bucket]:
        with self._answer("") as answer:
            listed = next(ijson.items(answer, ""), None)
            if not isinstance(listed, dict) or not all(isinstance(bucket, dict) for bucket in listed.values()):
                raise self._unusable("its list of buckets can't be read")
            return {
                bucket: Bucket(bucket, str(fields.get("type", "")), str(fields.get("hostname", "")))
                for bucket, fields in listed.items()
            }

    def events(self, buckets: list[Bucket]) -> Iterator[tuple[Bucket, int, Any]]:
        for bucket in buckets:
            with self._answer(f"{urllib.parse.quote(bucket.id, safe='')}/events") as answer:
                tokens = ijson.parse(answer)
                number = 0
                for prefix, event, value in tokens:
                    if prefix == "item":
                        number += 1
                        yield bucket, number, value_of(tokens, event, value)

    @contextmanager
    def _answer(self, path: str) -> Iterator[outgoing.Answer]:
        try:
            with outgoing.call(
                "GET", self._base + path, self._headers,
                largest=LARGEST_ANSWER, silence=TIMEOUT_SECONDS, seconds=LONGEST_ANSWER_SECONDS,
            ) as answer:  # fmt: skip
                if 300 <= answer.status < 400:
                    raise self._unusable(f"it redirects ({answer.status}), and redirects are not followed")
                if answer.status in (401, 403):
                    raise self._unusable(
                        f"it answered {answer.status}: its API key is missing in"
                        " OPENBOOK_ACTIVITYWATCH_KEYS, or is another"
                    )
                if answer.status != 200:
                    raise self._unusable(f"it answered {answer.status}")
                yield answer
        except outgoing.CallFailed as error:
            raise self._unusable(f"it {error}") from error
        except ijson.JSONError:
            raise self._unusable("its answer is not complete JSON") from None

    def _unusable(self, problem: str) -> InvalidSource:
        return InvalidSource(
            f"ActivityWatch at {self._shown} can't be read: {problem}. Nothing was changed."
            " Check that the server runs and that the URL is its base URL, such as http://localhost:5600."
        )


def _placed(tokens: Iterator[tuple[str, str, Any]]) -> Iterator[tuple[str, str, str, Any]]:
    """Each token with the place of its bucket (its name, or its number in a list; "" outside of them), its path in the
    bucket, its kind and its value."""
    place, below, number = "", "buckets.", -1
    for prefix, event, value in tokens:
        if prefix == "buckets" and event == "map_key":
            place, below = value, f"buckets.{value}."
            yield place, "", event, value
        elif prefix == "buckets.item" and event == "start_map" and number >= 0:
            place, below, number = str(number), "buckets.item.", number + 1
            yield place, "", event, value
        elif prefix == "buckets":
            number = 0 if event == "start_array" else number
            yield "", prefix, event, value
        elif place and prefix.startswith(below):
            yield place, prefix.removeprefix(below), event, value
