"""A home that an earlier version published in: twice a year, with five tables, in the same database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from math import sqrt
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest

from directory import Employee
from lake.releases import accounting, exact, publishing
from lake.releases.accounting import DELTA, BudgetExceeded
from lake.releases.database import NAME, publication, statement
from lake.releases.exact import Noise
from lake.releases.hierarchy import COMPANY
from lake.releases.publishing import NotDue
from queries import area

Employ = Callable[..., list[Employee]]
At = Callable[[date], None]

TABLES = {
    "volume": (["none", "under_10k", "under_50k", "more"], True, 2),
    "retention": (["within"], False, 1),
    "signals": (["pointer", "typing", "windows", "screenshots", "messages"], False, 5),
}
HALF_A_YEAR = 0.0925
"""Rho, as an earlier version computed it for epsilon 3."""

pytestmark = pytest.mark.usefixtures("policies")


def published_by_an_earlier_version(period: str, day: date) -> None:
    release = UUID(int=int(period.replace("-", "")))
    added: dict[str, list[dict[str, Any]]] = {"tables": [], "areas": [], "cells": []}
    for name, (bands, one, moves) in TABLES.items():
        key = {"release": str(release), "name": name}
        noise = {"sensitivity": sqrt(moves), "deviation": sqrt(moves / (2 * HALF_A_YEAR / 3)), "rho": HALF_A_YEAR / 3}
        sizes = {"numbers_from": 200, "ranges_from": 60}
        added["tables"].append({**key, "bands": bands, "one": one, "company_only": False, **noise, **sizes})
        added["areas"].append({**key, "node": str(COMPANY), "people": 60, "atoms": 1})
        for place, band in enumerate(bands):
            share = {"people": None, "share": None, "low": 0.0, "high": 0.4}
            added["cells"].append({**key, "node": str(COMPANY), "band": band, "place": place, **share})
    with publication() as connection:
        known = {
            "release": release, "period": period, "as_of": day, "published_at": datetime.combine(day, time(3)),
            "people": 60, "rho": HALF_A_YEAR, "epsilon": 2.05, "year_rho": HALF_A_YEAR, "year_epsilon": 2.05,
            "allowed_epsilon": 3.0, "delta": DELTA, "digest": period,
        }  # fmt: skip
        connection.execute(statement("add_release"), known)
        for name, rows in added.items():
            publishing._add_rows(connection, name, rows)


def test_half_years_are_followed_by_years_within_the_budget(employ: Employ, at: At) -> None:
    employ(60)
    published_by_an_earlier_version("2026-01", date(2026, 2, 1))
    published_by_an_earlier_version("2026-07", date(2026, 7, 1))
    for day in (date(2026, 7, 2), date(2026, 12, 31)):
        at(day)
        with pytest.raises(NotDue, match="made only once"):
            publishing.release()
    for day in (date(2027, 1, 1), date(2027, 6, 30)):
        at(day)
        assert not publishing.is_due()
        with pytest.raises(BudgetExceeded):
            publishing.release()
    at(date(2027, 7, 1))
    told = publishing.release()
    assert told.period == "2027-01"
    assert told.year_epsilon == pytest.approx(3.0, abs=1e-5)
    assert not publishing.is_due()


def test_a_half_year_after_an_earlier_version_counts_its_noise(
    employ: Employ, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    employ(60)
    monkeypatch.setenv("OPENBOOK_RELEASE_MONTHS", "6")
    published_by_an_earlier_version("2026-01", date(2026, 2, 1))
    at(date(2026, 7, 1))
    told = publishing.release()
    both = [noise for one in publishing.releases() for noise in one.noises or ()]
    assert [noise for noise in both if noise.moves == 5] == [Noise(5, sqrt(5 / (2 * HALF_A_YEAR / 3)))]
    assert exact.epsilon(tuple(both), DELTA) <= told.year_epsilon <= 3
    assert told.year_epsilon == accounting.epsilon(HALF_A_YEAR + told.rho)


def test_tables_of_an_earlier_version_are_still_published(employ: Employ, home: Path, at: At) -> None:
    employ(60)
    published_by_an_earlier_version("2026-01", date(2026, 2, 1))
    at(date(2027, 7, 1))
    publishing.release()
    found = area.of_company()
    old = {table.name: len(table.shares) for table in found.tables if table.release == found.releases[1].release}
    assert old == {"retention": 1, "signals": 5, "volume": 4}
    assert "detail" in {table.name for table in found.tables}
    with duckdb.connect(str(home / "releases" / NAME), read_only=True) as connection:
        assert connection.execute("select count(*) from releases").fetchone() == (2,)
