"""The training export: the captures of a dataset version as one streamed Parquet file, without identities.

People and sessions get pseudonyms of this version, so that two versions can't be joined by them. In text, e-mail
addresses, telephone numbers, card and account numbers and the names of everyone in the directory are replaced by a
mark, authors are omitted, and single keys that type a character only say that they do. It is pseudonymous, not
anonymous: what a person wrote or did may still identify them. Captures that the person says are wrong are marked
(`disputed`); the note that says so is not in the file.

It contains what the version lists, without what was erased, objected to, restricted or no longer consented to since,
and without what is past its retention. This is checked for every page, so that captures removed during the read are not
in the rest. Pages are read in short turns, so that an erasure never waits for a slow reader. The end of the file says
how many captures are listed and how many were given. Pictures are in it if they are asked for and their policy permits
it (`lake.datasets.training_pictures`)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote
from uuid import UUID, uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

import clock
from directory.keys import Job, KeyRing
from directory.sealing import Content, Sealer, Unreadable
from directory.tables.names import all_names
from lake.connectors.elements import key_name
from lake.datasets import purposes
from lake.datasets.making import Made
from lake.datasets.training_pictures import AT_ONCE, Pictures, permitted_rules
from lake.rules.consents import consented
from lake.rules.policies import read_policies
from lake.rules.scope import Scope
from lake.safeguards import placeholder
from lake.statements import statement

PAGE_ROWS = 10_000
ROW_GROUP = 50_000
BEFORE_ALL = datetime(1, 1, 1)  # noqa: DTZ001 (the lake's times are naive UTC)
NO_CAPTURE = UUID(int=0)

FIELDS = ("text", "element", "title", "url", "message", "quoted", "action", "button", "key", "dx", "dy")
"""Fields of the content; others, such as the author of a message, are omitted."""

UNCHANGED = frozenset(("action", "button", "dx", "dy"))
CHARACTER = "[character]"
DECODINGS = 5
_WORD = re.compile(r"[^\W\d_]{2,}")

SCHEMA = pa.schema(
    [
        ("person", pa.string()),
        ("captured_at", pa.timestamp("us", "UTC")),
        ("signal", pa.string()),
        ("application", pa.string()),
        ("x", pa.int32()),
        ("y", pa.int32()),
        ("session", pa.string()),
        ("disputed", pa.bool_()),
        *((name, pa.string()) for name in FIELDS),
    ]
)

WITH_PICTURES = SCHEMA.append(pa.field("picture", pa.binary()))

Answer = TypeVar("Answer")
Ask = Callable[[Callable[[DuckDBPyConnection], Answer]], Answer]
"""Runs one query on the lake in a short turn: `queries.connection.answering`."""
Disputes = Callable[[UUID], Sequence[Scope]]
"""What a person says is wrong: the scopes of their notes in force; asked for every page."""


def counts(connection: DuckDBPyConnection, made: Made) -> dict[UUID, int]:
    """How many captures of each person an export would contain now. Works on a reader."""
    return {subject: captures for subject, captures, *_ in _given(connection, made, clock.today())}


def picture_counts(connection: DuckDBPyConnection, made: Made) -> dict[UUID, int]:
    """How many pictures of each person who has any an export with pictures would contain now. Works on a reader."""
    return {subject: pictures for subject, _, pictures, _ in _given(connection, made, clock.today()) if pictures}


def fingerprint(connection: DuckDBPyConnection, made: Made, day: date) -> int:
    """Of the captures that an export would contain if the rules of now still stood on this day: it changes with each
    one that leaves or comes back, and `Given` computes the same of what it gave. Works on a reader.
    """
    return sum(part for *_, part in _given(connection, made, day))


def _given(connection: DuckDBPyConnection, made: Made, day: date) -> list[tuple[UUID, int, int, int]]:
    parameters = {"dataset_version": made.dataset_version, **_rules(connection, made, day)}
    return connection.execute(statement("given_counts"), parameters).fetchall()


def stream(
    ask: Ask[Any],
    made: Made,
    captures: Mapping[UUID, int],
    job: Job,
    disputes: Disputes,
    pictures: Mapping[UUID, int] | None = None,
) -> Iterator[bytes]:
    """The Parquet file of a dataset version, for the people of `captures`, with how many each has in it (`counts`);
    with pictures, if it is said how many each has (`picture_counts`). The entries of the job for their access logs are
    on disk when this returns, before the first byte is read.

    Raises PartUnavailable, and while it is read LakeUnavailable.
    """
    return _streamed(Given(ask, made, captures, job, disputes, clock.today(), pictures))


def _streamed(given: Given) -> Iterator[bytes]:
    sink = _Pieces()
    with pq.ParquetWriter(sink, given.schema, compression="zstd") as writer:
        for table in given.tables():
            writer.write_table(table)
            yield sink.taken()
        writer.add_key_value_metadata({f"open-book.{name}": text for name, text in given.facts().items()})
    yield sink.taken()


class Given:
    """The captures of a dataset version, as they are given. Before this is made, the entries of the job for the access
    logs of the people in `captures` (`counts`) are on disk. `day`: captures whose last day is earlier are left out.
    `pictures`: with a column of pictures; how many each person has in it, for the same logs.
    """

    def __init__(
        self,
        ask: Ask[Any],
        made: Made,
        captures: Mapping[UUID, int],
        job: Job,
        disputes: Disputes,
        day: date,
        pictures: Mapping[UUID, int] | None = None,
    ) -> None:
        """Raises PartUnavailable."""
        self._ask, self._made, self._job, self._disputes, self._day = ask, made, job, disputes, day
        self._people = sorted(captures, key=partial(_pseudonym_of, made))
        self._keys = KeyRing()
        self._keys.record(job, captures)
        if pictures is not None:
            self._keys.record(replace(job, id=uuid4(), what="pictures"), pictures)
        self.schema = SCHEMA if pictures is None else WITH_PICTURES
        self._with_pictures = pictures is not None
        self._pictures: Pictures | None = None
        self.rows = 0
        self.fingerprint = 0
        """Of what was taken so far: `fingerprint`."""

    def tables(self) -> Iterator[pa.Table]:
        """In the order of the people's pseudonyms, some `ROW_GROUP` rows at a time. Raises LakeUnavailable."""
        names = all_names().split("\n")
        words, self._pictures = Names(names), Pictures(names) if self._with_pictures else None
        waiting: list[pa.Table] = []
        for subject in self._people:
            for table in self._pages(subject, self._keys.content_key(subject, self._job), words):
                self.rows += table.num_rows
                waiting.append(table)
                if sum(each.num_rows for each in waiting) >= ROW_GROUP or sum(map(_shown, waiting)) >= AT_ONCE:
                    yield pa.concat_tables(waiting)
                    waiting = []
        if waiting:
            yield pa.concat_tables(waiting)

    def facts(self) -> dict[str, str]:
        """What stands beside the records, once all were taken."""
        facts = {
            "dataset": self._made.dataset,
            "version": self._made.version,
            "manifest-root": self._made.root,
            "listed": str(self._made.captures),
            "given": str(self.rows),
            "left-out": str(self._made.captures - self.rows),
        }
        if self._pictures:
            facts |= self._pictures.facts()
        return facts

    def _pages(self, subject: UUID, key: bytes | None, names: Names) -> Iterator[pa.Table]:
        sealer = None if key is None else Sealer(key)
        after: Mapping[str, Any] = {"after_at": BEFORE_ALL, "after_id": NO_CAPTURE}
        while True:
            place = {"dataset_version": self._made.dataset_version, "subject": subject, "rows": PAGE_ROWS, **after}

            def read(connection: DuckDBPyConnection, place: Mapping[str, Any] = place) -> list[tuple[Any, ...]]:
                rules = _rules(connection, self._made, self._day)
                return connection.execute(statement("given_captures"), {**place, **rules}).fetchall()

            found = self._ask(read)
            rows = found[: self._pictures.page(found)] if self._pictures else found
            self.fingerprint += sum(row[0].int >> 80 for row in rows)
            if rows:
                yield _table(self._made, subject, rows, sealer, names, self._disputes(subject), self._pictures)
            if len(rows) == len(found) < PAGE_ROWS:
                return
            after = {"after_at": rows[-1][1], "after_id": rows[-1][0]}


def _pseudonym_of(made: Made, subject: UUID) -> str:
    return pseudonym("pseudonym", made.dataset_version, subject)


def _shown(table: pa.Table) -> int:
    """How many pictures are in it."""
    return 0 if "picture" not in table.column_names else table.num_rows - table["picture"].null_count


class Names:
    """Removes names and contact details from text."""

    def __init__(self, names: Iterable[str]) -> None:
        self._words = {word.casefold() for name in names for word in _WORD.findall(name)}

    def without(self, text: str) -> str:
        """The text with marks for contacts, numbers and names; decoded if only the decoded form shows them."""
        result = self._marked(text)
        probe = result
        for _ in range(DECODINGS):
            if "%" not in probe or (decoded := unquote(probe)) == probe:
                break
            probe = self._marked(decoded)
            if probe != decoded:
                result = probe
        return result

    def _marked(self, text: str) -> str:
        from lake.safeguards.patterns import find  # takes time to load, and few processes export

        for found in reversed(find(text)):
            text = text[: found.start] + placeholder(found.kind) + text[found.end :]
        mark = placeholder("name")
        return _WORD.sub(lambda word: mark if word[0].casefold() in self._words else word[0], text)


def pseudonym(kind: str, dataset_version: UUID, key: UUID) -> str:
    """The pseudonym of a person or a session in a dataset version's export."""
    return hashlib.sha256(f"open-book/{kind}/v1".encode() + dataset_version.bytes + key.bytes).hexdigest()[:32]


def _table(
    made: Made,
    subject: UUID,
    rows: list[tuple[Any, ...]],
    sealer: Sealer | None,
    names: Names,
    disputed: Sequence[Scope],
    pictures: Pictures | None,
) -> pa.Table:
    person = pseudonym("pseudonym", made.dataset_version, subject)
    given = []
    for row in rows:
        capture_id, captured_at, signal, application, x, y, session, sealed, _ = row
        try:
            content = _opened(capture_id, sealed, sealer)
        except Unreadable:
            continue  # without its key it can't be read
        given.append(
            {
                "person": person,
                "captured_at": captured_at,
                "signal": signal,
                "application": application,
                "x": x,
                "y": y,
                "disputed": any(scope.covers(signal, application, captured_at) for scope in disputed),
                "session": pseudonym("session", made.dataset_version, session) if session else None,
                **{name: without(names, name, text) for name, text in content.items() if name in FIELDS},
                **({"picture": pictures.of(row, sealer)} if pictures else {}),
            }
        )
    return pa.Table.from_pylist(given, WITH_PICTURES if pictures else SCHEMA)


def _opened(capture_id: UUID, sealed: bytes | None, sealer: Sealer | None) -> Content:
    """Raises Unreadable."""
    if sealed is None:
        return {}
    if sealer is None:
        raise Unreadable("There is no key.")
    return sealer.open(capture_id, sealed)


def without(names: Names, field: str, text: str) -> str:
    """The text of a field without identifying details."""
    if field in UNCHANGED:
        return text
    if field == "key":
        from lake.safeguards.keyboard.typed import text_of  # as above

        return CHARACTER if text_of(key_name(text)).strip() else text
    return names.without(text)


def _rules(connection: DuckDBPyConnection, made: Made, day: date) -> dict[str, Any]:
    """The rules for which captures may be given, as they are now; `day`: their last day may not be before it."""
    policies = read_policies(connection)
    allowing = [policy for policy in policies if purposes.allows(policy.purpose, made.purpose or "")]
    return {
        "policies": [policy.policy for policy in allowing],
        "today": day,
        **consented(allowing, made.created_at).parameters,
        **permitted_rules(connection, allowing),
    }


class _Pieces:
    """The data written since it was last taken."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._size += len(piece)
        return len(piece)

    def taken(self) -> bytes:
        piece, self._pieces = b"".join(self._pieces), []
        return piece

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing is buffered."""

    def close(self) -> None:
        """There is nothing to close."""
