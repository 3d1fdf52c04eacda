"""The pages of an export are in the person's language, and its data is the same in each."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

import clock
import queries
from directory import Employee
from governance.ai_models.plans import Planned
from governance.domain.plans import Plan
from governance.export import Filed
from governance.export.filed import filed_of
from governance.notifying import choices
from lake.lineage import violations
from lake.lineage.graph import ModelVersion
from lake.rules.erasure import write_tombstone
from lake.rules.scope import Scope
from lake.storage.connection import writer
from languages.language import PSEUDO
from tests.browser.untranslated import ENGLISH
from tests.governance.captured import CAPTURES, FIRST_DAY, put
from tests.governance.export.opening import ASKED, HOLD, rule, unzip, write
from tests.support import lineage
from tests.support.people import Company

READ_ALOUD = {"aria-label", "alt", "title", "placeholder"}
DATA = {
    "We have no right to do that": "what a privacy officer wrote",
    "model training: GDPR 6(1)(f)": "what the company wrote",
    "write to": "what was typed",
    "[words of someone else removed]": "a mark within the data",
    "requests.json": "the name of a file",
    "models.json": "the same",
    "a title of a window": "what was captured",
}
"""Words of English that are no text of Open Book's."""


class Bare(HTMLParser):
    """What a page says outside of the marks of the pseudo language."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.marked = self._depth = 0
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag == "style"
        self.found += [re.sub("⟦.*⟧", "", value or "") for name, value in attrs if name in READ_ALOUD]

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if self._style:
            return
        outside = ""
        for character in data:
            if character == "⟦":
                self._depth += 1
                self.marked += 1
            elif character == "⟧":
                self._depth -= 1
            elif not self._depth:
                outside += character
        self.found.append(outside)


def said(page: bytes) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page.decode().partition("<main>")[2]).split()))


@pytest.fixture
def ada(person: Company) -> Employee:
    ada = person("ada@example.com", name="Ada Lovelace", zone="Europe/Berlin")
    more: list[dict[str, Any]] = [
        {"signal": "screenshot", "x": 900, "y": 600},
        {"signal": "message", "content": {"text": "mine", "author": "bo@example.com", "title": "a title of a window"}},
    ]
    put(ada, [*CAPTURES, *more])
    return ada


@pytest.fixture
def filed(ada: Employee) -> Filed:
    """Everything that has words on the page: a model with a promise, a violation, a hold, a request, accesses."""
    slices = [(ada.subject, FIRST_DAY.date(), "mouse_move", "Excel", 1)]
    runs = []
    with writer() as connection:
        read = lineage.dataset(connection, "actions", "7", FIRST_DAY, slices)
        write_tombstone(connection, ada.subject, Scope(signals=("scroll",)), uuid4(), clock.now_utc())
        for version, at in (("1.0", FIRST_DAY), ("1.1", clock.now_utc())):
            runs.append(lineage.train(connection, ModelVersion("Sable", version, "chat", "Tessel", at), [read], at))
        violations.find(connection, runs, clock.now_utc())
        models = connection.execute("select model_version from model_versions order by version").fetchall()
    rule(HOLD, ada, signals=["keystroke"])
    by = clock.today() + timedelta(days=9)
    decision = {"words": "We have no right to do that.", "appeal": None}
    access = {
        "at": "2026-03-08T10:00:00Z",
        "role": "privacy_officer",
        "purpose": "To decide about a request",
        "what": "requests",
        "rows": 1,
        "automatic": False,
        "system": None,
    }
    return Filed(
        requests=[ASKED, {**ASKED, "type": "erasure", "state": "denied", "decision": decision}],
        accesses=[access, {**access, "role": "worker", "automatic": True}],
        catalogued={"requests": 2, "accesses": 2},
        plans={models[0][0]: Planned(Plan.RETRAIN, by, by, clock.now(), 1)},
    )


def in_language(filed: Filed, code: str) -> Filed:
    return Filed(**{**vars(filed), "language": code})


def test_no_text_of_a_page_is_hard_coded(ada: Employee, filed: Filed, path: Path) -> None:
    write(ada, path, filed=in_language(filed, PSEUDO))
    pages = {name: content for name, content in unzip(ada, path).items() if name.endswith(".html")}
    wrong = []
    for name, content in pages.items():
        bare = Bare()
        bare.feed(content.decode())
        assert bare.marked > 5
        wrong += [
            (name, text.strip())
            for text in bare.found
            if ENGLISH.search(text) and not text.strip(" .").startswith(tuple(DATA))
        ]
    assert len(pages) > 10
    assert wrong == []


def test_a_copy_in_german(ada: Employee, filed: Filed, path: Path) -> None:
    write(ada, path, filed=in_language(filed, "de"))
    files = unzip(ada, path)
    page = said(files["index.html"])
    assert b'<html lang="de">' in files["index.html"]
    assert "Aufzeichnungen Ihrer Arbeit sind gespeichert, und alle sind in diesem Ordner." in page
    assert "Die Aufzeichnungen sind vom 1. März 2026 bis 9. März 2026 und kommen aus 2 Anwendungen." in page
    assert "Eine Löschsperre verhindert die Löschung von 2 Aufzeichnungen, weil dies gebraucht wird, um" in page
    assert "Bei 1 davon wurden vor dem Speichern sensible Teile entfernt: 1 E-Mail-Adresse." in page
    assert "Jemand aus der Datenschutzstelle" in page
    assert "Sie haben das Recht, unrichtige Daten berichtigen zu lassen (Artikel 16)" in page
    day = said(files["days/2026-03-05.html"])
    assert b'<html lang="de">' in files["days/2026-03-05.html"]
    assert "Donnerstag, 5. März 2026" in day
    assert "Getippt in Excel write to [e-mail address removed] Vor dem Speichern unkenntlich gemacht:" in day
    assert "1 E-Mail-Adresse" in day
    assert said(files["kinds/screenshot-1.html"]).count("Das Bild fehlt.") == 1
    assert "Prüfen Sie diese Datei selbst" in files["HOW-TO-CHECK.txt"].decode()
    about = orjson.loads(files["about.json"])
    assert about["confirmation"] == "Ihr Arbeitgeber verarbeitet Aufzeichnungen Ihrer Arbeit."
    assert about["categories"][0]["signal"] == "form_edit"


def test_the_data_is_the_same_in_every_language(ada: Employee, filed: Filed, path: Path) -> None:
    found = {}
    for code in ("en", "fr"):
        write(ada, path, filed=in_language(filed, code))
        files = unzip(ada, path)
        read = {"index.html", "about.json", "HOW-TO-CHECK.txt", "manifest.json", *(n for n in files if "/" in n)}
        assert read < files.keys()
        found[code] = {name: content for name, content in files.items() if name not in read}
    assert found["en"] == found["fr"]


def test_it_is_the_language_of_the_persons_mail(ada: Employee) -> None:
    owner = queries.for_request(ada.subject, uuid4()).subject
    assert filed_of(owner, []).language == "en"
    choices.choose(ada.subject, (), (), "es")
    assert filed_of(owner, []).language == "es"
