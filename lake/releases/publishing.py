"""Publishing: when a release is due, what it contains, and what it cost, all in one transaction.

There is one release per period of `OPENBOOK_RELEASE_MONTHS` calendar months. It is due from the first day of the
period; the very first one is due four weeks after the first policy began. A period in which no worker ran is skipped.
A release counts what is held at the beginning of the day. It is never made again: not when captures are deleted, not
for people who come or go, not after a crash.

It gets its share of the year's budget: all of it at the default of one release a year. It is refused as long as the
budget of the last 365 days can't pay for it. A company of fewer than `LEAST_PEOPLE_PER_AREA` people has releases
without numbers, which cost nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa
from duckdb import DuckDBPyConnection

import clock
from directory import Directory
from errors import OpenBookError
from home import HomeUnavailable
from lake.releases import accounting, exact, read_facts
from lake.releases.accounting import Spent
from lake.releases.counted_facts import Facts
from lake.releases.database import WHOLE, NoReleases, publication, reader, statement
from lake.releases.exact import Noise
from lake.releases.hierarchy import COARSE, LEAST_PEOPLE_PER_AREA, NUMBER
from lake.releases.noise import Draw, Release, discrete_gaussian, noises, publish
from lake.releases.periods import next_from, period_of
from lake.releases.published_release import PublishedRelease
from lake.releases.results import AttackResult
from settings import settings

SMALLER = 0.99
"""How much less a release costs where the exact loss exceeds what is stated: never so far."""
FIRST_AFTER = timedelta(weeks=4)
"""Wait after the first policy began: before that there would be little to publish."""


class NotDue(OpenBookError):
    """This period already has a release, or it is too early for the first. Nothing was published or spent."""


class AttackSucceeded(OpenBookError):
    """An attack on releases of made-up companies like this one succeeded. Nothing was published or spent."""


Attack = Callable[[Mapping[UUID, UUID | None], Sequence[str], float, float], Sequence[AttackResult]]
"""Called with each person's manager, the applications, the cost of a release in rho, and the epsilon of a year."""

Announce = Callable[[Sequence[PublishedRelease]], None]
"""Called with releases before anybody can see them. If it raises, they wait for the next publisher."""

OURS = "ours"


def releases() -> list[PublishedRelease]:
    """The releases published so far, oldest first."""
    try:
        with reader() as connection:
            return _published(connection)
    except NoReleases:
        return []


def cost(people: int) -> float:
    """The budget of one release of a company, in rho: its share of the year, or nothing if it has no numbers."""
    return (
        0.0
        if people < LEAST_PEOPLE_PER_AREA
        else accounting.rho_of(settings().release_epsilon) * settings().release_months / 12
    )


def is_due() -> bool:
    """Whether a release can be published now. Raises LakeUnavailable."""
    try:
        require_due()
    except (NotDue, accounting.BudgetExceeded):
        return False
    return True


def require_due() -> None:
    """Raises NotDue, BudgetExceeded, LakeUnavailable unless a release can be published now."""
    _require_due(releases(), len(_people()))


def release(
    answered: Mapping[UUID, str] | None = None,
    attack: Attack | None = None,
    draw: Draw = discrete_gaussian,
    announce: Announce = lambda _: None,
) -> PublishedRelease:
    """Publish the release of this period, and its cost. Raises NotDue, BudgetExceeded, AttackSucceeded,
    LakeUnavailable; then nothing was published or spent.

    `answered` says for people with a request how it was answered (`counted_facts.ANSWERED`), None if that is unknown;
    `attack` first tries releases of made-up companies like this one (`lake.attacks.running.run`).
    """
    now, today = clock.now_utc(), clock.today()
    people = _people()
    attacked = _attacked(attack, people, today)
    with publication(_announcing(announce)) as connection:
        so_far = _published(connection)
        _require_due(so_far, len(people))
        moment = read_facts.read(today)
        can_pay = cost(len(people))
        made = Release(())
        if can_pay:
            counted, known = _all_facts(moment.facts, answered or {}), answered is not None
            asked = moment.state.applications
            can_pay = _within_what_is_stated(can_pay, asked, len(people), _spent(so_far), now, answers=known)
            made = publish(people, counted, asked, can_pay, draw, answers=known)
        _add(connection, made, so_far, len(people), now, today, attacked)
        _add_state(connection, moment.state, now)
        return [one for one in _published(connection) if one.digest][-1]


def _announcing(announce: Announce) -> Callable[[], None]:
    def tell() -> None:
        with reader(WHOLE) as connection:
            found = _published(connection)
        try:
            seen = {one.release for one in releases()}
        except HomeUnavailable:
            seen = set()
        if made := [one for one in found if one.digest and one.noises is not None and one.release not in seen]:
            announce(made)

    return tell


def _people() -> dict[UUID, UUID | None]:
    """Everyone, with their manager."""
    with Directory.open() as directory:
        return directory.managers()


def _attacked(attack: Attack | None, people: Mapping[UUID, UUID | None], today: date) -> Sequence[AttackResult]:
    """Results of the attacks on made-up companies with the teams of this one. Raises AttackSucceeded."""
    can_pay = cost(len(people))
    if attack is None or not can_pay:
        return ()
    results = attack(people, read_facts.read_state(today).applications, can_pay, settings().release_epsilon)
    for result in results:
        if result.design == OURS and (result.people or (result.epsilon_found or 0) > (result.epsilon_claimed or 0)):
            raise AttackSucceeded(f"Nothing was published: an attack succeeded on a made-up company. {result.words}")
    return results


def add_lost(lost: Sequence[PublishedRelease], announce: Announce = lambda _: None) -> None:
    """Record releases that were published and are missing from the database: they stay paid for, and are not made
    again."""
    with publication(_announcing(announce)) as connection:
        known = {one.release for one in _published(connection)}
        rows = [asdict(one) for one in lost if one.release not in known]
        _add_rows(connection, "lost_releases", [{k: v for k, v in row.items() if k != "noises"} for row in rows])


def assumed() -> PublishedRelease | None:
    """A release that may have been published in this period and would have spent what is left of the year's budget;
    None if the release of this period is known."""
    so_far, now, today, yearly = releases(), clock.now_utc(), clock.today(), settings().release_epsilon
    if any(one.period >= period_of(today) for one in so_far):
        return None
    rho = max(0.0, accounting.rho_of(yearly) - sum(one.rho for one in accounting.of_year(_spent(so_far), now)))
    return PublishedRelease(uuid4(), period_of(today), now, rho, digest="", as_of=today, year_epsilon=yearly)


def add_statement(made_at: datetime) -> None:
    """An operator states that nothing was published since a backup was made: what restores assumed since then no
    longer counts, and the statement is listed with the releases."""
    now = clock.now_utc()
    stated = PublishedRelease(uuid4(), "", now, 0.0, digest="", as_of=clock.today(), year_epsilon=0.0)
    with publication() as connection:
        connection.execute(statement("delete_assumed"), {"made_at": made_at})
        _add_rows(connection, "lost_releases", [{k: v for k, v in asdict(stated).items() if k != "noises"}])


def publish_state(announce: Announce = lambda _: None) -> bool:
    """Publish the policies and models as they are now, unless the last published state is the same; returns whether it
    did. None of it comes from a capture. Raises LakeUnavailable."""
    state = read_facts.read_state(clock.today())
    try:
        with reader() as connection:
            if _newest_state(connection) == _as_text(state):
                return False
    except NoReleases:
        if not state.policies and not state.models:
            return False
    with publication(_announcing(announce)) as connection:
        _add_state(connection, state, clock.now_utc())
    return True


def _require_due(so_far: Sequence[PublishedRelease], people: int) -> None:
    """Raises NotDue or BudgetExceeded."""
    today = clock.today()
    so_far = [one for one in so_far if not one.is_statement]
    _require_none_assumed(so_far)
    if not so_far:
        began = [date.fromisoformat(policy["valid_from"]) for policy in read_facts.read_state(today).policies]
        if not began or today < min(began) + FIRST_AFTER:
            raise NotDue("It is too early for the first release: it comes four weeks after the first policy began.")
    elif max(one.period for one in so_far) >= period_of(today):
        raise NotDue(
            f"The release of {period_of(today)} is already published; there is one per period, made only once."
        )
    if can_pay := cost(people):
        accounting.require(can_pay, _spent(so_far), clock.now_utc(), settings().release_epsilon)


def _require_none_assumed(so_far: Sequence[PublishedRelease]) -> None:
    """Raises NotDue while a release counts that may have been published and lost."""
    for one in so_far:
        if one.is_assumed and clock.today() < (possible := next_from(one.period, [one.published_at])):
            raise NotDue(
                f"Nothing was published. This home was restored on {one.published_at:%-d %B %Y} from a copy that may be"
                f" older than its last release. So the release of {one.period} counts as published, and the year's"
                " budget as spent: new noise on the same counts would reveal more than was promised. The next is"
                f" possible from {possible:%-d %B %Y}. If you know that nothing was published since the backup, state"
                " so: restore it again with --nothing-published-since."
            )


def _within_what_is_stated(
    can_pay: float, applications: Sequence[str], people: int, spent: Sequence[Spent], now: datetime, *, answers: bool
) -> float:
    """The cost of the release, made smaller until the exact loss of the year is no more than is stated for it."""
    year = accounting.noises_of_year(spent, now)
    while year is not None:
        planned = noises(applications, can_pay, people, answers=answers)
        this = Spent(now, sum(noise.rho for noise in planned), planned)
        stated = accounting.year_epsilon([*spent, this], now)
        if exact.epsilon((*year, *planned), accounting.DELTA) <= min(stated, settings().release_epsilon):
            break
        can_pay *= SMALLER
    return can_pay


def _spent(so_far: Sequence[PublishedRelease]) -> list[Spent]:
    return [Spent(one.published_at, one.rho, one.noises) for one in so_far]


def _published(connection: DuckDBPyConnection) -> list[PublishedRelease]:
    rows = connection.execute(statement("spent")).fetchall()
    return [replace(PublishedRelease(*row[:-1]), noises=_noises(row[-1])) for row in rows]


def _noises(found: Sequence[Mapping[str, Any]] | None) -> tuple[Noise, ...] | None:
    return None if found is None else tuple(Noise(**one) for one in found)


def _all_facts(held: Mapping[UUID, Facts], answered: Mapping[UUID, str]) -> dict[UUID, Facts]:
    found = dict(held)
    for person, how in answered.items():
        found[person] = Facts(**{**vars(found.get(person, Facts())), "answered": how})
    return found


def _add(
    connection: DuckDBPyConnection,
    made: Release,
    so_far: Sequence[PublishedRelease],
    people: int,
    now: datetime,
    today: date,
    attacked: Sequence[AttackResult],
) -> None:
    key = uuid4()
    allowed = settings().release_epsilon
    planned = tuple(Noise(one.table.moves, one.deviation) for one in made.tables if one.rho)
    year = [*_spent(so_far), Spent(now, made.rho, planned)]
    tables = [
        {
            "name": one.table.name,
            "bands": list(one.table.bands),
            "one": one.table.one,
            "company_only": one.table.company_only,
            "sensitivity": one.table.sensitivity,
            "deviation": one.deviation,
            "rho": one.rho,
            "numbers_from": one.partition.precision.people_for(NUMBER),
            "ranges_from": one.partition.precision.people_for(COARSE),
        }
        for one in made.tables
    ]
    areas = [
        {"name": one.table.name, "node": node.key, "people": node.people, "atoms": len(node.atoms)}
        for one in made.tables
        for node in one.partition.nodes.values()
    ]
    cells = [
        {("name" if name == "table" else name): value for name, value in asdict(cell).items()} for cell in made.cells
    ]
    published = json.dumps({"tables": tables, "areas": areas, "cells": cells}, sort_keys=True, default=str)
    connection.execute(
        statement("add_release"),
        {
            "release": key,
            "period": period_of(today),
            "as_of": today,
            "published_at": now,
            "people": people,
            "rho": made.rho,
            "epsilon": accounting.epsilon(made.rho),
            "year_rho": sum(one.rho for one in accounting.of_year(year, now)),
            "year_epsilon": accounting.year_epsilon(year, now),
            "allowed_epsilon": allowed,
            "delta": accounting.DELTA,
            "digest": hashlib.sha256(published.encode()).hexdigest(),
        },
    )
    results = [asdict(result) for result in attacked]
    for name, rows in (("tables", tables), ("areas", areas), ("cells", cells), ("attack_results", results)):
        _add_rows(connection, name, [{**row, "release": key} for row in rows])


def _add_rows(connection: DuckDBPyConnection, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.register("added", pa.Table.from_pylist([_plain(row) for row in rows]))
        connection.execute(statement(f"add_{name}"))
        connection.unregister("added")


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in row.items()}


def _add_state(connection: DuckDBPyConnection, state: read_facts.State, now: datetime) -> None:
    policies, models = _as_text(state)
    connection.execute(statement("add_state"), {"told_at": now, "policies": policies, "models": models})


def _newest_state(connection: DuckDBPyConnection) -> tuple[str, str] | None:
    row = connection.execute(statement("newest_state")).fetchone()
    return None if row is None else (row[0], row[1])


def _as_text(state: read_facts.State) -> tuple[str, str]:
    return json.dumps(state.policies, sort_keys=True), json.dumps(state.models, sort_keys=True)
