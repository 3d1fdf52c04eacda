"""Publishing: when, what, about whom, once, within budget and never again, on the real lake and file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import duckdb
import pytest

import clock
from directory import Employee
from lake.releases import accounting, publishing, read_facts
from lake.releases.accounting import BudgetExceeded
from lake.releases.counted_facts import NOBODY, Facts
from lake.releases.database import NAME, NoReleases, reader, releases_folder
from lake.releases.publishing import AttackSucceeded, NotDue
from lake.releases.results import AttackResult
from lake.rules import erasure, standing
from lake.rules.policies import apply_policies
from lake.rules.scope import Scope
from lake.rules.standing import Rule
from lake.storage.connection import writer
from queries import area
from tests.lake.releases.conftest import DAY
from tests.support.lake import POLICY, store_captures

Employ = Callable[..., list[Employee]]
At = Callable[[date], None]

pytestmark = pytest.mark.usefixtures("policies")


def without_noise(values: Sequence[int], _: float) -> Sequence[int]:
    return values


def test_one_release_per_year_is_made_only_once(employ: Employ, at: At) -> None:
    employ(60)
    first = publishing.release()
    assert (first.period, first.as_of) == ("2026-01", DAY)
    at(date(2027, 1, 1))
    with pytest.raises(BudgetExceeded, match="more than a year old"):
        publishing.release()
    for day in (DAY, date(2027, 6, 30)):
        at(day)
        assert not publishing.is_due()
    at(date(2027, 7, 1))
    assert publishing.release().period == "2027-01"
    assert not publishing.is_due()


def test_one_release_per_half_year_is_made_only_once(employ: Employ, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_RELEASE_MONTHS", "6")
    employ(60)
    assert publishing.is_due()
    first = publishing.release()
    assert (first.period, first.as_of) == ("2026-07", DAY)
    for day in (DAY, date(2026, 12, 31)):
        at(day)
        assert not publishing.is_due()
        with pytest.raises(NotDue, match="made only once"):
            publishing.release()
    assert publishing.releases() == [first]
    at(date(2027, 1, 1))
    assert publishing.release().period == "2027-01"


def test_the_first_release_waits_four_weeks_after_the_first_policy(employ: Employ, at: At) -> None:
    employ(60)
    at(POLICY.valid_from + timedelta(days=27))
    assert not publishing.is_due()
    with pytest.raises(NotDue, match="too early"):
        publishing.release()
    at(POLICY.valid_from + timedelta(days=28))
    assert publishing.is_due()


def test_the_yearly_budget_is_never_exceeded(employ: Employ, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    employ(60)
    published = 0
    day = DAY
    for months in ("12", "3", "3", "6", "6", "12", "12"):
        monkeypatch.setenv("OPENBOOK_RELEASE_MONTHS", months)
        at(day)
        if publishing.is_due():
            publishing.release()
            published += 1
        told = publishing.releases()
        for last in told:
            year = [
                one.rho
                for one in told
                if last.published_at - timedelta(days=365) < one.published_at <= last.published_at
            ]
            assert accounting.epsilon(sum(year)) <= 3.0
            assert last.year_epsilon == pytest.approx(accounting.epsilon(sum(year)), abs=1e-6)
        day += timedelta(days=92)
    assert published >= 2


def test_a_release_over_budget_is_refused_without_changes(
    employ: Employ, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    employ(60)
    monkeypatch.setenv("OPENBOOK_RELEASE_MONTHS", "12")
    publishing.release()
    before = (releases_folder() / NAME).read_bytes()
    monkeypatch.setenv("OPENBOOK_RELEASE_MONTHS", "3")
    at(date(2026, 10, 1))
    assert not publishing.is_due()
    with pytest.raises(BudgetExceeded):
        publishing.release()
    assert (releases_folder() / NAME).read_bytes() == before
    at(DAY + timedelta(days=365))
    assert publishing.is_due()


def test_releases_count_usable_captures_of_complete_days(employ: Employ, at: At) -> None:
    ada, bob, cleo, dan, eve, finn = employ(60)[:6]
    store_captures(ada, 4, application="Excel", signal="keystroke")
    store_captures(ada, 2, application="Chrome", signal="mouse_move")
    for person in (bob, cleo, dan):
        store_captures(person, 3)
    today = datetime.combine(DAY, datetime.min.time())
    store_captures(eve, 3, start=today)
    with writer() as connection:
        standing.start_rule(connection, cleo.subject, Scope(), uuid4(), Rule.OBJECTION)
        standing.start_rule(connection, dan.subject, Scope(signals=("scroll",)), uuid4(), Rule.RESTRICTION)
        erasure.write_tombstone(connection, bob.subject, Scope(), uuid4(), clock.now_utc())
    old = replace(POLICY, policy="old", retention_days=30)
    store_captures(finn, 1, policy=old)
    counted = read_facts.read(DAY).facts
    typing = Facts(3, frozenset({"typing"}), frozenset({"Excel"}))
    assert {person: counted.get(person.subject, NOBODY) for person in (ada, bob, cleo, dan, eve, finn)} == {
        ada: Facts(6, frozenset({"typing", "pointer"}), frozenset({"Excel", "Chrome"})),
        bob: NOBODY,
        cleo: NOBODY,
        dan: typing,
        eve: NOBODY,
        finn: Facts(1, frozenset({"typing"}), frozenset({"Excel"}), within_retention=False),
    }


def test_a_release_covers_company_and_large_areas_only(employ: Employ) -> None:
    everybody = employ(900, {0: 300, 1: 6})
    for person in everybody[:3]:
        store_captures(person, 5)
    publishing.release({everybody[5].subject: "late"}, draw=without_noise)
    company = {table.name: table for table in area.of_company().tables}
    assert set(company) == {"volume", "retention", "detail", "applications", "answers"}
    volume = {share.band: share.share for share in company["volume"].shares}
    assert volume["under_10k"] == pytest.approx(3 / 900)
    assert volume["none"] == pytest.approx(897 / 900)
    assert next(share for share in company["answers"].shares if share.band == "late").share == pytest.approx(1 / 900)
    detail = {share.band: share.share for share in company["detail"].shares}
    assert detail["text"] == pytest.approx(3 / 900)
    large = {table.name: table.people for table in area.of_area(everybody[0].subject).tables}
    assert large["volume"] == 300
    assert "answers" not in large, "requests are never told of an area"
    assert area.of_area(everybody[1].subject).tables == []
    assert area.of_area(uuid4()).tables == []


def test_without_request_data_no_answers_are_published(employ: Employ) -> None:
    employ(900)
    publishing.release()
    assert "answers" not in {table.name for table in area.of_company().tables}


def test_companies_below_fifty_get_policies_but_no_numbers(employ: Employ) -> None:
    employ(49, {0: 20})
    told = publishing.release()
    company = area.of_company()
    assert (told.rho, told.year_epsilon, company.tables) == (0.0, 0.0, [])
    assert [policy["name"] for policy in company.policies] == [POLICY.name]


def test_leaving_and_deleting_change_no_published_release(employ: Employ, at: At) -> None:
    everybody = employ(60)
    store_captures(everybody[0], 5)
    publishing.release()
    before = area.of_company().tables
    employ(60, without=range(10, 20))
    with writer() as connection:
        erasure.write_tombstone(connection, everybody[0].subject, Scope(), uuid4(), clock.now_utc())
    at(DAY + timedelta(days=40))
    assert not publishing.is_due()
    publishing.publish_state()
    assert area.of_company().tables == before


def test_changed_policies_are_published_at_no_cost(employ: Employ, at: At) -> None:
    employ(60)
    assert publishing.publish_state()
    assert not publishing.publish_state()
    publishing.release()
    at(DAY + timedelta(days=10))
    with writer() as connection:
        apply_policies(connection, [replace(POLICY, policy="new", name="New", valid_from=DAY)])
    assert publishing.publish_state()
    company = area.of_company()
    assert [policy["name"] for policy in company.policies] == [POLICY.name, "New"]
    assert len(company.releases) == 1


def test_results_of_attacks_are_published_with_the_release(employ: Employ) -> None:
    employ(60)
    tried = AttackResult("membership", "ours", 1, 0, 0, "Tried.", 3.0, 0.4)
    publishing.release(attack=lambda *_: [tried])
    assert [(one.attack, one.epsilon_found) for one in area.of_company().attacks] == [("membership", 0.4)]


@pytest.mark.parametrize(
    "found",
    [
        AttackResult("bounds", "ours", 1, 1, 2, "Found two."),
        AttackResult("membership", "ours", 1, 0, 0, "Told them apart.", 3.0, 3.2),
    ],
)
def test_nothing_is_published_if_an_attack_succeeds(employ: Employ, found: AttackResult) -> None:
    employ(60)
    with pytest.raises(AttackSucceeded, match="Nothing was published"):
        publishing.release(attack=lambda *_: [found])
    assert publishing.releases() == []
    control = AttackResult("bounds", "naive", 1, 1, 40, "The control breaks.")
    assert publishing.release(attack=lambda *_: [control])


def test_a_reader_reads_the_releases_and_nothing_else(employ: Employ, home: Path) -> None:
    employ(60)
    with pytest.raises(NoReleases), reader():
        pass
    publishing.release()
    outside = home / "outside.csv"
    outside.write_text("a\n1\n")
    with reader() as connection:
        databases = connection.execute("select path from duckdb_databases() where path is not null").fetchall()
        assert databases == [(str(home / "releases" / "releases.duckdb"),)]
        for statement in (
            f"attach '{home / 'lake' / 'catalog.sqlite'}' as lake (type sqlite)",
            f"attach '{home / 'directory' / 'directory.sqlite'}' as directory",
            f"select * from read_csv('{outside}')",
            f"copy releases to '{home / 'copy.csv'}'",
            "delete from releases",
            "update cells set share = 0",
            "set enable_external_access = true",
            "install httpfs",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)


def test_no_release_table_has_a_subject(employ: Employ, home: Path) -> None:
    everybody = employ(900, {0: 300})
    store_captures(everybody[7], 5)
    publishing.release({everybody[5].subject: "late"})
    content = (home / "releases" / "releases.duckdb").read_bytes()
    for person in everybody:
        assert person.subject.bytes not in content
        assert str(person.subject).encode() not in content
        assert person.subject.bytes[::-1] not in content
