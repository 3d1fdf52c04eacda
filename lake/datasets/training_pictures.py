"""The pictures of a training export: of records whose policy permits it, if people had been told so then.

Each is painted over once more, so that it shows no names of the directory (`lake.pictures.for_training`). That takes
seconds, so pages end after a few of them: the rules are checked again for the next ones. An answer has at most
`MOST_PICTURES`, and one that could have none is refused. A process writes at most `MOST_ANSWERS` with pictures at once
(`Turn`): they share one reader, so that more would only wait for each other.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

from directory.sealing import Sealer, Unreadable
from errors import Conflict, TooMany
from lake.pictures.for_training import Painter
from lake.rules.notices import TRAINING_PICTURES, Told, read_notices
from lake.rules.policies import Policy
from lake.storage.objects import pictures
from languages import mark
from languages.saying import say
from parts import PartUnavailable

AT_ONCE = 8
MOST_PICTURES = 1_000
MOST_ANSWERS = 2
RETRY_SECONDS = 60
_painter = Painter()
_turns = threading.BoundedSemaphore(MOST_ANSWERS)


class NotPermitted(Conflict):
    """No picture of the dataset version may be given. Nothing was read."""


class TooManyPictures(Conflict):
    """The dataset version has more than `MOST_PICTURES` that may be given. Nothing was read."""


class Turn:
    """One of the answers with pictures that may be written at once; it ends with what it passes on, or with itself."""

    def __init__(self) -> None:
        """Raises TooMany: then nothing was read."""
        self._taken = _turns.acquire(blocking=False)
        self._pieces: Iterator[bytes] = iter(())
        if not self._taken:
            raise TooMany(
                say(
                    "{n} training exports with pictures are being written, the most at once. Nothing was read. Ask "
                    "again later, or without pictures.",
                    n=MOST_ANSWERS,
                ),
                RETRY_SECONDS,
            )

    def of(self, pieces: Iterator[bytes]) -> Turn:
        """Pass these on; they may be read by one thread after another."""
        self._pieces = pieces
        return self

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Somebody else may take it. A second call changes nothing."""
        if self._taken:
            self._taken = False
            _turns.release()

    def __del__(self) -> None:
        """Whoever read it went away."""
        self.end()


def require_some(permitted: int) -> None:
    """Raises NotPermitted or TooManyPictures, unless so many can be given in an answer."""
    if not permitted:
        raise NotPermitted(
            mark(
                "No picture of this version may be given: none of its records has one under a policy that permits "
                "training_pictures now and did so in the notice of that time. Nothing was read. Ask without pictures "
                "to get the records."
            )
        )
    if permitted > MOST_PICTURES:
        raise TooManyPictures(
            f"This version has {permitted:,} pictures that may be given. An answer has at most {MOST_PICTURES:,}. "
            "Nothing was read. Make versions of fewer days or applications."
        )


def permitted_rules(connection: DuckDBPyConnection, policies: Sequence[Policy]) -> dict[str, Any]:
    """Parameters of the part `permitted_pictures`. Works on a reader."""
    found = Told(read_notices(connection)).permitting(policies, TRAINING_PICTURES)
    keys, begins, ends = ([row[at] for row in found] for at in range(3))
    return {"permitted_policies": keys, "permitted_from": begins, "permitted_until": ends}


@dataclass
class Pictures:
    """Makes the pictures, and counts them. `names`: of everyone in the directory."""

    names: Collection[str]
    given: int = 0
    not_permitted: int = 0
    unreadable: int = 0

    def page(self, rows: Sequence[tuple[Any, ...]]) -> int:
        """How many of these rows, which end with whether a picture is permitted, make a page."""
        found = 0
        for number, row in enumerate(rows, start=1):
            found += row[-1]
            if found == AT_ONCE:
                return number
        return len(rows)

    def of(self, row: tuple[Any, ...], sealer: Sealer | None) -> bytes | None:
        """The picture of a row as WebP; None if it has none, or none that may be given."""
        capture_id: UUID = row[0]
        if not row[-1]:
            self.not_permitted += _has_picture(row)
            return None
        picture = None if sealer is None else self._painted(capture_id, sealer)
        self.given += picture is not None
        self.unreadable += picture is None
        return picture

    def _painted(self, capture_id: UUID, sealer: Sealer) -> bytes | None:
        try:
            return _painter.painted(sealer.open_picture(capture_id, pictures.read(capture_id)), self.names)
        except (OSError, PartUnavailable, Unreadable):
            return None

    def facts(self) -> dict[str, str]:
        """How many records have a picture in the file, and how many have one that isn't, by reason."""
        return {
            "pictures": str(self.given),
            "pictures-not-permitted": str(self.not_permitted),
            "pictures-unreadable": str(self.unreadable),
        }


def _has_picture(row: tuple[Any, ...]) -> bool:
    _, _, signal, _, x, y, *_ = row
    return signal == "screenshot" and x is not None and y is not None
