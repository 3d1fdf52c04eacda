"""A person unpacks their copy and reads it in a browser without network and without scripts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from directory import Employee
from lake.ingest.ingesting import ingest
from tests.governance.captured import put
from tests.governance.export.opening import REQUEST, read, write
from tests.lake.ingesting import allow
from tests.lake.pictures.test_stored import recording, shot
from tests.support.people import Company
from tests.support.screens import encoded, screen

HOSTILE = '<img src=x onerror="document.title=1">\u202e</bdi></td></table><script>document.title=1</script>'


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, 30)  # noqa: DTZ001 (the lake's times are naive UTC)


@pytest.fixture
def offline(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False, offline=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def ada(person: Company, tmp_path: Path) -> Employee:
    """In Berlin, with a screenshot, and words on two days of hers that are three days of UTC."""
    ada = person("ada@example.com", zone="Europe/Berlin")
    allow()
    made = recording(tmp_path / "session", [shot(1)])
    (made / "1.png").write_bytes(encoded(screen(["A quiet report"])))
    ingest("opencua", str(made), ada.email)
    put(
        ada,
        [
            {"captured_at": at(1, 23), "signal": "keystroke", "content": {"text": "written after midnight"}},
            {"captured_at": at(2, 9), "signal": "mouse_move", "x": 1, "y": 2},
            {"captured_at": at(2, 10), "signal": "message", "content": {"message": "See you at ten", "title": "#team"}},
            {"captured_at": at(3, 10), "signal": "keystroke", "content": {"text": HOSTILE}},
        ],
    )
    return ada


def test_a_copy_is_read_day_by_day_and_by_kind(ada: Employee, offline: Page, home: Path, tmp_path: Path) -> None:
    (home / "exports").mkdir(exist_ok=True)
    path = home / "exports" / f"{REQUEST}.sealed"
    write(ada, path)
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(io.BytesIO(read(ada, path))) as archive:
        archive.extractall(folder)

    page = offline
    refused: list[str] = []
    page.on("requestfailed", lambda request: refused.append(request.url))
    page.goto((folder / "index.html").as_uri())
    expect(page.get_by_text("Times and days on these pages are Europe/Berlin time")).to_be_visible()
    page.get_by_role("row", name="March 2026").get_by_role("link", name="Mon 2").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Monday, 2 March 2026")
    words = page.get_by_role("row", name="00:30:00 Typed in")
    expect(words).to_contain_text("written after midnight")
    expect(page.get_by_role("row", name="11:30:00 Chat")).to_contain_text("See you at ten")
    expect(page.get_by_role("row", name="Positions of the mouse pointer 10:30:00 1")).to_be_visible()

    page.get_by_role("link", name="Next day").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tuesday, 3 March 2026")
    expect(page.get_by_role("row", name="11:30:00 Typed in")).to_contain_text(
        '<img src=x onerror="document.title=1">\ufffd</bdi>'
    )
    assert page.title() == "Tuesday, 3 March 2026"
    assert page.locator("main img, script").count() == 0
    width = page.locator("body").bounding_box()
    assert width is not None
    assert width["width"] <= 390

    page.get_by_role("link", name="Overview").first.click()
    page.get_by_role("link", name="Typed text").click()
    expect(page.get_by_text("written after midnight")).to_be_visible()
    page.get_by_role("link", name="Monday, 2 March 2026").click()
    expect(page.get_by_text("See you at ten")).to_be_visible()

    page.get_by_role("link", name="Overview").first.click()
    page.get_by_role("link", name="Pictures of the screen").click()
    picture = page.get_by_role("img", name="Your screen in")
    picture.scroll_into_view_if_needed()
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") == 900
    page.locator("a.picture").click()
    assert page.url.endswith(".webp")
    assert refused == []
