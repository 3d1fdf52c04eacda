"""Two manifests of one dataset version can't both be proven in one ledger, and nobody is shown a list of their own."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from governance.ai_models import datasets
from governance.db import database
from governance.db.database import governance_folder, reading, writing
from governance.ledger import append, log
from governance.ledger.tables import DatasetRow
from lake.datasets.making import Selection, create
from lake.lineage.manifest import Leaf, proof
from lake.storage import merkle
from tests.governance.conftest import Capture, Client
from tests.governance.ledger.manifests import VERSION, Slices, leaves, listing_head, people
from tests.governance.ledger.signing import COUNCIL, LOG
from tests.governance.ledger.trees import StoredTree
from tests.support.earlier import take_back
from tests.support.people import Company
from verifier import (
    CONSISTENCY,
    MANIFEST_OF_ALL,
    MEMBERSHIP,
    Checkpoint,
    Datasets,
    Refused,
    Trust,
    Verdict,
    commitment,
    compare,
    verify,
)

ADA = UUID(int=4)
WITH = people(11)
WITHOUT = {**WITH, ADA: []}
FIRST, SECOND, SIZE = 2, 4, 6
"""The entries of the two manifests, and the size of the ledger."""


def of_all(listed: Slices) -> list[Leaf]:
    return leaves(listed, form=MANIFEST_OF_ALL)


def statement(of: list[Leaf]) -> dict[str, Any]:
    root = proof(VERSION, of, ADA, [])["manifest"]["root"]
    return {"kind": "dataset_version", "at": "2026-03-05T10:00:00Z", "dataset_version": str(VERSION), "root": root}


def row(of: list[Leaf], index: int) -> tuple[str, str, int]:
    return str(VERSION), statement(of)["root"], index


def lying_ledger() -> StoredTree:
    """A ledger with two entries about one dataset version: one manifest has Ada, the other doesn't."""
    entries = [bytes([number]) * 32 for number in range(SIZE)]
    entries[FIRST] = commitment(b"", statement(of_all(WITH)))
    entries[SECOND] = commitment(b"", statement(of_all(WITHOUT)))
    return StoredTree(entries)


def told(of: list[Leaf], index: int, listed: Datasets) -> dict[str, Any]:
    """The proof for Ada from one of the two manifests."""
    tree, shown = lying_ledger(), WITH if of == of_all(WITH) else WITHOUT
    return {
        "format": MEMBERSHIP,
        "subject": str(ADA),
        **proof(VERSION, of, ADA, shown[ADA]),
        "statement": statement(of),
        "ledger": {
            "index": index,
            "commitment": commitment(b"", statement(of)).hex(),
            "salt": "",
            "inclusion": [value.hex() for value in merkle.inclusion(index, SIZE, tree.node)],
            "head": listing_head(Checkpoint(LOG.key.name, SIZE, merkle.root(SIZE, tree.node)), listed),
        },
    }


PRESENT, ABSENT = row(of_all(WITH), FIRST), row(of_all(WITHOUT), SECOND)


def check(document: dict[str, Any], older: Checkpoint | None = None) -> Verdict:
    return verify(json.dumps(document), Trust([LOG.key], older=older))


def refused(document: dict[str, Any], older: Checkpoint | None = None) -> str:
    with pytest.raises(Refused) as caught:
        check(document, older)
    return caught.value.fault


def head_of(document: dict[str, Any]) -> Checkpoint:
    return Checkpoint.parse(document["ledger"]["head"]["checkpoint"])


def test_only_the_listed_manifest_is_proven() -> None:
    listed = Datasets((PRESENT,))
    assert any("this one once" in line for line in check(told(of_all(WITH), FIRST, listed)).proven)
    assert refused(told(of_all(WITHOUT), SECOND, listed)) == "not the listed root"


def test_list_with_two_manifests_of_one_version_is_refused() -> None:
    both = Datasets((PRESENT, ABSENT))
    assert refused(told(of_all(WITH), FIRST, both)) == "datasets"
    assert refused(told(of_all(WITHOUT), SECOND, both)) == "datasets"


def test_two_lists_of_one_size_contradict_each_other() -> None:
    shown = told(of_all(WITH), FIRST, Datasets((PRESENT,)))
    elsewhere = told(of_all(WITHOUT), SECOND, Datasets((ABSENT,)))
    check(shown)
    check(elsewhere)
    assert refused(shown, head_of(elsewhere)) == "datasets rewritten"


def grown(listed: Datasets) -> dict[str, Any]:
    """The proof that the ledger of six entries continues that of three, with this list."""
    tree = lying_ledger()
    path = [value.hex() for value in merkle.consistency(3, SIZE, tree.node)]
    return {
        "format": CONSISTENCY,
        "head": listing_head(Checkpoint(LOG.key.name, SIZE, merkle.root(SIZE, tree.node)), listed)
        | {"earlier": [{"size": 3, "root": merkle.root(3, tree.node).hex(), "proof": path}]},
    }


KEPT = Checkpoint.parse(
    listing_head(Checkpoint(LOG.key.name, 3, merkle.root(3, lying_ledger().node)), Datasets((PRESENT,)))["checkpoint"]
)


def test_list_that_grew_continues_a_kept_one() -> None:
    other = ("ffffffff-ffff-4fff-bfff-ffffffffffff", "0" * 64, 5)
    assert any("versions only grew" in line for line in check(grown(Datasets((PRESENT, other))), KEPT).proven)


@pytest.mark.parametrize("newer", [Datasets((ABSENT,)), Datasets(())], ids=["changed", "vanished"])
def test_older_row_of_the_list_can_not_change_or_vanish(newer: Datasets) -> None:
    document = grown(newer)
    assert refused(document, KEPT) == "datasets rewritten"
    document["head"]["witnessed"] = COUNCIL.signs(KEPT).note
    with pytest.raises(Refused, match="list of dataset versions was REWRITTEN"):
        verify(json.dumps(document), Trust([LOG.key], [COUNCIL.key]))


def without_line(document: dict[str, Any]) -> dict[str, Any]:
    """The same, in a head that commits to no list, as those of earlier versions did."""
    place = document.get("ledger", document)
    place["head"] = listing_head(replace(Checkpoint.parse(place["head"]["checkpoint"]), signatures=()), Datasets(()))
    place["head"]["earlier"] = grown(Datasets(()))["head"]["earlier"]
    place["head"]["datasets"] = None
    return document


def test_a_later_head_does_not_drop_the_line_of_the_list() -> None:
    """A second manifest of one version, in a ledger that truly grew, whose newer heads commit to no list."""
    hidden = without_line(told(of_all(WITHOUT), SECOND, Datasets((ABSENT,))))
    assert any("no other root was told" in line for line in check(hidden).unproven)
    assert refused(hidden, KEPT) == "datasets rewritten"
    for files in ([KEPT.note, json.dumps(hidden)], [json.dumps(hidden), KEPT.note]):
        with pytest.raises(Refused) as caught:
            compare(files, Trust([LOG.key]))
        assert caught.value.fault == "forked"


def test_two_manifests_of_one_version_in_two_files_are_found() -> None:
    """Nothing connects their heads: one commits to the list, the other is older than lists."""
    shown = without_line(told(of_all(WITH), FIRST, Datasets((PRESENT,))))
    other = without_line(told(of_all(WITHOUT), SECOND, Datasets((ABSENT,))))
    with pytest.raises(Refused) as caught:
        compare([json.dumps(shown), json.dumps(other)], Trust([LOG.key]))
    assert caught.value.fault == "two roots"


def test_a_later_list_never_has_fewer_rows() -> None:
    more = ("ffffffff-ffff-4fff-bfff-ffffffffffff", "0" * 64, 1)
    older = listing_head(Checkpoint(LOG.key.name, 3, merkle.root(3, lying_ledger().node)), Datasets((PRESENT, more)))
    newer = grown(Datasets((PRESENT,)))
    newer["head"]["datasets"] = None
    assert refused(newer, Checkpoint.parse(older["checkpoint"])) == "datasets rewritten"


def test_a_list_that_is_left_out_is_noticed() -> None:
    for of, index in ((of_all(WITH), FIRST), (of_all(WITHOUT), SECOND)):
        document = told(of, index, Datasets((PRESENT,)))
        document["ledger"]["head"]["datasets"] = None
        assert refused(document) == "list left out"
        del document["ledger"]["head"]["datasets"]
        assert refused(document) == "list left out"


def test_proof_of_an_earlier_version_claims_less() -> None:
    document = told(of_all(WITH), FIRST, Datasets(()))
    del document["ledger"]["head"]["datasets"]
    verdict = check(document)
    assert any("no other root was told" in line for line in verdict.unproven)
    assert not any("this one once" in line for line in verdict.proven)


@pytest.fixture
def dataset(person: Company, capture: Capture) -> UUID:
    capture(person(), 5)
    made = create("desktop-actions", Selection(), purpose="model training")
    datasets.record_missing()
    return made.dataset_version


def test_public_entries_give_the_list_of_the_checkpoint(
    dataset: UUID, api: Client, unknown: TestClient, person: Company
) -> None:
    api(person()).post("/v1/requests", json={"type": "objection"})
    page = unknown.get("/v1/ledger/entries").json()
    [entry] = page["entries"]
    assert (page["next"], page["size"]) == (None, 2)
    assert entry["statement"]["dataset_version"] == str(dataset)
    assert "people" not in entry["statement"]
    line = f"{dataset} {entry['statement']['root']} {entry['index']}\n"
    digest = hashlib.sha256(f"open-book/datasets/v1\n{line}".encode()).digest()
    note = unknown.get("/v1/ledger/checkpoint").text.split("\n")
    assert note[3] == f"open-book/datasets/v1 1 {base64.b64encode(digest).decode()}"
    proven = api(person()).get(f"/v1/me/datasets/{dataset}/proof").json()
    assert proven["ledger"]["index"] == entry["index"]
    assert any("this one once" in said for said in verify(json.dumps(proven)).proven)


def test_public_entries_come_in_pages(home: Path, unknown: TestClient) -> None:
    with writing() as session:
        for number in range(5):
            append(session, "release", {"period": str(number)})
            append(session, "retention", {"removed": number})
    found: list[int] = []
    start: int | None = 0
    while start is not None:
        page = unknown.get("/v1/ledger/entries", params={"from": start, "limit": 2}).json()
        found += [entry["index"] for entry in page["entries"]]
        start = page["next"]
    assert found == [0, 2, 4, 6, 8]


def test_cosignature_of_another_list_is_refused(
    dataset: UUID, unknown: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_WITNESS_KEYS", str(COUNCIL.key))
    head = Checkpoint.parse(unknown.get("/v1/ledger/checkpoint").text)

    plain = {"Content-Type": "text/plain"}
    other = COUNCIL.signs(replace(head, extensions=())).note
    assert unknown.post("/v1/ledger/cosignatures", content=other, headers=plain).status_code == 409
    taken = unknown.post("/v1/ledger/cosignatures", content=COUNCIL.signs(head).note, headers=plain)
    assert Checkpoint.parse(taken.text).signed_by(COUNCIL.key)


@pytest.mark.state_in_files
def test_versions_of_an_earlier_home_are_told_again_in_public(dataset: UUID, api: Client, person: Company) -> None:
    with reading() as session:
        first = session.get_one(DatasetRow, dataset).position
    database.close()
    take_back(governance_folder() / "governance.sqlite", "0015")
    with reading() as session:
        assert log.datasets(session, 2**40).line is None
    assert datasets.record_missing() == 1
    with reading() as session:
        row = session.get_one(DatasetRow, dataset)
        assert (row.position, row.listed) == (first, first + 1)
    proven = api(person()).get(f"/v1/me/datasets/{dataset}/proof").json()
    assert any("this one once" in said for said in verify(json.dumps(proven)).proven)
