"""The pages of an export: every word of the person is on them, by day and by kind, and none is large."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from directory import Employee
from governance.export import write as writing
from governance.export.readable import pages
from tests.governance.captured import FIRST_DAY, put
from tests.governance.export.opening import unzip, write
from tests.support.people import Company

LINK = re.compile(r'(?:href|src)="([^"#]+)')


def typed(at: datetime, text: str) -> dict[str, object]:
    return {"captured_at": at, "signal": "keystroke", "content": {"text": text}}


def said(page: bytes) -> str:
    """The text of a page."""
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page.decode().partition("<main>")[2]).split()))


def test_every_word_is_on_a_page_of_its_day_and_kind(ada: Employee, path: Path) -> None:
    write(ada, path)
    files = unzip(ada, path)
    assert '=HYPERLINK("http://evil")' in said(files["days/2026-03-04.html"])
    assert '=HYPERLINK("http://evil")' in said(files["kinds/keystroke-1.html"])
    assert "write to [e-mail address removed] Hidden before storage: 1 e-mail address" in said(
        files["days/2026-03-05.html"]
    )
    assert "</title><script>" in said(files["kinds/navigation-1.html"])
    assert "Cell: B2 Unit: €" in said(files["kinds/form_edit-1.html"])
    for name, content in files.items():
        assert b"<script" not in content or not name.endswith(".html")


def test_every_link_leads_to_a_file_of_the_copy(ada: Employee, path: Path) -> None:
    write(ada, path)
    files = unzip(ada, path)
    found = {
        name: {link.removeprefix("../") for link in LINK.findall(content.decode())}
        for name, content in files.items()
        if name.endswith(".html")
    }
    for name, links in found.items():
        for link in links:
            assert link in files or (name == "index.html" and link.startswith(("https://", "mailto:")))
    assert "days/2026-03-01.html" in found["index.html"]
    assert {name for name in files if name.startswith("kinds/")} <= found["index.html"]
    assert "days/2026-03-02.html" in found["days/2026-03-01.html"] & found["days/2026-03-03.html"]


def test_days_are_those_of_the_person(person: Company, path: Path) -> None:
    """The clocks of Berlin went forward on 29 March 2026, at 1:00 UTC."""
    ada = person("ada@example.com", zone="Europe/Berlin")
    night = datetime(2026, 3, 28, 22, 59)  # noqa: DTZ001 (the lake's times are naive UTC)
    put(ada, [typed(night + timedelta(minutes=step), f"word {step}") for step in (0, 1, 120, 121, 23 * 60, 1381)])
    write(ada, path)
    files = unzip(ada, path)
    assert "23:59:00 Typed in Excel word 0" in said(files["days/2026-03-28.html"])
    sunday = said(files["days/2026-03-29.html"])
    assert "00:00:00 Typed in Excel word 1 01:59:00 Typed in Excel word 120 03:00:00 Typed in Excel word 121" in sunday
    assert "23:59:00 Typed in Excel word 1380" in sunday
    assert "00:00:00 Typed in Excel word 1381" in said(files["days/2026-03-30.html"])
    assert "Times are Europe/Berlin time." in sunday
    assert "Europe/Berlin time" in said(files["index.html"])


def test_no_page_grows_with_the_records(person: Company, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_ROWS", 10)
    ada = person("ada@example.com")
    put(ada, [typed(FIRST_DAY + timedelta(minutes=step), f"word {step}.") for step in range(25)])
    put(ada, [{"captured_at": FIRST_DAY + timedelta(minutes=step), "x": 1, "y": 1} for step in range(300)])
    write(ada, path)
    files = unzip(ada, path)
    days = ["days/2026-03-01.html", "days/2026-03-01-2.html", "days/2026-03-01-3.html"]
    kinds = [f"kinds/keystroke-{number}.html" for number in (1, 2, 3)]
    assert [name for name in files if name.startswith(("days/", "kinds/"))] == sorted(
        [*days, *kinds], key=list(files).index
    )
    for names in (days, kinds):
        words = " ".join(said(files[name]) for name in names)
        assert [words.count(f"word {step}.") for step in range(25)] == [1] * 25
        assert "Part 2 of 3" in said(files[names[1]])
        assert f'rel="next" href="../{names[1]}"' in files[names[0]].decode()
        assert f'rel="prev" href="../{names[1]}"' in files[names[2]].decode()
    assert "Positions of the mouse pointer 09:00:00 to 13:59:00 300" in said(files[days[0]])


def test_many_days_are_pages_by_month(person: Company, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (pages, writing):
        monkeypatch.setattr(module, "MOST_DAYS", 2)
    ada = person("ada@example.com")
    put(ada, [typed(FIRST_DAY + timedelta(days=20 * step), f"word {step}.") for step in range(4)])
    write(ada, path)
    files = unzip(ada, path)
    assert [name for name in files if name.startswith("days/")] == ["days/2026-03.html", "days/2026-04.html"]
    assert "Saturday, 21 March 2026" in said(files["days/2026-03.html"])
    assert "2026 March (2), April (2)" in said(files["index.html"])


def test_a_missing_picture_is_said(person: Company, path: Path) -> None:
    ada = person("ada@example.com")
    put(ada, [{"signal": "screenshot", "x": 900, "y": 600}])
    write(ada, path)
    page = unzip(ada, path)["kinds/screenshot-1.html"]
    assert "The picture is missing." in said(page)
    assert b"<img" not in page
