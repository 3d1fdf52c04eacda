"""Batches of the ledger: one size, fixed times, random places, and nothing lost or twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

import clock
from governance.db import database
from governance.db.database import governance_folder, reading, writing
from governance.domain.moments import format_moment
from governance.ledger import batches, log
from governance.ledger.tables import EntryRow
from tests.governance.conftest import wait_until
from tests.governance.ledger.growing import grow
from tests.governance.ledger.schedule import PLACES, Pass, minutes, seal, size, wait
from tests.support.earlier import take_back
from verifier import consistent, leaf_hash, root_from_inclusion

__all__ = ["minutes"]


def leaves() -> list[tuple[str, int | None]]:
    """Each entry's statement and index, in order of the events."""
    with reading() as session:
        rows = session.scalars(select(EntryRow).order_by(EntryRow.position))
        return [(row.statement or "", row.leaf) for row in rows]


def test_each_tick_adds_one_full_batch_whatever_waits(home: Path, minutes: Pass) -> None:
    assert seal(minutes, 0) == PLACES, "nothing waited"
    wait(number=3)
    assert seal(minutes, 14.9) == PLACES
    assert all(leaf is None for _, leaf in leaves())
    assert seal(minutes, 15) == 2 * PLACES
    assert seal(minutes, 15.1) == 2 * PLACES, "once a tick"
    taken = [leaf for _, leaf in leaves()]
    assert all(leaf is not None and PLACES <= leaf < 2 * PLACES for leaf in taken)
    assert len(set(taken)) == 3
    assert seal(minutes, 30) == 3 * PLACES


def test_every_leaf_is_proven_and_padding_looks_like_the_rest(home: Path, unknown: TestClient, minutes: Pass) -> None:
    wait(number=3)
    seal(minutes, 0)
    proofs = [unknown.get(f"/v1/ledger/proof/{index}").json() for index in range(PLACES)]
    assert len({proof["leaf"] for proof in proofs}) == PLACES
    assert len({(tuple(proof), len(json.dumps(proof))) for proof in proofs}) == 1
    with reading() as session:
        head = log.checkpoint(session)
        for row in session.scalars(select(EntryRow)):
            assert row.leaf is not None
            proof = log.inclusion(session, row.leaf, head.size)
            assert root_from_inclusion(row.leaf, head.size, leaf_hash(row.commitment), proof) == head.root


def test_places_are_random(home: Path, minutes: Pass) -> None:
    for tick in range(12):
        wait()
        seal(minutes, 15 * tick)
    assert len({leaf % PLACES for _, leaf in leaves() if leaf is not None}) > 2


def test_too_many_wait_for_later_batches_in_order(home: Path, minutes: Pass) -> None:
    wait(number=20)
    sizes = [seal(minutes, 15 * tick) for tick in range(4)]
    assert sizes == [PLACES, 2 * PLACES, 3 * PLACES, 4 * PLACES]
    in_batch = [leaf // PLACES for _, leaf in leaves() if leaf is not None]
    assert in_batch == [0] * 8 + [1] * 8 + [2] * 4


def test_nobody_counts_others_by_filling_batches_alone(home: Path, minutes: Pass) -> None:
    """Ada has as many entries as she likes, and sees from hers only when each got in: the same whatever others do."""
    ada = uuid4()
    seen = []
    for others in (0, 3, 6):
        with writing() as session:
            for number in range(5):
                log.append(session, "retention", {"number": number, "of": "ada"}, whose=ada)
            for _ in range(others):
                log.append(session, "retention", {"of": "others"}, whose=uuid4())
        first = size() // PLACES
        at = 15 * first
        for tick in range(5):
            seal(minutes, at + 15 * tick)
        own = [leaf for text, leaf in leaves()[-5 - others :] if '"ada"' in text and leaf is not None]
        seen.append(sorted(leaf // PLACES - first for leaf in own))
    assert seen == [[0, 0, 1, 1, 2]] * 3
    with reading() as session:
        assert session.scalar(select(func.count()).where(EntryRow.whose.is_not(None))) == 0, "once in, it is nobody's"


@pytest.mark.parametrize(("places", "of_one"), [(1, 2), (8, 2), (16, 2), (32, 2), (256, 16)])
def test_the_share_of_one_person(places: int, of_one: int) -> None:
    assert batches.share(places) == of_one


@pytest.mark.parametrize("others", [0, 20])
def test_public_entries_are_as_many_whether_or_not_others_wait(home: Path, minutes: Pass, others: int) -> None:
    """Everybody may list them: their number in a batch must not say how many others are in it."""
    wait(number=others)
    wait("release", 6)
    seal(minutes, 0)
    seal(minutes, 15)
    public = [leaf for text, leaf in leaves() if '"release"' in text and leaf is not None]
    assert [leaf // PLACES for leaf in public] == [0] * 4 + [1] * 2
    assert public == sorted(public), "among themselves in order"


def test_public_entry_has_the_time_of_its_batch(home: Path, unknown: TestClient, minutes: Pass) -> None:
    minutes(7)
    wait("release")
    wait()
    [own] = [json.loads(text) for text, _ in leaves() if "retention" in text]
    assert unknown.get("/v1/ledger/entries").json()["entries"] == []
    minutes(15)
    at = format_moment(clock.now())
    batches.seal_due()
    [entry] = unknown.get("/v1/ledger/entries").json()["entries"]
    assert entry["statement"]["at"] == at
    assert [json.loads(text) for text, _ in leaves() if "retention" in text] == [own], "the moment, which it commits to"
    with reading() as session:
        proven = log.proven_entry(session, 0)
    assert proven is not None
    assert proven[1]["index"] == entry["index"]


def test_missed_ticks_are_not_made_up_for(home: Path, minutes: Pass) -> None:
    seal(minutes, 0)
    wait(number=2)
    assert seal(minutes, 157) == 2 * PLACES, "as much as at any tick, however long nobody worked"
    assert seal(minutes, 164) == 2 * PLACES
    assert seal(minutes, 165) == 3 * PLACES


def test_wrong_clock_that_is_put_back_stops_no_batch(home: Path, minutes: Pass) -> None:
    seal(minutes, 24 * 60)
    assert seal(minutes, 24 * 60 - 1) == PLACES, "no more than clocks of two machines may differ"
    assert seal(minutes, 31) == 2 * PLACES
    assert seal(minutes, 44) == 2 * PLACES
    assert seal(minutes, 45) == 3 * PLACES


def test_batch_is_sealed_wholly_or_not(home: Path, minutes: Pass, monkeypatch: pytest.MonkeyPatch) -> None:
    wait(number=3)
    for broken in ("_add", "_placed"):
        with monkeypatch.context() as stopped:
            stopped.setattr(batches, broken, lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                batches.seal_due()
        assert (size(), [leaf for _, leaf in leaves()]) == (0, [None, None, None])
    assert seal(minutes, 0) == PLACES
    assert None not in [leaf for _, leaf in leaves()]


def test_many_workers_seal_one_batch(home: Path, minutes: Pass) -> None:
    wait(number=3)
    with ThreadPoolExecutor(6) as workers:
        sealed = list(workers.map(lambda _: batches.seal_due(), range(12)))
    assert (sum(sealed), size()) == (1, PLACES)


def test_ledger_only_grows_over_batches_and_without_them(
    home: Path, minutes: Pass, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(number=2)
    seal(minutes, 0)
    with reading() as session:
        first = log.checkpoint(session)
    wait(number=2)
    monkeypatch.setenv("OPENBOOK_LEDGER_BATCH_SECONDS", "0")
    assert batches.seal_due()
    assert not batches.seal_due()
    assert size() == PLACES + 2, "what waited, and no padding"
    assert grow(3).size == PLACES + 5
    with reading() as session:
        now = log.checkpoint(session)
        assert consistent(first.size, now.size, first.root, now.root, log.consistency(session, first.size, now.size))
        assert session.scalar(select(func.count()).where(EntryRow.leaf.is_(None))) == 0


def test_destroyed_before_its_batch_still_has_its_leaf(home: Path, minutes: Pass) -> None:
    request = uuid4()
    wait("request_received", request=str(request))
    with database.writing() as session:
        log.destroy(session, request)
    assert seal(minutes, 0) == PLACES
    assert [(text, leaf is None) for text, leaf in leaves()] == [("", False)]


@pytest.mark.state_in_files
def test_home_of_the_version_before_keeps_its_ledger(home: Path, unknown: TestClient, minutes: Pass) -> None:
    with pytest.MonkeyPatch.context() as at_once:
        at_once.setenv("OPENBOOK_LEDGER_BATCH_SECONDS", "0")
        before = grow(5)
        wait("release")
        kept = unknown.get("/v1/ledger/checkpoint").text
    database.close()
    take_back(governance_folder() / "governance.sqlite", "0036")
    assert unknown.get("/v1/ledger/checkpoint").text == kept
    assert [leaf for _, leaf in leaves()] == list(range(6)), "none waits"
    [listed] = unknown.get("/v1/ledger/entries").json()["entries"]
    assert listed["index"] == 5
    assert seal(minutes, 0) == 6 + PLACES
    with reading() as session:
        now = log.checkpoint(session)
        assert consistent(5, now.size, before.root, now.root, log.consistency(session, 5, now.size))


def test_worker_seals_batches_by_itself(
    home: Path, monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]
) -> None:
    monkeypatch.setenv("OPENBOOK_LEDGER_BATCH_SECONDS", "1")
    monkeypatch.setenv("OPENBOOK_LEDGER_BATCH_SIZE", "4")
    wait()
    work()
    wait_until(lambda: size() >= 8)
    assert size() % 4 == 0
    assert leaves()[0][1] is not None
