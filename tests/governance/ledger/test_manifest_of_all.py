"""Everybody in the directory has a leaf in a new manifest: its number says nothing, and an empty one proves absence."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

import clock
from directory import Directory
from directory.hr_file import COLUMNS
from governance import register
from governance.ai_models import datasets
from governance.ledger.signing import signer
from lake.datasets.making import Made, Selection, create, parse
from lake.lineage.graph import find_or_add_dataset_version
from lake.lineage.manifest import Leaf, proof, root_of
from lake.rules.policies import apply_policies
from lake.rules.scope import Scope
from lake.rules.standing import Rule, start_rule
from lake.storage.connection import transaction, writer
from tests.governance.conftest import POLICY, Capture, Client
from tests.governance.ledger.manifests import VERSION, document, leaf_list, leaves, slices_of
from tests.governance.ledger.signing import LOG
from tests.support.people import Company
from verifier import (
    LEFT_OUT,
    MANIFEST,
    MANIFEST_OF_ALL,
    OTHER_NUMBER,
    Refused,
    Trust,
    Unreadable,
    Verdict,
    hidden_root,
    verify,
)

ADA, BEN, EVE = UUID(int=4), UUID(int=5), UUID(int=10_000)
LINES = slices_of(4)
OF = leaves(
    {ADA: LINES, BEN: [], **{UUID(int=number): slices_of(2, number) for number in range(20, 25)}},
    VERSION,
    MANIFEST_OF_ALL,
)
LISTED = leaf_list(OF, manifest=MANIFEST_OF_ALL)


def shown(subject: UUID, lines: list[dict[str, Any]], **changed: Any) -> dict[str, Any]:
    file = document(OF, subject, lines, form=MANIFEST_OF_ALL)
    place = file["present"] if file["present"] is not None else file
    place.update(copy.deepcopy(changed))
    return file


def check(file: dict[str, Any], **given: Any) -> Verdict:
    return verify(json.dumps(file), Trust([LOG.key], **given))


def test_member_shows_slices_and_others_an_empty_leaf() -> None:
    assert f"exactly these 4 slices of the person {ADA}" in " ".join(check(shown(ADA, LINES), leaves=LISTED).proven)
    verdict = check(shown(BEN, []), leaves=LISTED)
    assert f"holds nothing of the person {BEN}: their leaf is empty" in " ".join(verdict.proven)
    assert "slices of yours: none" in verdict.says
    assert LEFT_OUT not in verdict.unproven


def test_person_without_a_leaf_is_told_that_they_may_be_left_out() -> None:
    verdict = check(shown(EVE, []), leaves=LISTED)
    assert f"holds nothing of the person {EVE}" in " ".join(verdict.proven)
    assert LEFT_OUT in verdict.unproven


ERASED = {"request": str(uuid4()), "at": "2026-05-01T09:30:00Z"}
EMPTY = hidden_root(VERSION, BEN, bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))


def disguised(file: dict[str, Any], form: str) -> dict[str, Any]:
    file["manifest"]["format"] = form
    return file


@pytest.mark.parametrize(
    ("fault", "forged"),
    [
        ("presence", shown(ADA, [])),
        ("presence", shown(ADA, LINES, slices=[])),
        ("presence", shown(BEN, [], slices=LINES)),
        ("presence", shown(BEN, [], erased={**ERASED, "root": EMPTY.hex()})),
        ("presence", shown(ADA, LINES, slices=[], erased={**ERASED, "root": EMPTY.hex()})),
        ("presence", shown(BEN, []) | {"subject": str(ADA)}),
        ("manifest root", disguised(shown(BEN, []), MANIFEST)),
        ("manifest root", disguised(document(leaves({ADA: LINES}), ADA, LINES), MANIFEST_OF_ALL)),
        ("slices", document(leaves({ADA: [], BEN: LINES}), ADA, [])),
    ],
    ids=[
        "slices withheld",
        "slices removed",
        "slices made up",
        "erased from an empty leaf",
        "another's empty leaf as erased",
        "somebody else's",
        "everybody's as an older one",
        "an older one as everybody's",
        "an empty leaf in an older one",
    ],
)
def test_forgeries_of_everybodys_manifest_are_refused(fault: str, forged: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        check(forged)
    assert caught.value.fault == fault


def test_unknown_kind_of_manifest_is_not_read() -> None:
    with pytest.raises(Unreadable):
        check(disguised(shown(BEN, []), "open-book/manifest/v3"))


def test_nothing_was_erased_from_an_empty_leaf() -> None:
    later = proof(VERSION, OF, BEN, [], ERASED)
    assert later["present"]["slices"] == []
    assert "erased" not in later["present"]
    assert "erased" in proof(VERSION, OF, ADA, [], ERASED)["present"]


def test_register_is_not_used_with_an_older_manifest() -> None:
    with pytest.raises(Unreadable, match="--register"):
        check(document(leaves({ADA: LINES}), ADA, LINES), register={"format": "open-book/register/v1"})


@pytest.fixture
def company(home: object, person: Company, capture: Capture) -> list[Any]:
    """Four people; the first three have keystrokes, and only the first has scrolled."""
    with writer() as lake:
        apply_policies(lake, [POLICY])
    people = [person(f"{name}@example.com") for name in ("ada", "ben", "cleo", "dan")]
    for each in people[:3]:
        capture(each, 5)
    capture(people[0], 2, signal="scroll")
    return people


def public(unknown: TestClient, made: Made) -> list[tuple[str, str]]:
    answer = unknown.get(f"/v1/datasets/{made.dataset_version}/leaves").json()
    return [(leaf["person"], leaf["root"]) for leaf in answer["leaves"]]


def test_number_of_leaves_says_nothing_about_who_is_in(company: list[Any], unknown: TestClient) -> None:
    everything = create("all", Selection())
    one = create("one", parse(["signal=scroll"]))
    without = create("without", parse(["employee!=ben@example.com"]))
    with writer() as lake:
        start_rule(lake, company[0].subject, Scope(), uuid4(), Rule.OBJECTION)
    after = create("all", Selection())
    made = [everything, one, without, after]
    assert [each.people for each in made] == [3, 1, 2, 2], "those of whom something is listed"
    answers = [public(unknown, each) for each in made]
    assert [len(answer) for answer in answers] == [4, 4, 4, 4]
    values = [value for answer in answers for leaf in answer for value in leaf]
    assert len(values) == len(set(values)), "a hash that comes again would tell real leaves from empty ones"


def test_empty_manifest_still_has_everybodys_leaf(company: list[Any]) -> None:
    everyone = [each.subject for each in company]
    of = leaves({subject: [] for subject in everyone}, VERSION, MANIFEST_OF_ALL)
    assert len(of) == 4
    file = document(of, everyone[0], [], form=MANIFEST_OF_ALL)
    assert "their leaf is empty" in " ".join(check(file).proven)


def test_proofs_of_others_hold_no_number_of_those_listed(company: list[Any], api: Client) -> None:
    few = create("one", parse(["signal=scroll"]))
    many = create("all", Selection())
    shapes = []
    for made in (few, many):
        file = api(company[3]).get(f"/v1/me/datasets/{made.dataset_version}/proof").json()
        assert file["manifest"]["people"] == 4
        assert file["present"]["slices"] == []
        assert {"people", "captures", "slices"}.isdisjoint(file["statement"])
        shapes.append(len(file["present"]["inclusion"]))
    assert shapes == [2, 2]


def test_who_joined_later_is_not_in_earlier_manifests(
    company: list[Any], api: Client, unknown: TestClient, person: Company
) -> None:
    earlier = create("all", Selection())
    joined = person("eve@example.com")
    later = create("all", Selection())
    said = {}
    for made in (earlier, later):
        file = api(joined).get(f"/v1/me/datasets/{made.dataset_version}/proof").json()
        leaves = unknown.get(f"/v1/datasets/{made.dataset_version}/leaves").json()
        said[made.version] = trusted(file, leaves=leaves)
    assert LEFT_OUT in said["1"].unproven
    assert "there is none" in " ".join(said["1"].proven)
    assert LEFT_OUT not in said["2"].unproven
    assert "their leaf is empty" in " ".join(said["2"].proven)
    assert len(public(unknown, earlier)) == 4


def test_who_left_keeps_a_leaf(
    company: list[Any], unknown: TestClient, token_for: Callable[..., str], tmp_path: Path
) -> None:
    stay = tmp_path / "people.csv"
    rows = [f"{each.email},{each.name},{each.name.lower()},Finance,Accounts,employee,,gdpr" for each in company[:3]]
    stay.write_text("\n".join([",".join(COLUMNS), *rows]), encoding="utf-8")
    with Directory.open() as directory:
        directory.synchronise(stay)
        assert not directory.by_subject(company[3].subject).active
    made = create("all", Selection())
    assert len(public(unknown, made)) == 4
    later = token_for(company[3], iat=int(clock.now().timestamp()) + 1)
    answer = unknown.get(f"/v1/me/datasets/{made.dataset_version}/proof", headers={"Authorization": f"Bearer {later}"})
    assert "their leaf is empty" in " ".join(trusted(answer.json()).proven)


def test_version_reported_from_elsewhere_has_no_leaves(company: list[Any], unknown: TestClient) -> None:
    with writer() as lake, transaction(lake):
        key = find_or_add_dataset_version(lake, "s3://lake", "elsewhere", "1", "openlineage", clock.now_utc())
    assert unknown.get(f"/v1/datasets/{key}/leaves").status_code == 404


def trusted(file: dict[str, Any], **given: Any) -> Verdict:
    return verify(json.dumps(file), Trust([signer().key], **given))


def test_shadow_leaf_is_one_more_than_the_register(company: list[Any], api: Client, unknown: TestClient) -> None:
    register.record_if_changed()
    counted = unknown.get("/v1/ledger/register").json()
    own = api(company[0]).get("/v1/me/register").json()
    ada = api(company[0])
    honest = create("all", Selection())
    file = ada.get(f"/v1/me/datasets/{honest.dataset_version}/proof").json()
    for given in (counted, own):
        said = " ".join(trusted(file, register=given).proven)
        assert "have 4 leaves each: if each person finds theirs in both" in said
        assert "people who have ever been on the payroll" in said
    altered = counted | {"statement": counted["statement"] | {"leaves": 5}}
    with pytest.raises(Refused):
        trusted(file, register=altered)
    with writer() as lake, transaction(lake):
        lake.execute(
            "insert into captures select * replace (uuid() as capture_id, $shadow::uuid as subject) from captures"
            " where subject = $subject",
            {"shadow": uuid4(), "subject": company[1].subject},
        )
    shadowed = create("all", Selection())
    file = ada.get(f"/v1/me/datasets/{shadowed.dataset_version}/proof").json()
    verdict = trusted(file, register=counted)
    assert not any("there are no others" in line for line in verdict.proven)
    assert "The manifest has 5 leaves, and the register of" in " ".join(verdict.says)
    assert OTHER_NUMBER in verdict.unproven


def test_manifests_of_an_earlier_version_are_still_proven(company: list[Any], api: Client, unknown: TestClient) -> None:
    made = create("old", Selection())
    key = made.dataset_version
    with writer() as lake, transaction(lake):
        _as_before(lake, key)
    datasets.record_missing()
    answer = unknown.get(f"/v1/datasets/{key}/leaves").json()
    assert (answer["manifest"], len(answer["leaves"])) == (MANIFEST, 3)
    for who, words in ((company[0], "exactly these"), (company[3], "between the places")):
        file = api(who).get(f"/v1/me/datasets/{key}/proof").json()
        assert words in " ".join(trusted(file, leaves=answer).proven)


def _as_before(lake: Any, version: UUID) -> None:
    """Give a new manifest the leaves and the root that an earlier version would have given it."""
    rows = lake.execute(
        "select subject, day, signal, application, events, digest from dataset_slices where dataset_version = $version"
        " order by subject, day, signal, application",
        {"version": version},
    ).fetchall()
    listed: dict[UUID, list[dict[str, Any]]] = {}
    for subject, day, signal, application, events, digest in rows:
        line = {"day": str(day), "signal": signal, "application": application, "events": events, "digest": digest.hex()}
        listed.setdefault(subject, []).append(line)
    of: list[Leaf] = leaves(listed, version)
    root = root_of(version, of, MANIFEST).hex()
    lake.execute("delete from dataset_leaves where dataset_version = $version", {"version": version})
    for position, leaf in enumerate(of):
        lake.execute("insert into dataset_leaves values (?, ?, ?, ?)", [version, position, leaf.person, leaf.root])
    lake.execute(
        "update dataset_versions set manifest_root = $root where dataset_version = $version",
        {"root": root, "version": version},
    )
