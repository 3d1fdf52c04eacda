"""My area and Programme: the answer first, uncertainty in chart, table and words, and nothing about one person."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

import pandas as pd
import pytest
import streamlit as st
from streamlit.navigation.page import Page

import clock
from api_client.models import ReleasedTable, Share, TableSize
from dashboard.releases import charts
from dashboard.releases.wording import (
    ATTACKS,
    BANDS,
    TITLES,
    budget_words,
    change_words,
    missing_words,
    share_words,
    table_sentence,
)
from dashboard.text import read_aloud
from directory import Directory, Employee
from lake.attacks import running
from lake.releases import counted_facts, publishing
from lake.releases.accounting import EPSILON
from lake.releases.hierarchy import LEAST_PEOPLE_PER_AREA, LEAST_PEOPLE_PER_ATOM
from lake.releases.results import AttackResult
from lake.rules.policies import apply_policies
from lake.storage.connection import writer
from tests.dashboard.conftest import POLICY, Capture, OpenApp, tables, words
from tests.support import homes
from tests.support.company import employ

RELEASE = UUID(int=1)
LATER, EARLIER = date(2026, 7, 1), date(2026, 1, 1)


def volume(as_of: date, *shares: tuple[float | None, float, float]) -> ReleasedTable:
    bands = [Share(band, *share) for band, share in zip(counted_facts.VOLUME, shares, strict=False)]
    return ReleasedTable(RELEASE, as_of, "volume", True, 300, tuple(bands))


NUMBERS = volume(LATER, (0.1, 0.06, 0.14), (0.9, 0.86, 0.94))
RANGES = volume(EARLIER, (None, 0.7, 1.0), (None, 0.85, 1.0))


def test_every_table_band_and_attack_has_words() -> None:
    tables = counted_facts.tables(["Excel"])
    assert set(TITLES) == {table.name for table in tables} | {"signals"}
    for table in tables:
        if table.name != "applications":
            assert set(BANDS[table.name]) == set(table.bands)
    assert set(ATTACKS) == set(running.TRIED)


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (Share("none", 0.344, 0.3, 0.388), "34 % (30 to 39 %)"),
        (Share("none", None, 0.2, 0.45), "20 to 45 %"),
        (Share("none", 1.0, 0.96, 1.0), "100 % (96 to 100 %)"),
    ],
)
def test_a_share_shows_its_uncertainty(share: Share, said: str) -> None:
    assert share_words(share) == said


def test_only_changes_beyond_the_uncertainty_are_reported() -> None:
    said = change_words(NUMBERS, RANGES).replace("\\", "")
    assert "nothing that may be used: 70 to 100 % before, 10 % (6 to 14 %) now" in said
    assert "fewer than" not in said
    assert "nothing changed by more than the uncertainty" in change_words(RANGES, RANGES)


def test_the_budget_is_used_up_only_at_its_end() -> None:
    assert budget_words(1.0) == "This year's privacy budget is used up"
    assert budget_words(0.999) == "99 % of this year's privacy budget is used"


def test_missing_tables_say_how_many_people_they_need() -> None:
    sizes = (
        TableSize("volume", 190, 50, False),
        TableSize("signals", 353, 71, False),
        TableSize("answers", 476, 96, True),
    )
    assert "“What is captured” (71 people)" in missing_words(sizes, {"volume"}, company=False)
    assert "requests" not in missing_words(sizes, {"volume"}, company=False)
    assert "“How requests were answered” (96 people)" in missing_words(sizes, {"volume"}, company=True)
    assert missing_words(sizes, {"volume", "signals", "answers"}, company=True) == ""


def test_chart_table_and_sentence_say_the_same() -> None:
    rows = charts.rows_of([NUMBERS, RANGES])
    table = charts.table_of(rows)
    assert list(table.columns) == ["Share of people", "1 Jul 2026", "1 Jan 2026"]
    assert list(table.iloc[0]) == ["Nothing that may be used", "10 % (6 to 14 %)", charts.NOTHING]
    drawn = json.loads(charts.shares(rows).to_json())
    [data] = drawn["datasets"].values()
    assert [(row["low"], row["high"], row["share"]) for row in data] == [
        (0.06, 0.14, 0.1), (0.86, 0.94, 0.9), (0.7, 1.0, None), (0.85, 1.0, None),
    ]  # fmt: skip
    assert [row["words"] for row in data][:2] == list(table["1 Jul 2026"])
    assert "\\" in table_sentence(NUMBERS)
    assert "\\" not in read_aloud(table_sentence(NUMBERS))
    for said in table["1 Jul 2026"]:
        assert said in table_sentence(NUMBERS).replace("\\", "")


def test_a_chart_shows_at_most_four_releases() -> None:
    [layer, _] = json.loads(charts.shares(charts.rows_of([NUMBERS])).to_json())["layer"]
    assert layer["encoding"]["color"]["legend"] is None
    assert layer["encoding"]["y"]["axis"]["labelExpr"] == r"split(datum.label, '\n')"
    years = [volume(date(year, 1, 1), (None, 0.1, 0.5)) for year in range(2030, 2020, -1)]
    assert len(charts.rows_of(years)) == charts.SHOWN_RELEASES
    assert pd.api.types.is_float_dtype(charts.rows_of(years)["share"])


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of the pages that the sidebar lists."""
    titles: list[str] = []
    navigation = st.navigation

    def noted(pages: list[Page], *, position: Literal["sidebar", "hidden"]) -> Page:
        titles[:] = [page.title for page in pages if page.visibility == "visible" and position == "sidebar"]
        return navigation(pages, position=position)

    monkeypatch.setattr(st, "navigation", noted)
    return titles


@pytest.fixture(scope="module")
def tessel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two releases and 400 people. The first manages 200, the second six and the third nobody."""
    home = tmp_path_factory.mktemp("tessel") / "home"
    tried = [
        AttackResult("membership", "ours", 1, 0, 0, "Told apart.", 3.0, 0.41),
        AttackResult("bounds", "naive", 2, 2, 69, "Found many."),
    ]
    homes.copy(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENBOOK_HOME", str(home))
        employ(home.with_name("people.csv"), 400, {0: 200, 1: 6, 2: 0})
        with writer() as connection:
            apply_policies(connection, [dataclasses.replace(POLICY, permits=["training_pictures"])])
        for moment in (datetime(2026, 3, 1, tzinfo=UTC), datetime(2027, 9, 1, tzinfo=UTC)):
            patch.setattr(clock, "now", lambda moment=moment: moment)
            publishing.release({}, lambda *_: tried)
    return home


@pytest.fixture
def company(home: Path, tessel: Path) -> list[Employee]:
    shutil.copytree(tessel, home, dirs_exist_ok=True)
    with Directory.open() as directory:
        return sorted(directory.everyone(), key=lambda person: int(person.name.split()[1]))


def test_a_manager_of_many_sees_numbers_with_their_uncertainty(
    open_app: OpenApp, company: list[Employee], api: str, capture: Capture, listed: list[str]
) -> None:
    capture(company[0], 5, content={"text": "what the manager typed"})
    app = open_app(company[0], page="area")
    said = words(app)
    assert "200 people are in your area. The same rules apply to them as to everybody" in said
    assert said.index("Certain: without noise") < said.index("From the numbers")
    assert "1 capture policy is in force, for 1 purpose" in said
    assert "one calendar month (GDPR); 45 days (CCPA)" in said
    assert "Records that may be used are held about hardly anybody, at most one in ten" in said.replace("*", "")
    assert "of the 200 who were in it on 1 September 2027" in said
    assert "nothing changed by more than the noise" in said
    assert "For 5 years together it is 7.5" in said
    assert "How much is held" in said
    assert "Not kept too long" in said
    assert "How this is protected" in said
    assert f"about at least {LEAST_PEOPLE_PER_ATOM} people: that leaves 7 others" in said
    assert f"Areas of fewer than {LEAST_PEOPLE_PER_AREA} people have no numbers at all" in said
    assert "requests were answered" not in said
    assert "How detailed the records are" in said
    drawn = tables(app)
    assert list(drawn[0]) == ["Share of people", "1 Sept 2027", "1 Mar 2026"]
    assert all(re.search(r"\d+ to \d+ %", cell) for cell in drawn[0]["1 Sept 2027"])
    assert any(POLICY.name in table.get("Policy", []) for table in drawn)
    assert "what the manager typed" not in said
    assert listed[-1] == "My area"


@pytest.mark.parametrize(
    ("place", "told"),
    [(1, "6 people are in your area: that is too few for numbers about this area alone"), (2, "Nobody reports to you")],
)
def test_a_manager_of_few_or_nobody_sees_why(
    open_app: OpenApp, company: list[Employee], api: str, place: int, told: str
) -> None:
    app = open_app(company[place], page="area")
    said = words(app)
    assert told in said
    assert "side by side" not in said
    assert "built under them" not in said
    assert "for whatever reason" not in said
    assert not app.get("vega_lite_chart")


def test_an_employee_has_no_link_to_my_area(
    open_app: OpenApp, company: list[Employee], api: str, listed: list[str]
) -> None:
    app = open_app(company[300], page="area")
    assert "Nobody reports to you" in words(app)
    assert "My area" not in listed
    assert "Programme" in listed


def test_everybody_sees_the_programme_with_its_cost_and_attacks(
    open_app: OpenApp, company: list[Employee], api: str
) -> None:
    app = open_app(company[300], page="programme")
    said = words(app)
    assert "of the 400 people in the company" in said
    assert "5 years together may reveal 7.5" in said
    assert "How requests were answered" in said
    assert "2 releases so far" in said
    assert "of 3 in total" in said
    assert "With our design, no one was identified. 1 attack broke the usual design" in said
    [policies] = [table for table in tables(app) if "Also permitted" in table]
    [permitted] = policies["Also permitted"]
    assert permitted.startswith("pictures of screens in training exports, with names")
    assert "Epsilon claimed for a year: 3.00. Lower bound found by the best attack: 0.41." in said


def test_the_programme_before_the_first_release(open_app: OpenApp, person: Callable[..., Employee], api: str) -> None:
    said = words(open_app(person(), page="programme"))
    assert "Nothing has been published yet" in said
    assert "How this is protected" in said
    assert f"epsilon is at most {EPSILON:g} at delta 0.000001" in said


def test_a_lost_release_is_not_called_none(open_app: OpenApp, home: Path, company: list[Employee], api: str) -> None:
    """The database went, and the ledger still had the last of the two."""
    lost = publishing.releases()[-1]
    shutil.rmtree(home / "releases")
    identity = json.loads((home / "home.json").read_text(encoding="utf-8"))
    identity["parts"] = [part for part in identity["parts"] if "releases" not in part]
    (home / "home.json").write_text(json.dumps(identity), encoding="utf-8")
    publishing.add_lost([lost])
    said = words(open_app(company[300], page="programme"))
    assert "What was published is lost" in said
    assert "The numbers of the period from 2027-01 were published on 1 September 2027, and are lost." in said
    assert "The next numbers can come from 1 September 2028 on." in said
    assert "Nothing has been published yet" not in said
    assert "6 people are in your area: what was published is lost." in words(open_app(company[1], page="area"))


def test_epsilon_so_far_counts_a_lost_release(open_app: OpenApp, company: list[Employee], api: str) -> None:
    [*_, known] = publishing.releases()
    later = datetime(2028, 10, 1)  # noqa: DTZ001
    publishing.add_lost(
        [dataclasses.replace(known, release=UUID(int=9), period="2028-01", published_at=later, year_epsilon=2.5)]
    )
    said = words(open_app(company[300], page="programme"))
    assert "Those of the year up to 1 October 2028 cost epsilon 2.50 of 3" in said
    assert "were published on 1 October 2028, and are lost" in said
