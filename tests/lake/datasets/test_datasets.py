"""Dataset versions contain only what may be used for training, and their manifests are correct."""

from __future__ import annotations

import hashlib
import os
import random
import signal as signals
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given
from hypothesis import strategies as st

import clock
from directory import Directory
from lake.datasets import making as datasets
from lake.datasets.making import InvalidSelection, Selection, create, parse
from lake.datasets.purposes import allows
from lake.lineage.graph import AlreadyRecorded, InvalidName
from lake.lineage.manifest import Leaf, leaves_of, root_of
from lake.rules import erasure
from lake.rules.condensing import ERASED_WORD
from lake.rules.policies import InvalidPolicyFile, Policy, apply_policies
from lake.rules.scope import SIGNALS, Scope
from lake.rules.standing import Rule, start_rule
from lake.storage.connection import writer
from tests.lake.rows import MORNING, Capture, every_minute, place_hold, put
from tests.support.people import Company
from verifier import person_key

ROOT = Path(__file__).parents[3]
TRAINING, STUDY = "model training", "performance evaluation"


def policy(key: str, purpose: str) -> Policy:
    return Policy(key, key, purpose, "GDPR 6(1)(f)", list(SIGNALS), ["Excel", "Chrome"], [], 300, date(2026, 1, 1))


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    now = MORNING.replace(tzinfo=UTC) + timedelta(days=9)
    monkeypatch.setattr(clock, "now", lambda: now)


@pytest.fixture
def people(home: Path, today: None) -> list[UUID]:
    """Four subjects; each has 10 keystrokes in Excel and 5 in Chrome on a day, and 3 clicks on the next."""
    subjects = [uuid4() for _ in range(4)]
    with writer() as lake:
        apply_policies(lake, [policy("assistant", TRAINING), policy("study", STUDY)])
        for subject in subjects:
            put(lake, subject, every_minute(10) + every_minute(5, application="Chrome"))
            put(lake, subject, every_minute(3, MORNING + timedelta(days=1), signal="mouse_click"))
    return subjects


def held(lake: DuckDBPyConnection, version: UUID) -> dict[UUID, int]:
    rows = lake.execute(
        "select subject, sum(events)::bigint from dataset_slices where dataset_version = $version group by subject",
        {"version": version},
    )
    return dict(rows.fetchall())


def differences(lake: DuckDBPyConnection, version: UUID) -> list[str]:
    """Where the manifest doesn't match its slices, or its root doesn't match the manifest.

    Of a person of whom everything was erased only the leaf is left, which is taken as it is.
    """
    wrong = []
    whole = "dataset_version = $version and signal != $erased"
    of = {"version": version, "erased": ERASED_WORD}
    columns = "subject, day, signal, application, events, digest, first_at, last_at"
    table = lake.execute(f"select {columns} from dataset_slices where {whole}", of).to_arrow_table()
    gone = lake.execute(
        "select distinct subject from dataset_slices where dataset_version = $version and signal = $erased", of
    ).fetchall()
    erased = {person_key(version, subject) for (subject,) in gone}
    kept = [Leaf(person, root) for person, root in datasets.leaves(lake, version) if person in erased]
    with Directory.open() as directory:
        everyone = [person.subject for person in directory.everyone()]
    listed = [leaf for leaf in leaves_of(lake, version, table, everyone) if leaf.person not in erased]
    leaves = sorted([*listed, *kept], key=lambda leaf: leaf.person)
    [(root, people)] = lake.execute(
        "select manifest_root, people from dataset_versions where dataset_version = $version", {"version": version}
    ).fetchall()
    if (root_of(version, leaves).hex(), len(held(lake, version))) != (root, people):
        wrong.append("root")
    if [(leaf.person, leaf.root) for leaf in leaves] != datasets.leaves(lake, version):
        wrong.append("leaves")
    return wrong


@pytest.mark.parametrize(
    "named", [["application=excel"], ["application=EXCEL.EXE"], ["application=Excel", "application=excel"]]
)
def test_applications_match_whatever_their_case(people: list[UUID], named: list[str]) -> None:
    made = create("actions", parse(["signal=keystroke", *named]), purpose=TRAINING)
    assert (made.slices, made.captures) == (4, 40)


def test_a_version_has_the_selection_and_counts_its_captures(people: list[UUID]) -> None:
    selection = parse(["signal=keystroke, scroll", "application=Excel", "day>=2026-03-02"])
    made = create("actions", selection, purpose=TRAINING)
    assert (made.version, made.purpose, made.people, made.slices, made.captures) == ("1", TRAINING, 4, 4, 40)
    again = create("actions", Selection(), purpose="model training: office work")
    assert (again.version, again.captures) == ("2", 4 * 18)
    with writer() as lake:
        for version in (made, again):
            assert differences(lake, version.dataset_version) == []
        for subject, digest in lake.execute(
            "select subject, digest from dataset_slices where dataset_version = $version",
            {"version": made.dataset_version},
        ).fetchall():
            ids = lake.execute(
                "select capture_id from captures where subject = $subject and application = 'Excel'"
                " and signal = 'keystroke'",
                {"subject": subject},
            ).fetchall()
            assert digest == hashlib.sha256(b"".join(sorted(one.bytes for (one,) in ids))).digest()


def test_captures_that_may_not_be_used_are_left_out(people: list[UUID]) -> None:
    ada, ben, cleo, dan = people
    with writer() as lake:
        received = MORNING + timedelta(days=2)
        erasure.write_tombstone(lake, ada, Scope(applications=("Chrome",)), uuid4(), received)
        start_rule(lake, ben, Scope(from_at=MORNING + timedelta(minutes=4)), uuid4(), Rule.OBJECTION)
        start_rule(lake, cleo, Scope(signals=("mouse_click",)), uuid4(), Rule.RESTRICTION)
        expired = [Capture(MORNING, "scroll", retained_until=date(2026, 3, 5), text=None) for _ in range(7)]
        put(lake, dan, expired)
        place_hold(lake, dan)
        put(lake, dan, every_minute(6, signal="clipboard"), policy="study")
        put(lake, dan, every_minute(2, signal="keystroke"), policy="study")
    made = create("actions", Selection(), purpose=TRAINING)
    with writer() as lake:
        # nothing of Ben: his objection begins in the middle of his first slices
        assert held(lake, made.dataset_version) == {ada: 13, cleo: 15, dan: 18}
        assert differences(lake, made.dataset_version) == []
    study = create("study", parse(["signal=clipboard,keystroke"]), purpose=STUDY)
    with writer() as lake:
        assert held(lake, study.dataset_version) == {dan: 8}


def test_a_person_can_be_excluded_by_address(people: list[UUID], person: Company) -> None:
    eve = person("eve@example.com")
    with writer() as lake:
        put(lake, eve.subject, every_minute(4))
    kept = create("all", Selection(), purpose=TRAINING)
    left = create("all", parse(["employee!=eve@example.com"]), purpose=TRAINING)
    assert (kept.people, left.people) == (5, 4)
    with pytest.raises(InvalidSelection, match="Nothing was made"):
        create("all", parse(["employee!=nobody@example.com"]), purpose=TRAINING)


def test_a_refused_dataset_leaves_nothing_behind(people: list[UUID]) -> None:
    create("actions", Selection(), version="7", purpose=TRAINING)
    refused = [
        (AlreadyRecorded, "already", {"version": "7", "purpose": TRAINING}),
        (InvalidSelection, "model training; performance evaluation", {}),
        (InvalidSelection, "No policy allows", {"purpose": "advertising"}),
        (InvalidName, "printable", {"purpose": "a\nb"}),
        (InvalidName, "200", {"version": "x" * 201, "purpose": TRAINING}),
    ]
    for kind, words, given_ in refused:
        with pytest.raises(kind, match=words):
            create("actions", Selection(), **given_)
    with pytest.raises(InvalidSelection, match="No records that may be used"):
        create("actions", parse(["day<2026-01-01"]), purpose=TRAINING)
    with writer() as lake:
        assert [(made.version, made.people) for made in datasets.all_made(lake)] == [("7", 4)]
    assert create("actions", Selection(), purpose=TRAINING).version == "8"


def test_captures_keep_the_purpose_that_they_were_made_for(people: list[UUID]) -> None:
    with writer() as lake:
        with pytest.raises(InvalidPolicyFile, match="another key"):
            apply_policies(lake, [policy("assistant", STUDY)])
        apply_policies(lake, [policy("study", TRAINING)])  # nothing was captured under it yet


@pytest.mark.parametrize(
    ("of_policy", "declared", "may"),
    [
        ("Model training", "model  training", True),
        ("model training", "model training: answers to customers", True),
        ("model training", "fine-tuning", True),
        ("draft answers", "draft answers: e-mail", True),
        ("model training: drafts", "model training", False),
        ("model training", "performance evaluation", False),
        ("model training", "performance evaluation: model training", False),
        ("draft answers", "training", False),
        ("", ": anything", False),
    ],
)
def test_a_purpose_allows_itself_and_its_parts(of_policy: str, declared: str, may: bool) -> None:
    assert allows(of_policy, declared) is may


def test_conditions_all_hold() -> None:
    selection = parse(["signal=scroll,keystroke", "signal = keystroke", "day>2026-03-01", "day<2026-04-01"])
    assert selection == Selection(("keystroke",), None, date(2026, 3, 2), date(2026, 3, 31))
    assert parse(["day=2026-03-02"]) == Selection(first_day=date(2026, 3, 2), last_day=date(2026, 3, 2))
    assert parse(["application=Notepad++ , A=B"]).applications == ("Notepad++", "A=B")


@pytest.mark.parametrize(
    "condition",
    ["", "signal", "signal=typing", "signal!=scroll", "application>Excel", "day=tomorrow", "employee=ada@example.com",
     "1=1", "day>=2026-03-01 or 1=1", "subject=x", "signal=keystroke; drop table captures"],
)  # fmt: skip
def test_invalid_conditions_are_refused(condition: str) -> None:
    with pytest.raises(InvalidSelection, match="Nothing was made"):
        parse([condition])


@given(st.lists(st.text(max_size=40), max_size=3))
def test_any_conditions_are_a_selection_or_refused(conditions: list[str]) -> None:
    with suppress(InvalidSelection):
        assert isinstance(parse(conditions), Selection)


def test_a_concurrent_erasure_is_fully_before_or_after_a_version(people: list[UUID]) -> None:
    ada = people[0]
    begin = threading.Barrier(3)
    versions: list[datasets.Made] = []
    failed: list[BaseException] = []
    request = uuid4()

    def make(name: str) -> None:
        try:
            begin.wait()
            versions.extend(create(name, Selection(), purpose=TRAINING) for _ in range(3))
        except BaseException as error:
            failed.append(error)
            raise

    makers = [threading.Thread(target=make, args=(name,)) for name in ("one", "two")]
    for maker in makers:
        maker.start()
    begin.wait()
    time.sleep(random.uniform(0, 1))
    with writer() as lake:
        erasure.write_tombstone(lake, ada, Scope(), request, clock.now_utc())
        buried = len(lake.execute("select 1 from dataset_versions").fetchall())
    with writer() as lake:
        erasure.remove(lake, ada, Scope(), request, clock.now_utc())
    for maker in makers:
        maker.join()
    assert failed == []
    with writer() as lake:
        made = lake.execute("select dataset_version from dataset_versions").fetchall()
        of_ada = {(each.dataset, each.version): held(lake, each.dataset_version).get(ada, 0) for each in versions}
        assert sorted(of_ada.values()) == [0] * (6 - buried) + [18] * buried
        for name in ("one", "two"):
            assert of_ada[name, "1"] >= of_ada[name, "2"] >= of_ada[name, "3"]
        assert [differences(lake, version) for (version,) in made] == [[]] * 6


def test_a_killed_command_leaves_a_complete_version_or_none(home: Path, person: Company) -> None:
    ada = person()
    with writer() as lake:
        apply_policies(lake, [policy("assistant", TRAINING)])
        put(lake, ada.subject, every_minute(50, clock.now_utc() - timedelta(days=2), retained_until=date(2099, 1, 1)))
    command = [sys.executable, "-m", "lake", "dataset", "create", "actions", "--where", "signal=keystroke"]
    making = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.DEVNULL)
    time.sleep(random.uniform(1, 2))
    making.send_signal(signals.SIGKILL)
    making.wait()
    done = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with writer() as lake:
        made = datasets.all_made(lake)
        assert made[0].root in done.stdout
        assert [held(lake, each.dataset_version) for each in made] == [{ada.subject: 50}] * len(made)
        assert [differences(lake, each.dataset_version) for each in made] == [[]] * len(made)
        assert {each.version for each in made} == {str(number + 1) for number in range(len(made))}
