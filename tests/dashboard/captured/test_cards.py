"""Records as cards, ticking them for a request, and days on which there is nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from dashboard.scopes.selection import Draft
from dashboard.text import plain
from directory import Employee
from lake.rules.scope import Scope
from tests.dashboard.conftest import AT, Capture, OpenApp, words
from tests.dashboard.test_text import HOSTILE, UNREADABLE


def test_records_are_cards_with_their_content_first(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    for number in range(13):
        capture(ada, at=AT + timedelta(minutes=number), content={"text": f"text {number}"})
    capture(person("bob@example.com"), content={"text": "somebody else"})
    app = open_app(ada, page="captured", query={"as": "cards"})
    assert not app.dataframe
    assert [each.value for each in app.text] == [f"text {number}" for number in range(10)]
    ticks = [box for box in app.checkbox if str(box.key).startswith("card-")]
    assert ticks[1].label == "2 March 2026, 09:01:00 · Excel, typed text"
    app = next(button for button in app.button if button.label == "Show 3 more").click().run()
    assert [each.value for each in app.text] == [f"text {number}" for number in range(13)]


def test_a_ticked_card_is_read_in_full_and_becomes_a_request(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str
) -> None:
    ada = person()
    for minute in range(4):
        capture(ada, at=AT + timedelta(minutes=minute), content={"text": f"text {minute}"})
    app = open_app(ada, page="captured", query={"as": "cards"})
    ticks = [str(box.key) for box in app.checkbox if str(box.key).startswith("card-")]
    app = app.checkbox(key=ticks[1]).check().run()
    assert [code.value for code in app.code] == ["text 1"]
    app = app.checkbox(key=ticks[3]).check().run()
    assert not app.code
    assert "**2** ticked" in words(app)
    assert "there are 3 records of these kinds, 1 more than you ticked" in app.warning[0].value
    app = app.checkbox(key=ticks[3]).uncheck().run()
    app = app.button(key="records-erasure").click().run()
    at = AT + timedelta(minutes=1)
    assert app.session_state["request_draft"] == Draft(
        "erasure", Scope(("keystroke",), ("Excel",), at, at + datetime.resolution)
    )
    assert "1 record would be deleted" in words(app)


def test_cards_show_captured_text_literally(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    for number, text in enumerate(HOSTILE[:10]):
        capture(ada, content={"text": text}, at=AT + timedelta(minutes=number))
    app = open_app(ada, page="captured", query={"as": "cards"})
    assert [each.value for each in app.text] == [plain(text) for text in HOSTILE[:10]]
    assert not any(text in str(each.value) for text in HOSTILE for each in (*app.markdown, *app.caption))


def test_a_hostile_name_is_not_read_aloud_with_escapes(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada, application=UNREADABLE)
    app = open_app(ada, page="captured", query={"as": "cards"})
    ticks = [box.label for box in app.checkbox if str(box.key).startswith("card-")]
    assert ticks == ["2 March 2026, 09:00:00 · a b c x (y), typed text"]


def test_a_day_without_records_is_named(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada)  # on a Monday
    capture(ada, 2, at=AT - timedelta(days=3))
    app = open_app(ada, page="captured", query={"from": "2026-02-28T00:00Z", "until": "2026-03-01T00:00Z"})
    assert "**Nothing about you from Saturday, 28 February 2026**" in words(app)
    assert "This is no error." in words(app)
    near = [button.label for button in app.button if str(button.key).startswith("near-")]
    assert near == ["Show Friday, 27 February 2026", "Show Monday, 2 March 2026"]
    app = app.button(key="near-2026-02-27").click().run()
    assert "**2 records** in your selection" in words(app)
    assert app.query_params == {"from": "2026-02-27T00:00Z", "until": "2026-02-28T00:00Z"}


def test_each_part_of_the_page_has_a_heading(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada)
    said = words(open_app(ada, page="captured"))
    headings = ("Your selection", "Filters and timeline", "Search", "Records")
    assert [said.count(f'<h2 class="unseen">{heading}</h2>') for heading in headings] == [1, 1, 1, 1]
