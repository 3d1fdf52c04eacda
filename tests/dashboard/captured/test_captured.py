"""Captured: the records, filtered, paged and escaped; from a selection to a request."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import pytest

import clock
from dashboard.captured.filters import CHOICES
from dashboard.scopes.selection import Draft
from dashboard.text import plain
from directory import Employee
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage.connection import writer
from tests.dashboard.conftest import AT, Capture, OpenApp, words
from tests.dashboard.test_text import HOSTILE


def table(app: Any) -> Any:
    return app.dataframe[0].value


def test_the_records_match_the_lake(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada, content={"text": "Dear Ms [email address removed]"}, redactions={"email_address": 2, "password": 1})
    capture(ada, application="Chrome", signal="mouse_click", at=AT + timedelta(hours=1), position=(120, 340))
    capture(person("bob@example.com"), content={"text": "somebody else"})
    app = open_app(ada, page="captured")
    assert "**2 records** in your selection: everything about you in this register" in words(app)
    rows = table(app)
    assert list(rows["captured_at"]) == [AT, AT + timedelta(hours=1)]
    assert list(rows["application"]) == ["Excel", "Chrome"]
    assert list(rows["what"]) == ["typed text", "clicks"]
    assert list(rows["content"]) == ["Dear Ms [email address removed]", "at 120, 340"]
    assert list(rows["removed"]) == ["2 e-mail addresses, 1 password", ""]


def test_times_are_in_the_persons_time_zone(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada)
    rows = table(open_app(ada, page="captured", zone="America/New_York"))
    assert rows["captured_at"][0] == datetime(2026, 3, 2, 4, 0)  # noqa: DTZ001


def test_filters_narrow_the_records_and_the_request(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person()
    capture(ada, 3, application="Excel", content={"text": "one"})
    capture(ada, 4, application="Chrome", content={"text": "two"})
    capture(ada, 5, application="Chrome", signal="navigation", content={"title": "three"})
    app = open_app(ada, page="captured")
    app = app.multiselect(key="captured_applications").select("Chrome").run()
    assert "**9 records** in your selection: everything in Chrome" in words(app)
    app = app.multiselect(key="captured_signals").select("navigation").run()
    assert "**5 records** in your selection: pages visited in Chrome" in words(app)
    assert list(table(app)["content"]) == ["three"] * 5
    app = next(button for button in app.button if button.label == "Delete these…").click().run()
    assert app.title[0].value == "Your requests"
    assert app.session_state["request_draft"] == Draft("erasure", Scope(("navigation",), ("Chrome",)))
    assert "5 records would be deleted from this register" in words(app)


def test_what_was_typed_in_a_selection_is_deleted_alone(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person()
    capture(ada, 3, application="Excel")
    capture(ada, 4, application="Chrome")
    capture(ada, 5, application="Chrome", signal="navigation")
    app = open_app(ada, page="captured")
    app = app.multiselect(key="captured_applications").select("Chrome").run()
    app = next(button for button in app.button if button.label == "Delete only the typed text…").click().run()
    assert app.session_state["request_draft"] == Draft("erasure", Scope(("keystroke",), ("Chrome",)))
    assert "4 records would be deleted from this register" in words(app)
    back = next(each.proto for each in app.get("page_link") if each.proto.label == "See these records")
    assert (back.page, back.query_string) == ("captured", "application=Chrome&kind=keystroke")
    captured = open_app(ada, page="captured", query=parse_qs(back.query_string))
    assert "**4 records** in your selection: typed text in Chrome" in words(captured)
    assert "Delete only the typed text…" not in [button.label for button in captured.button], "there is nothing else"


def test_times_are_chosen_to_the_minute_in_the_persons_time_zone(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    for minute in (29, 30, 44, 45):
        capture(ada, at=datetime(2026, 3, 2, 23, minute), content={"text": f"at {minute}"})  # noqa: DTZ001
    app = open_app(ada, page="captured", zone="Europe/Berlin")
    assert [field.label for field in app.datetime_input] == ["From (Europe/Berlin time)", "Until (Europe/Berlin time)"]
    app = choosing(app, datetime(2026, 3, 3, 0, 30), datetime(2026, 3, 3, 0, 45))  # noqa: DTZ001
    assert list(table(app)["content"]) == ["at 30", "at 44"]
    assert "from 3 March 2026, 00:30 until 3 March 2026, 00:45 (Europe/Berlin time)" in words(app)
    app = next(button for button in app.button if button.label == "Delete these…").click().run()
    chosen = app.session_state["request_draft"].scope
    assert (chosen.from_at, chosen.until_at) == (datetime(2026, 3, 2, 23, 30), datetime(2026, 3, 2, 23, 45))  # noqa: DTZ001


def test_an_end_before_the_beginning_is_said(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada)
    app = choosing(open_app(ada, page="captured"), AT, AT)
    assert "“From” must be before “until”" in app.warning[0].value
    assert "**1 record** in your selection" in words(choosing(app, AT, None))


@pytest.mark.parametrize(
    ("choice", "times"),
    [
        ("This hour", ("2026-03-02 14:00", None)),
        ("Today", ("2026-03-02 00:00", None)),
        ("Yesterday", ("2026-03-01 00:00", "2026-03-02 00:00")),
        ("Last 7 days", ("2026-02-24 00:00", None)),
        ("Any time", (None, None)),
    ],
)
def test_usual_times(choice: str, times: tuple[str | None, str | None]) -> None:
    chosen = CHOICES[choice](datetime(2026, 3, 2, 14, 35))  # noqa: DTZ001
    assert [moment and f"{moment:%Y-%m-%d %H:%M}" for moment in chosen] == list(times)


def test_usual_times_are_one_click(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada)
    app = open_app(ada, page="captured")
    for choice, said in (("Yesterday", "Nothing about you from"), ("Any time", "**1 record** in your selection")):
        app = next(button for button in app.button if button.label == choice).click().run()
        assert said in words(app)


def choosing(app: Any, from_at: datetime | None, until_at: datetime | None) -> Any:
    app.datetime_input[0].set_value(from_at)
    return app.datetime_input[1].set_value(until_at).run()


def test_an_empty_selection_says_so(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada, application="Excel")
    capture(ada, application="Chrome", signal="navigation")
    app = open_app(ada, page="captured")
    app = app.multiselect(key="captured_applications").select("Excel").run()
    app = app.multiselect(key="captured_signals").select("navigation").run()
    assert "Nothing in this selection" in words(app)


def test_nothing_captured_says_so(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    capture(person("bob@example.com"))
    assert "This register has nothing about you" in words(open_app(person("ada@example.com"), page="captured"))


def test_pages_go_through_every_record_once(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    for number in range(3):
        capture(ada, 150, at=AT + number * timedelta(hours=3), content={"text": f"part {number}"})
    app = open_app(ada, page="captured")
    seen = list(table(app)["captured_at"])
    for label in ("201 to 400 of 450", "401 to 450 of 450"):
        app = next(button for button in app.button if button.label == "Later").click().run()
        assert label in words(app)
        seen += list(table(app)["captured_at"])
    assert len(seen) == len(set(seen)) == 450
    assert seen == sorted(seen)
    app = next(button for button in app.button if button.label == "Earlier").click().run()
    assert "201 to 400 of 450" in words(app)


def test_mouse_movements_are_hidden_by_default(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada, 60, signal="mouse_move", position=(5, 5))
    capture(ada, 2, content={"text": "typed"})
    app = open_app(ada, page="captured")
    assert list(table(app)["what"]) == ["typed text"] * 2
    assert "**62 records** in your selection" in words(app)
    app = app.checkbox(key="captured_without_moves").uncheck().run()
    assert len(table(app)) == 62


def test_a_mouse_path_is_drawn_with_its_words(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    session = uuid4()
    capture(ada, 40, signal="mouse_move", position=(100, 100), every=timedelta(milliseconds=100), session=session)
    capture(ada, 2, signal="mouse_click", at=AT + timedelta(seconds=10), position=(139, 139), session=session)
    app = open_app(ada, page="captured")
    app.session_state["captured_tab"] = "Mouse paths"
    app = app.run()
    assert "there were 2 clicks and 0 scrolls" in words(app)
    assert "outline of 1280 x 720 pixels" in words(app)


def test_hostile_text_appears_only_in_literal_elements(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    for number, text in enumerate(HOSTILE):
        content = dict.fromkeys(("text", "title", "url", "element", "message"), text)
        capture(ada, content=content, at=AT + timedelta(minutes=number))
    app = open_app(ada, page="captured")
    assert [line.split(" · ")[0] for line in table(app)["content"]] == [plain(text) for text in HOSTILE]
    charts = "".join(chart.proto.spec for chart in app.get("vega_lite_chart"))
    assert [shown.value.split(" · ")[0] for shown in app.text] == [plain(text) for text in HOSTILE[:10]], (
        "on the cards, literally"
    )
    said = "\n".join(str(each.value) for each in (*app.markdown, *app.caption, *app.get("html")))
    for text in HOSTILE:
        assert text not in said
        assert json.dumps(text)[1:-1] not in charts


def test_a_hostile_name_is_escaped(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person(name="![x](http://evil/x.png)")
    capture(ada)
    assert "![x]" not in "".join(str(element.value) for element in open_app(ada).sidebar.markdown)


def test_a_period_of_deleted_records_becomes_what_is_left(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada, 20, every=timedelta(days=1))
    app = open_app(ada, page="captured")
    with writer() as connection:
        scope = Scope(from_at=AT + timedelta(days=10))
        erasure.write_tombstone(connection, ada.subject, scope, uuid4(), clock.now_utc())
    assert "**10 records** in your selection" in words(app.run())
