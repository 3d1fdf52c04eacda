"""A body of any size as it arrives, in bounded memory: what no facet or field here reads is dropped before it is built.

A Spark event may have tens of megabytes of logical plans, of which nothing counts.
"""

from __future__ import annotations

from typing import Any

import ijson

from governance.lineage.openlineage.facets import Part
from governance.lineage.openlineage.mending import Mender, value_of
from governance.lineage.openlineage.messages import EVENTS

MOST_VALUES = 500_000
"""Of those that count, in one body."""
DEEPEST = 1000
FREE = {"inputCondition", "fields"}
"""Below these, all keys count."""


class NotJson(ValueError):
    """Not JSON in UTF-8, or nested too deep."""


class TooManyValues(ValueError):
    """More than `MOST_VALUES` that count."""


class Decoder:
    """`feed` it the parts of a body in order, then `finish`. Both raise NotJson and TooManyValues."""

    def __init__(self) -> None:
        self._builder = _Builder()
        self._parser = ijson.basic_parse_coro(self._builder, use_float=True)
        self._mender = Mender()

    def feed(self, part: bytes) -> None:
        self._parse(self._mender.mended(part))

    def finish(self) -> Any:
        """The value, without what doesn't count."""
        try:
            self._parse(self._mender.rest())
            self._parser.close()
        except (ijson.JSONError, UnicodeDecodeError) as error:
            raise NotJson from error
        return self._builder.value

    def _parse(self, part: bytes) -> None:
        try:
            if part:
                self._parser.send(part)
        except (ijson.JSONError, UnicodeDecodeError) as error:
            raise NotJson from error


class _Builder:
    """Builds the value from the parser's events."""

    def __init__(self) -> None:
        self.value: Any = None
        self._open: list[tuple[Any, bool]] = []
        """The containers that are open, and whether all their keys count."""
        self._key = ""
        self._left = MOST_VALUES
        self._depth = 0
        self._dropped = False
        """The next value doesn't count."""
        self._dropping = 0
        """How many containers that don't count are open."""

    def send(self, token: tuple[str, Any]) -> None:
        event, value = token
        if event in ("start_map", "start_array"):
            self._start({} if event == "start_map" else [])
        elif event in ("end_map", "end_array"):
            self._depth -= 1
            if self._dropping:
                self._dropping -= 1
            else:
                self._open.pop()
        elif self._dropping:
            return
        elif event == "map_key":
            self._key = value
            self._dropped = not self._open[-1][1] and value not in COUNTED
        elif self._dropped:
            self._dropped = False
        else:
            self._add(value_of(value) if event == "string" else value)

    def _start(self, container: Any) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotJson
        if self._dropping or self._dropped:
            self._dropping += 1
            self._dropped = False
            return
        holder, free = self._open[-1] if self._open else (None, False)
        self._add(container)
        self._open.append((container, free or (isinstance(holder, dict) and self._key in FREE)))

    def _add(self, value: Any) -> None:
        self._left -= 1
        if self._left < 0:
            raise TooManyValues
        if not self._open:
            self.value = value
        elif isinstance(holder := self._open[-1][0], list):
            holder.append(value)
        else:
            holder[self._key] = value


def _names(part: type[Part]) -> set[str]:
    """The fields of these parts of an event, as they are sent."""
    own = {field.alias or name for name, field in part.model_fields.items()}
    return own.union(*(_names(each) for each in part.__subclasses__()))


COUNTED = _names(Part).union(*(_names(event) for event in EVENTS))
