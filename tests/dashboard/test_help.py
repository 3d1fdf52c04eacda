"""Help: how to complain, what words mean, and a tour that goes along and blocks nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dashboard.tour import STEPS
from directory import Employee
from tests.dashboard.conftest import Capture, OpenApp, words


def test_help_says_how_to_complain(
    open_app: OpenApp, person: Callable[..., Employee], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    said = words(open_app(ada, page="help"))
    assert "contact your company's data protection officer." in said
    assert "works council" in said
    assert "the data protection supervisory authority where you live or work" in said
    assert "Legal hold" in said
    monkeypatch.setenv("OPENBOOK_APPEAL_CONTACT", "the privacy desk")
    monkeypatch.setenv("OPENBOOK_SUPERVISORY_AUTHORITY", "the Berlin commissioner")
    said = words(open_app(ada, page="help"))
    assert "contact the privacy desk." in said
    assert "you can complain to the Berlin commissioner." in said


def test_the_tour_goes_through_the_pages_and_blocks_none(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person()
    capture(ada)
    app = open_app(ada)
    assert "tour, step" not in words(app)
    app = app.button(key="tour_offer").click().run()
    titles = []
    for number in range(len(STEPS)):
        assert f"(tour, step {number + 1} of {len(STEPS)})" in words(app)
        titles.append(app.title[0].value)
        if number + 1 < len(STEPS):
            app = app.button(key="tour_next").click().run()
    assert titles == [
        *("What is held about you", "What was captured", "AI models that used your data", "Your requests"),
        "Who looked",
    ]
    app = app.button(key="tour_end").click().run()
    assert "tour, step" not in words(app)
    app = app.switch_page("views/help.py").run()
    app = app.button(key="tour_start").click().run()
    assert "(tour, step 1 of 5)" in words(app)


def test_a_new_colleague_gets_the_tour_without_records(open_app: OpenApp, person: Callable[..., Employee]) -> None:
    app = open_app(person("new@example.com"))
    assert "This register has nothing about you" in words(app)
    assert app.button(key="tour_offer").label == "Take the one-minute tour"
