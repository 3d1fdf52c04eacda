"""A screenshot in a real browser: the person sees it small, and only their cookie fetches it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

import clock
from demo.company.people import RICH
from tests.browser.conftest import Stack
from tests.browser.steps import open_page, sign_in, the
from tests.support.screens import encoded, screen


def test_a_person_sees_their_screenshots(stack: Stack, page: Page, tmp_path: Path) -> None:
    taken = clock.now_utc().replace(microsecond=0) - timedelta(minutes=2)
    metadata = {"start_time": taken.isoformat(), "video_start_timestamp": 0}
    (tmp_path / "metadata.json").write_text(json.dumps(metadata))
    (tmp_path / "top_window.jsonl").write_text('{"time_stamp": 0, "top_window_name": "Excel"}\n')
    (tmp_path / "events.jsonl").write_text('{"action": "screenshot", "time_stamp": 1, "file": "1.png"}\n')
    lines = ["Quarterly report", "Card 4111 1111 1111 1111", "Write to ada@example.com", "Northern region: up 4 %"]
    (tmp_path / "1.png").write_bytes(encoded(screen(lines, size=22)))
    person = the(RICH)
    loaded = stack.run("lake", "ingest", "opencua", str(tmp_path), "--employee", person.email)
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr

    sign_in(page, stack, person)
    open_page(page, "Captured")
    picture = page.get_by_role("img", name="Your screen in Excel").first
    picture.scroll_into_view_if_needed()
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") == 320
    place = picture.evaluate("image => image.parentElement.href")
    assert page.request.get(place).headers["x-content-type-options"] == "nosniff"
    page.screenshot(path=tmp_path / "captured.png", full_page=True)
    page.context.clear_cookies()
    assert page.request.get(place).status == 401
