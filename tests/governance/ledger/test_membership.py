"""Members of a dataset version can prove it, others can prove that they are not, and nothing false can be proven."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.lineage.manifest import leaves_of, proof
from lake.storage import merkle
from tests.governance.ledger.manifests import VERSION, Slices, document, leaf_list, leaves, people, proven
from tests.governance.ledger.signing import LOG, Holder
from tests.support.lineage import manifest
from verifier import (
    EMPTY_ROOT,
    FAULTS,
    MANIFEST_OF_ALL,
    Refused,
    Trust,
    Unreadable,
    Verdict,
    manifest_root,
    person_key,
    person_leaf,
    slice_leaf,
    tree_root,
    verify,
)


def check(file: dict[str, Any], listed: dict[str, Any] | None = None) -> Verdict:
    return verify(json.dumps(file), Trust([LOG.key], leaves=listed))


def refused(file: dict[str, Any], listed: dict[str, Any] | None = None) -> str:
    with pytest.raises(Refused) as caught:
        check(file, listed)
    assert str(caught.value) == FAULTS[caught.value.fault]
    return caught.value.fault


def changed(file: dict[str, Any], *path: str | int, to: Any) -> dict[str, Any]:
    file = copy.deepcopy(file)
    place: Any = file
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to(place[path[-1]]) if callable(to) else to
    return file


def flip(text: str) -> str:
    return ("0" if text[0] != "0" else "1") + text[1:]


ELEVEN = people(11)
ADA, EVE = UUID(int=4), UUID(int=10_000)
PRESENT, ABSENT = proven(ELEVEN, ADA), proven(ELEVEN, EVE)
LISTED = leaf_list(leaves(ELEVEN))


def test_member_proves_their_slices() -> None:
    verdict = check(PRESENT, LISTED)
    said = " ".join(verdict.proven)
    assert f"exactly these 4 slices of the person {ADA}, 10 records" in said
    assert "All 11 leaves of the manifest are in order" in said
    assert "entry 5 of 7" in said
    assert any("weights" in line for line in verdict.unproven)
    assert "slices of yours: 4, with 10 records, 2026-03-02 to 2026-03-03" in verdict.says


def test_non_member_proves_absence() -> None:
    verdict = check(ABSENT)
    assert f"holds nothing of the person {EVE}" in " ".join(verdict.proven)
    assert any("--leaves" in line for line in verdict.unproven)
    assert "All 11 leaves" in " ".join(check(ABSENT, LISTED).proven)


@settings(max_examples=60)
@given(count=st.integers(0, 40), stranger=st.uuids(version=4), which=st.randoms(use_true_random=False))
def test_true_statements_are_provable(count: int, stranger: UUID, which: random.Random) -> None:
    listed = people(count)
    of = leaves(listed)
    verdict = check(document(of, stranger, []), leaf_list(of))
    assert "nothing of" in " ".join(verdict.proven)
    if listed:
        subject = which.choice(list(listed))
        said = check(document(of, subject, listed[subject]), leaf_list(of)).proven
        assert f"exactly these {len(listed[subject])} slices" in " ".join(said)


@pytest.mark.parametrize(
    ("fault", "forged"),
    {
        "a slice less": ("presence", changed(PRESENT, "present", "slices", to=lambda lines: lines[1:])),
        "a slice more": (
            "presence",
            changed(PRESENT, "present", "slices", to=lambda lines: [*lines, {**lines[-1], "day": "2026-12-31"}]),
        ),
        "fewer captures": ("presence", changed(PRESENT, "present", "slices", 1, "events", to=1)),
        "another digest": ("presence", changed(PRESENT, "present", "slices", 0, "digest", to=flip)),
        "another day": ("presence", changed(PRESENT, "present", "slices", 0, "day", to="2026-03-01")),
        "a slice twice": ("slices", changed(PRESENT, "present", "slices", to=lambda lines: [lines[0], *lines])),
        "no order": ("slices", changed(PRESENT, "present", "slices", to=lambda lines: lines[::-1])),
        "no slices": ("slices", changed(PRESENT, "present", "slices", to=[])),
        "another path": ("presence", changed(PRESENT, "present", "inclusion", 0, to=flip)),
        "another place": ("presence", changed(PRESENT, "present", "index", to=lambda index: (index + 1) % 11)),
        "somebody else's": ("presence", changed(PRESENT, "subject", to=str(UUID(int=5)))),
        "another tree": ("manifest root", changed(PRESENT, "manifest", "tree", to=flip)),
        "another root": ("manifest root", changed(PRESENT, "manifest", "root", to=flip)),
        "more people": ("manifest root", changed(PRESENT, "manifest", "people", to=12)),
        "another version": ("manifest root", changed(PRESENT, "manifest", "dataset_version", to=str(uuid4()))),
        "a neighbour altered": ("neighbour", changed(ABSENT, "absent", "before", "root", to=flip)),
        "a neighbour made up": ("neighbour", changed(ABSENT, "absent", "after", "person", to=flip)),
        "a neighbour's path": ("neighbour", changed(ABSENT, "absent", "after", "inclusion", 0, to=flip)),
        "one neighbour hidden": ("not neighbours", changed(ABSENT, "absent", "before", to=None)),
        "both neighbours hidden": ("not neighbours", changed(ABSENT, "absent", to={"before": None, "after": None})),
        "another person": ("not between", changed(ABSENT, "subject", to="00000000-0000-4000-8000-000000000001")),
        "another commitment": ("commitment", changed(PRESENT, "ledger", "commitment", to=flip)),
        "another salt": ("commitment", changed(ABSENT, "ledger", "salt", to="0" * 64)),
        "a secret entry": ("not public", document(leaves(ELEVEN), ADA, ELEVEN[ADA], salt=bytes(32))),
        "no list": ("datasets", changed(PRESENT, "ledger", "head", "datasets", to=[])),
        "another list": ("datasets", changed(PRESENT, "ledger", "head", "datasets", 0, 1, to=flip)),
        "a row twice": ("datasets", changed(PRESENT, "ledger", "head", "datasets", to=lambda rows: rows * 2)),
        "another purpose": ("commitment", changed(ABSENT, "statement", "purpose", to="advertising")),
        "not in the ledger": ("inclusion", changed(PRESENT, "ledger", "inclusion", 0, to=flip)),
        "another key": ("untrusted key", changed(PRESENT, "ledger", "head", "key", to=str(Holder("x", seed=9).key))),
        "about another": (
            "dataset statement",
            document(leaves(ELEVEN), ADA, ELEVEN[ADA], dataset_version=str(uuid4())),
        ),
        "another root told": ("dataset statement", document(leaves(ELEVEN), ADA, ELEVEN[ADA], root="0" * 64)),
        "another kind told": ("dataset statement", document(leaves(ELEVEN), ADA, ELEVEN[ADA], kind="retention")),
        "fewer people told": ("dataset statement", document(leaves(ELEVEN), EVE, [], people=10)),
    }.values(),
)
def test_forgeries_have_specific_errors(fault: str, forged: dict[str, Any]) -> None:
    assert refused(forged) == fault


def test_distant_neighbours_are_refused() -> None:
    of = leaves(ELEVEN)
    place = next(index for index, leaf in enumerate(of) if leaf.person == person_key(VERSION, ADA))
    without = leaves({subject: lines for subject, lines in ELEVEN.items() if subject != ADA})

    def neighbour(index: int) -> dict[str, Any] | None:
        between = proof(VERSION, of, EVE, [])["absent"]
        other = next((each for each in between.values() if each and each["index"] == index), None)
        if other or not 0 <= index < 11:
            return other
        node = merkle.in_memory([leaf.hash for leaf in of])
        path = [value.hex() for value in merkle.inclusion(index, 11, node)]
        return {"index": index, "person": of[index].person.hex(), "root": of[index].root.hex(), "inclusion": path}

    around = {"before": neighbour(place - 1), "after": neighbour(place + 1)}
    forged = {**PRESENT, "present": None, "absent": around}
    assert refused(forged) == "not neighbours"
    named = {"before": neighbour(place), "after": neighbour(place + 1)}
    assert refused({**forged, "absent": named}) == "named as neighbour"
    assert refused({**PRESENT, "present": None, "absent": proof(VERSION, without, ADA, [])["absent"]}) == "neighbour"


def test_leaves_reveal_a_misordered_manifest() -> None:
    honest = leaves(ELEVEN)
    mine = person_key(VERSION, ADA)
    hiding = [leaf for leaf in honest if leaf.person != mine]
    hidden = next(leaf for leaf in honest if leaf.person == mine)
    liars = [*hiding, hidden] if honest[-1] is not hidden else [hidden, *hiding]

    def absent() -> dict[str, Any]:
        node = merkle.in_memory([leaf.hash for leaf in liars])
        after = next(index for index, leaf in enumerate(liars) if leaf.person > mine)
        sides = {}
        for name, index in ("before", after - 1), ("after", after):
            leaf = liars[index] if index >= 0 else None
            sides[name] = leaf and {
                "index": index,
                "person": leaf.person.hex(),
                "root": leaf.root.hex(),
                "inclusion": [value.hex() for value in merkle.inclusion(index, 11, node)],
            }
        return sides

    file = document(liars, EVE, [])
    lie = {**file, "subject": str(ADA), "present": None, "absent": absent()}
    assert any("--leaves" in line for line in check(lie).unproven), "by itself, the lie can't be told"
    assert refused(lie, leaf_list(liars)) == "leaves out of order"
    assert refused(lie, leaf_list(hiding)) == "leaves"
    assert refused(lie, leaf_list(sorted(liars, key=lambda leaf: leaf.person))) == "leaves"
    assert refused(lie, leaf_list(liars, uuid4())) == "leaves"


def test_leaves_determine_the_root() -> None:
    root = manifest_root(VERSION, 11, tree_root([leaf.hash for leaf in leaves(ELEVEN)]))
    assert root.hex() in " ".join(verify(json.dumps(LISTED)).proven)
    assert root.hex() == PRESENT["manifest"]["root"]
    backwards = {**LISTED, "leaves": LISTED["leaves"][::-1]}
    assert refused(backwards) == "leaves out of order"


def test_empty_manifest_contains_no_one() -> None:
    file = document([], EVE, [])
    assert "nothing of anyone" in " ".join(check(file, leaf_list([])).proven)
    forged = document([], EVE, [])
    forged["manifest"]["tree"] = flip(EMPTY_ROOT.hex())
    forged["manifest"]["root"] = manifest_root(VERSION, 0, bytes.fromhex(forged["manifest"]["tree"])).hex()
    other = document([], EVE, [], root=forged["manifest"]["root"])
    assert refused({**other, "manifest": forged["manifest"]}) == "not empty"


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file | {"present": None},
        lambda file: file | {"absent": {"before": None, "after": None}},
        lambda file: changed(file, "subject", to=str.upper) | {"subject": "{" + file["subject"] + "}"},
        lambda file: changed(file, "present", "slices", 0, "subject", to=str(ADA)),
        lambda file: changed(file, "present", "slices", 0, "events", to=1.5),
        lambda file: changed(file, "manifest", "people", to="11"),
        lambda file: {name: part for name, part in file.items() if name != "ledger"},
    ],
)
def test_damaged_proof_is_reported(damage: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    with pytest.raises((Unreadable, Refused)):
        check(damage(PRESENT))


@settings(max_examples=80)
@given(st.data())
def test_every_change_of_a_proof_is_detected(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from([PRESENT, ABSENT]))
    places = list(_places(file))
    path, value = data.draw(st.sampled_from(places))
    other: Any = data.draw(
        st.sampled_from([flip(value), value + "0", value[:-1]])
        if isinstance(value, str) and value
        else st.sampled_from([None, [], {}, "", -1, (value or 0) + 1 if isinstance(value, int | None) else 0])
    )
    if other == value or path[-1] in ("witnessed", "earlier", "datasets"):
        return
    with pytest.raises((Refused, Unreadable)):
        check(changed(file, *path, to=other))


def test_lake_and_verifier_hashes_match() -> None:
    rows = [
        (subject, date.fromisoformat(line["day"]), line["signal"], name, line["events"])
        for subject, lines in people(9).items()
        for line in lines
        for name in ("Excel", 'Notes "é" \\ \u2028 ☕', "a\tb")
    ]
    table = manifest(rows)
    listed: Slices = {}
    for row in table.to_pylist():
        line = {name: row[name] for name in ("signal", "application", "events")}
        line |= {"day": str(row["day"]), "digest": row["digest"].hex()}
        listed.setdefault(UUID(bytes=row["subject"]), []).append(line)
    ordered = {
        subject: sorted(lines, key=lambda line: (line["day"], line["signal"], line["application"]))
        for subject, lines in listed.items()
    }
    nobodys: Slices = {uuid4(): [] for _ in range(3)}
    everyone = [*ordered, *nobodys]
    made = leaves_of(duckdb.connect(), VERSION, table, everyone)
    assert made == leaves({**ordered, **nobodys}, form=MANIFEST_OF_ALL)
    assert leaves_of(duckdb.connect(), VERSION, table, list(nobodys)) == made, "slices alone give a leaf, too"
    assert [person_leaf(leaf.person, leaf.root) for leaf in leaves(ordered)] == [leaf.hash for leaf in leaves(ordered)]


def _places(value: Any, *path: str | int) -> Any:
    """Every part of a file that is not a list or mapping, and the empty ones."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _places(inner, *path, name)
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _places(inner, *path, index)
    else:
        yield path, value


def erased() -> dict[str, Any]:
    """The proof of a member whose slices were erased."""
    present = {key: value for key, value in PRESENT["present"].items() if key != "slices"}
    root = tree_root([slice_leaf({**line, "subject": str(ADA)}) for line in ELEVEN[ADA]])
    gone = {"root": root.hex(), "request": str(uuid4()), "at": "2026-05-01T09:30:00Z"}
    return changed(PRESENT, "present", to={**present, "slices": [], "erased": gone})


def test_member_without_slices_proves_only_that_they_were_there() -> None:
    verdict = check(erased(), LISTED)
    said = " ".join(verdict.proven)
    assert f"listed the person {ADA}" in said
    assert "exactly these" not in said
    assert any("that was erased" in line for line in verdict.unproven)
    assert any("2026-05-01T09:30:00Z" in line for line in verdict.says)


@pytest.mark.parametrize(
    ("fault", "path", "to"),
    [
        ("presence", ("present", "erased", "root"), flip),
        ("presence", ("present", "inclusion", 0), flip),
        ("presence", ("subject",), str(EVE)),
        ("slices", ("present", "slices"), PRESENT["present"]["slices"]),
    ],
    ids=["another root", "another path", "somebody else's", "slices as well"],
)
def test_forged_erased_leaf_is_refused(fault: str, path: tuple[str | int, ...], to: Any) -> None:
    assert refused(changed(erased(), *path, to=to)) == fault


def test_stranger_can_not_claim_an_erased_leaf() -> None:
    shown = erased()
    assert refused(changed(shown, "subject", to=str(uuid4()))) == "presence"
    with pytest.raises(Unreadable):
        check(changed(shown, "present", "erased", "at", to="soon\n"))
