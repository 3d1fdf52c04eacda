"""Searching one's own captures: what is found, where, in which order, and what never is."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from directory import Employee
from directory.keys import KeyRing
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage.connection import writer
from queries import InvalidCursor, Own
from queries.search import Filters, Found, InvalidQuery, NoSuchValue, Query, scanning
from queries.search.words import fold
from tests.lake.rows import MORNING, Capture, every_minute, place_hold, put
from tests.support.lake import store_captures
from tests.support.people import Company

OwnOf = Callable[[Employee], Own]


@pytest.fixture
def ada(person: Company) -> Employee:
    return person("ada@example.com")


def texts(own: Own, words: str, **filters: Any) -> list[str]:
    """The text of everything that is found."""
    return [
        hit.record.content["text"] for page in pages(own, words, **filters) for hit in page.hits if hit.record.content
    ]


def pages(own: Own, words: str, *, limit: int = 20, seconds: float = 60, **filters: Any) -> list[Found]:
    found: list[Found] = []
    while not found or found[-1].next:
        after = found[-1].next if found else None
        found.append(own.search(Query.of(words), Filters(**filters), after=after, limit=limit, seconds=seconds))
    return found


FOUND = [
    ("invoice", "The INVOICE of May"),
    ("voic", "The invoice of May"),
    ("may the", "The invoice of May"),
    ('"of may"', "The invoice of\n  May"),
    ("“of may”", "The invoice of May"),
    ("« of may »", "The invoice of May"),
    ('"of may', "The invoice of May"),
    ("uberweisung", "eine Überweisung"),
    ("Überweisung", "eine U\u0308BERWEISUNG"),
    ("strasse", "Hauptstraße 5"),
    ("straße", "HAUPTSTRASSE 5"),
    ("Ελλάς", "ΕΛΛΑΣ"),
    ("excel", "\uff25\uff58\uff43\uff45\uff4c"),
    (r"c:\temp", r"saved to C:\Temp\notes.txt"),
    ("[email address removed]", "write to [email address removed] today"),
    ("日本", "これは日本語です"),
    ("soft", "so\u00adft"),
]
NOT_FOUND = [('"may of"', "The invoice of May"), ("invoice june", "invoice"), ("text", "invoice")]


def test_finds_and_does_not_find(ada: Employee, own_of: OwnOf) -> None:
    """Each text is searched in an application of its own, beside something else and a record without text."""
    cases = {f"application {number}": case for number, case in enumerate([*FOUND, *NOT_FOUND])}
    stored = [
        Capture(application=application, text=text)
        for application, (_, there) in cases.items()
        for text in (there, "something else", None)
    ]
    with writer() as connection:
        put(connection, ada.subject, stored)
    own = own_of(ada)
    found = [
        (words, *texts(own, words, scope=Scope(applications=(application,))))
        for application, (words, _) in cases.items()
    ]
    assert found == [*FOUND, *((words,) for words, _ in NOT_FOUND)]


def test_words_may_be_in_different_fields_and_places_are_of_the_text_as_it_is(ada: Employee, own_of: OwnOf) -> None:
    content = {"text": "Zum Café: 3 ﬁles, Straße", "title": "Plan: CAFÉ", "dx": "3"}
    store_captures(ada, 1, content=lambda _: content)
    [page] = pages(own_of(ada), "cafe plan 3 files straße")
    [hit] = page.hits
    assert [content[place.field][place.start : place.end] for place in hit.places] == [
        "Café", "3", "ﬁles", "Straße", "Plan", "CAFÉ",
    ]  # fmt: skip


@pytest.mark.parametrize("words", ["", "  ", '""', "\u0301", "a" * 201, " ".join(f"w{n}" for n in range(11))])
def test_queries_that_cant_be_searched_for(words: str) -> None:
    with pytest.raises(InvalidQuery):
        Query.of(words)


@given(some.text(max_size=40))
def test_folding_goes_character_by_character(text: str) -> None:
    assert sorted(fold(text)) == sorted("".join(fold(each) for each in text))


@given(some.text(max_size=30), some.data())
def test_any_part_of_a_text_is_found_in_it(text: str, data: some.DataObject) -> None:
    words = [word for word in text.replace('"', " ").split() if fold(word).strip()]
    if not words:
        return
    word = data.draw(some.sampled_from(words))
    try:
        query = Query.of(f'"{word}"')
    except InvalidQuery:
        return
    for place in query.places_in({"text": text}):
        assert 0 <= place.start < place.end <= len(text)
    assert query.places_in({"text": text})


def test_pages_are_those_of_a_full_scan_newest_first(
    ada: Employee, own_of: OwnOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "FIRST_ROWS", 10)
    monkeypatch.setattr(scanning, "MOST_ROWS", 45)
    monkeypatch.setattr(scanning, "TOGETHER", 7)
    dice = random.Random(3)
    stored = [
        Capture(
            captured_at=MORNING + timedelta(minutes=dice.choice((1, 15, 15, 60 * 24)) * dice.randrange(60)),
            signal=dice.choice(("keystroke", "scroll")),
            text=dice.choice((None, "red apple", "green apple", "red plum")),
            redactions=dice.choice((None, (("iban", 1),))),
        )
        for _ in range(75)
    ]
    hidden = Scope(signals=("scroll",), until_at=MORNING + timedelta(minutes=200))
    with writer() as connection:
        put(connection, ada.subject, stored)
        erasure.write_tombstone(connection, ada.subject, hidden, uuid4(), MORNING + timedelta(days=70))
    own = own_of(ada)
    seen = [one for one in stored if not hidden.covers(one.signal, one.application, one.captured_at)]
    part = Scope(("keystroke",), None, MORNING + timedelta(minutes=20), MORNING + timedelta(days=9))
    cases: tuple[dict[str, Any], ...] = ({}, {"scope": part}, {"masked": True}, {"masked": False, "scope": part})
    for filters in cases:
        scope, masked = filters.get("scope", Scope()), filters.get("masked")
        within = [one for one in seen if scope.covers(one.signal, one.application, one.captured_at)]
        expected = [
            one.capture_id
            for one in sorted(within, key=lambda one: (one.captured_at, one.capture_id), reverse=True)
            if one.text and "red" in one.text and masked in (None, one.redactions is not None)
        ]
        assert len(expected) > 5
        for limit, seconds in ((3, 60), (20, 0.0), (100, 60)):
            found = pages(own, "red", limit=limit, seconds=seconds, **filters)
            assert [hit.record.capture_id for page in found for hit in page.hits] == expected
            assert {page.total for page in found} == {len(within)}
            searched = [page.searched for page in found]
            assert searched == sorted(searched)
            assert searched[-1] == len(within)
            assert all(page.back_to is not None for page in found[:-1])


def test_a_result_is_the_record_of_the_list(ada: Employee, own_of: OwnOf) -> None:
    with writer() as connection:
        put(connection, ada.subject, [Capture(text="Grüße", redactions=(("iban", 2), ("email_address", 1)))])
    own = own_of(ada)
    [page] = pages(own, "grusse")
    assert [hit.record for hit in page.hits] == own.records(Scope()).records


def test_a_call_ends_in_time_and_says_how_far_it_came(
    ada: Employee, own_of: OwnOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "TOGETHER", 10)
    with writer() as connection:
        put(connection, ada.subject, [Capture(text="needle"), *every_minute(99, MORNING + timedelta(minutes=1))])
    own = own_of(ada)
    first = own.search(Query.of("needle"), Filters(), seconds=0)
    assert (first.hits, first.searched, first.total) == ([], 10, 100)
    assert first.back_to == MORNING + timedelta(minutes=90)
    assert first.next
    rest = own.search(Query.of("needle"), Filters(), after=first.next)
    assert (len(rest.hits), rest.searched, rest.next, rest.back_to) == (1, 100, None, None)


def test_a_colleagues_captures_are_never_found(ada: Employee, own_of: OwnOf, person: Company) -> None:
    bob = person("bob@example.com")
    with writer() as connection:
        put(connection, bob.subject, [Capture(text="swordfish")])
        put(connection, ada.subject, [Capture(text="trout")])
    assert texts(own_of(ada), "swordfish") == []
    assert texts(own_of(bob), "swordfish") == ["swordfish"]


def test_the_same_records_as_in_the_list_under_a_hold_and_a_tombstone(ada: Employee, own_of: OwnOf) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(10, text="needle"))
        place_hold(connection, ada.subject, applications=["Excel"])
    own = own_of(ada)
    assert len(texts(own, "needle")) == 10, "a hold keeps records, and its owner sees them"
    with writer() as connection:
        scope = Scope(until_at=MORNING + timedelta(minutes=4))
        erasure.write_tombstone(connection, ada.subject, scope, uuid4(), MORNING + timedelta(days=1))
    assert len(texts(own, "needle")) == len(own.records(Scope()).records) == 6
    KeyRing().destroy_content_key(ada.subject)
    assert texts(own, "needle") == []


def test_filters_that_nothing_has_are_said(ada: Employee, own_of: OwnOf) -> None:
    with writer() as connection:
        batch = put(connection, ada.subject, every_minute(3, text="needle"))
        put(connection, ada.subject, every_minute(2, text="needle", application="Chrome"))
    own = own_of(ada)
    assert len(texts(own, "needle", session=batch.batch)) == 3
    assert len(texts(own, "needle", scope=Scope(applications=("Chrome",)))) == 2
    with pytest.raises(NoSuchValue, match=r"no records of Exel\. Those that you have records of: Chrome, Excel"):
        own.search(Query.of("needle"), Filters(Scope(applications=("Exel",))))
    with pytest.raises(NoSuchValue, match="no records of this session"):
        own.search(Query.of("needle"), Filters(session=UUID(int=7)))
    with pytest.raises(InvalidCursor):
        own.search(Query.of("needle"), Filters(), after="x")
    with pytest.raises(ValueError, match="1 to 100"):
        own.search(Query.of("needle"), Filters(), limit=101)


def test_nothing_captured(ada: Employee, own_of: OwnOf) -> None:
    with writer():
        pass
    found = own_of(ada).search(Query.of("needle"), Filters())
    assert (found.hits, found.next, found.searched, found.total) == ([], None, 0, 0)
