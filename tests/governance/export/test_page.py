"""What a person reads in an export: the page and the Article 15 information."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from uuid import UUID, uuid4

import orjson
import pytest

import clock
from directory import Employee
from governance.ai_models.plans import Planned
from governance.domain.plans import Plan
from governance.export import Filed
from governance.export.page import chart
from lake.lineage import violations
from lake.lineage.graph import ModelVersion
from lake.rules.erasure import write_tombstone
from lake.rules.policies import apply_policies
from lake.rules.scope import Scope
from lake.storage.connection import writer
from law import limits
from tests.governance.captured import FIRST_DAY, POLICY
from tests.governance.export.opening import ASKED, unzip, write
from tests.support import lineage
from tests.support.people import Company


class Elements(HTMLParser):
    """The names of all elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)


def test_the_page_runs_and_loads_nothing(ada: Employee, path: Path) -> None:
    write(ada, path, requests=[{**ASKED, "id": "<script>"}])
    page = unzip(ada, path)["index.html"].decode()
    elements = Elements()
    elements.feed(page)
    assert elements.names.isdisjoint({"script", "img", "iframe", "link", "object", "embed", "form", "base"})
    assert elements.attributes.isdisjoint({"src", "srcset", "style", "action", "background"})
    assert not any(name.startswith("on") for name in elements.attributes)
    assert elements.names >= {"style", "table", "svg"}
    assert not re.search(r"url\(|@import", page.partition("</style>")[0])
    assert "&lt;img src=x onerror=" in page
    assert "Desktop assistant &lt;b&gt;training&lt;/b&gt;" in page
    assert "default-src 'none'" in page


def said_by(page: bytes) -> str:
    """The text of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode().partition("<main>")[2]).split())


def test_the_page_gives_the_answer_first(ada: Employee, path: Path) -> None:
    write(ada, path)
    page = said_by(unzip(ada, path)["index.html"])
    assert page.index("7 records of your work are held, and they are all in this folder.") < 200
    assert "removed before storage: 1 e-mail address." in page
    assert "They date from 1 March 2026 to 7 March 2026 and come from 2 applications" in page


def test_article_15_information_is_complete(ada: Employee, path: Path) -> None:
    write(ada, path)
    about = orjson.loads(unzip(ada, path)["about.json"])
    assert set(about) == {
        "confirmation",
        "limits",
        "person",
        "purposes",
        "categories",
        "recipients",
        "retention",
        "records_kept",
        "rights",
        "complaint",
        "source",
        "automated_decisions",
        "transfers",
        "safeguards",
        "spreadsheet",
        "third_parties",
        "own_requests",
        "not_searched",
    }
    assert about["purposes"] == [
        {"policy": "assistant-2026", "purpose": "model training", "legal_basis": "GDPR 6(1)(f)"}
    ]
    assert about["source"] == [
        {"connector": "opencua", "version": "1", "application": "Chrome", "captures": 2},
        {"connector": "opencua", "version": "1", "application": "Excel", "captures": 5},
    ]
    assert sum(category["captures"] for category in about["categories"]) == 7


SETTINGS = {
    "OPENBOOK_TRANSFERS": "Copies go to Canada <i>only</i>, under an adequacy decision.",
    "OPENBOOK_AUTOMATED_DECISIONS": "No model decides about anyone.",
    "OPENBOOK_MANIFESTS_KEPT": "Manifests are kept for three years.",
    "OPENBOOK_LOGS_KEPT": "Logs are kept for 90 days.",
}


def test_the_employers_statements_answer_article_15(ada: Employee, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in SETTINGS.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("OPENBOOK_RECEIPT_DAYS", "1234")
    write(ada, path)
    files = unzip(ada, path)
    about, page = orjson.loads(files["about.json"]), html.unescape(said_by(files["index.html"]))
    said = [about["transfers"], about["automated_decisions"], *about["records_kept"].values()]
    for text in SETTINGS.values():
        assert f"Your employer says: {text}" in said
        assert f"Your employer says: {text}" in page
    assert b"<i>only" not in files["index.html"]
    assert "kept for 1,234 days" in page


@pytest.mark.parametrize("missing", SETTINGS)
def test_what_the_employer_has_not_said_is_named(
    ada: Employee, path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name, text in SETTINGS.items():
        monkeypatch.setenv(name, " " if name == missing else text)
    write(ada, path)
    page = said_by(unzip(ada, path)["index.html"])
    assert page.count("Your employer has not said") == 1
    assert "sk your employer" not in page


@pytest.mark.parametrize(
    ("basis", "portable", "withdrawable"),
    [
        ("GDPR 6(1)(f)", False, False),
        ("GDPR 6(1)(b), employment contract", True, False),
        ("GDPR 6(1)(a), consent of the person recorded", True, True),
    ],
)
def test_rights_depend_on_the_legal_basis(
    ada: Employee, path: Path, basis: str, portable: bool, withdrawable: bool
) -> None:
    with writer() as connection:
        apply_policies(connection, [replace(POLICY, legal_basis=basis)])
    write(ada, path)
    files = unzip(ada, path)
    laws = [right["law"] for right in orjson.loads(files["about.json"])["rights"]]
    assert [law in laws for law in ("Article 20", "Article 7(3)", "Article 21")] == [portable, withdrawable, True]
    page = said_by(files["index.html"])
    assert ("Article 20" in page, "withdraw your consent at any time" in page) == (portable, withdrawable)


def test_a_long_history_is_drawn_by_month() -> None:
    bars, monthly = chart({date(2025, 12, 31): 3, date(2026, 7, 1): 6})
    assert monthly
    assert [(bar.label, bar.events) for bar in (bars[0], bars[1], bars[-1])] == [
        ("December 2025", 3),
        ("January 2026", 0),
        ("July 2026", 6),
    ]


def test_person_without_data_gets_an_answer(ada: Employee, person: Company, path: Path) -> None:
    eve = person("eve@example.com", regime="ccpa")
    export = write(eve, path)
    files = unzip(eve, path)
    assert "Nothing about you is in this register" in files["index.html"].decode()
    assert files["captures.jsonl"] == b""
    assert export.counts["catalogued"] == 0
    assert "California" in orjson.loads(files["about.json"])["complaint"]


def test_the_models_and_their_owners_are_named(ada: Employee, path: Path) -> None:
    model = ModelVersion("Sable", "1.0", "assistant", "Tessel <i>team</i>", FIRST_DAY)
    with writer() as connection:
        slices = [(ada.subject, FIRST_DAY.date(), "mouse_move", "Excel", 1)]
        lineage.train(connection, model, [lineage.dataset(connection, "actions", "7", FIRST_DAY, slices)], FIRST_DAY)
    write(ada, path)
    files = unzip(ada, path)
    assert [(use["model"], use["evidence"], use["captures"]) for use in orjson.loads(files["models.json"])] == [
        ("Sable", "proven", 1)
    ]
    (recipient,) = orjson.loads(files["about.json"])["recipients"]
    assert recipient["name"] == "Tessel <i>team</i>"
    assert [received["model"] for received in recipient["received"]] == ["Sable 1.0"]
    page = files["index.html"].decode()
    assert "Tessel &lt;i&gt;team&lt;/i&gt;" in page
    assert "actions 7" in page


@pytest.fixture
def trained(ada: Employee) -> list[UUID]:
    """Sable 1.0, trained before Ada withdrew everything; Sable 1.1, trained on the same data after that."""
    with writer() as connection:
        slices = [(ada.subject, FIRST_DAY.date(), "mouse_move", "Excel", 1)]
        read = lineage.dataset(connection, "actions", "7", FIRST_DAY, slices)
        runs = []
        write_tombstone(connection, ada.subject, Scope(), uuid4(), clock.now_utc())
        for version, at in (("1.0", FIRST_DAY), ("1.1", clock.now_utc())):
            model = ModelVersion("Sable", version, "assistant", "Tessel", at)
            runs.append(lineage.train(connection, model, [read], at))
        violations.find(connection, runs, clock.now_utc())
        models = connection.execute("select model_version from model_versions order by version").fetchall()
    return [model for (model,) in models]


@pytest.mark.parametrize(("moved", "passed"), [(timedelta(days=-3), True), (timedelta(days=30), False)])
def test_the_worst_news_is_on_the_page(
    ada: Employee, trained: list[UUID], path: Path, moved: timedelta, passed: bool
) -> None:
    by = clock.today() + moved
    plans = {trained[0]: Planned(Plan.RETRAIN, by, by, clock.now(), 1)}
    write(ada, path, filed=Filed(plans=plans))
    files = unzip(ada, path)
    [found] = orjson.loads(files["violations.json"])
    page = said_by(files["index.html"])
    answer, _, details = page.partition("What was captured")
    assert "Use of your data without permission was reported: 1 violation." in answer
    assert ("1 promised date has passed without evidence that the promise was kept" in answer) is passed
    assert (f"something is promised, by {by.day} {by:%B %Y}" in answer) is not passed
    assert found["words"] in html.unescape(details)
    assert "although you had withdrawn them before it started" in found["words"]
    models = {use["version"]: use for use in orjson.loads(files["models.json"])}
    assert (models["1.0"]["state"], models["1.0"]["by"]) == ("retrain_scheduled", by.isoformat())
    assert models["1.0"]["overdue"] is passed
    assert (models["1.1"]["state"], models["1.1"]["by"]) == ("retained_in_weights", None)
    for use in models.values():
        assert use["words"] in html.unescape(details)
    assert details.count(f"{by.day} {by:%B %Y}") == 1
    assert "A model that was trained before you objected" in details


def test_a_page_without_bad_news_alarms_nobody(ada: Employee, path: Path) -> None:
    write(ada, path)
    page = said_by(unzip(ada, path)["index.html"])
    assert "without permission was reported" not in page
    assert "promised" not in page.partition("What is in this folder")[0]


def test_the_page_says_what_it_does_not_cover(ada: Employee, path: Path) -> None:
    write(ada, path)
    files = unzip(ada, path)
    page = html.unescape(said_by(files["index.html"]))
    assert orjson.loads(files["about.json"])["limits"] == list(limits.EVERY)
    for limit in limits.EVERY:
        assert limit in page
    assert not re.search(
        r"\b(nobody|everything held|held nowhere|kept nowhere|hidden from everyone)\b", page, re.IGNORECASE
    )
