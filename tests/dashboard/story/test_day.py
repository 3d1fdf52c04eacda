"""Your day: one day, in the person's time zone, from their records alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pandas as pd

from dashboard.story.replay_panel import PLAYED
from dashboard.story.stretches import MINUTE, POINTED, in_parts, stretches_of
from directory import Employee
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage.connection import writer
from tests.dashboard.conftest import AT, Capture, OpenApp, tables, words

BERLIN = "Europe/Berlin"


def press(app: Any, label: str) -> Any:
    return next(button for button in app.button if button.label == label).click().run()


def table_of(app: Any, name: str) -> dict[str, list[str]]:
    app.session_state[f"table-{name}"] = True
    before = tables(app)
    return next(found for found in tables(app.run()) if found not in before)


def a_day(capture: Capture, ada: Employee) -> None:
    """Typed in Excel from 9:00 to 9:30 UTC, pointed in Chrome from 10:30 to 10:40; a screenshot at 10:00."""
    capture(ada, 30, content={"text": "typed"})
    capture(ada, 1, signal="screenshot", at=AT + timedelta(hours=1), position=(1280, 720))
    later = AT + timedelta(minutes=90)
    session = uuid4()
    every = timedelta(seconds=1)
    capture(
        ada, 540, application="Chrome", signal="mouse_move", at=later, every=every, position=(10, 20), session=session
    )
    capture(
        ada, 1, application="Chrome", signal="mouse_click", at=later + timedelta(seconds=570), position=(549, 559),
        session=session,
    )  # fmt: skip


def test_a_day_has_its_stretches_and_breaks_in_local_time(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    a_day(capture, ada)
    capture(person("bob@example.com"), 60, at=AT + timedelta(hours=3))
    app = open_app(ada, page="day", zone=BERLIN)
    assert (
        "On 2 March 2026 your records show 2 stretches of work between 10:00 and 11:40 (Europe/Berlin time)"
        in words(app)
    )
    assert "The longest break in between was 60 minutes, from 10:30 to 11:30" in words(app)
    rows = table_of(app, "day")
    assert rows["From (Europe/Berlin time)"] == ["10:00", "10:30", "11:30"]
    assert rows["What"] == ["work", "break", "work"]
    assert rows["Applications"] == ["Excel", "", "Chrome"]
    assert rows["Typed or filled in"] == ["30", "", "0"]
    assert rows["Pointer movements"] == ["0", "", "540"]


def test_a_day_is_that_of_the_time_zone(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    for minute in (0, 40):
        capture(ada, at=datetime(2026, 3, 2, 22, 30) + timedelta(minutes=minute))  # noqa: DTZ001
    app = open_app(ada, page="day", zone=BERLIN)
    assert app.date_input[0].value == date(2026, 3, 3)
    assert "On 3 March 2026 your records show 1 stretch of work, from 00:10 to 00:11" in words(app)
    assert "On 2 March 2026 your records show 1 stretch of work, from 23:30 to 23:31" in words(press(app, "Day before"))


def test_what_an_erasure_hides_is_in_no_day(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    a_day(capture, ada)
    app = open_app(ada, page="day")
    with writer() as connection:
        scope = Scope(signals=("mouse_move", "mouse_click", "screenshot"), until_at=AT + timedelta(days=1))
        erasure.write_tombstone(connection, ada.subject, scope, uuid4(), AT + timedelta(days=2))
    app = app.run()
    assert "your records show 1 stretch of work, from 09:00 to 09:30" in words(app)
    assert "No pointer positions are recorded on this day" in words(app)


def test_screenshots_are_small_and_come_through_the_checked_route(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    a_day(capture, ada)
    capture(ada, 30, signal="screenshot", at=AT + timedelta(minutes=2), position=(1280, 720))
    app = open_app(ada, page="day")
    pictures = [one.value for one in app.markdown if "/picture/" in one.value]
    assert len(pictures) == 12
    assert all("?small)" in one for one in pictures)
    assert "12 of 31, spread over the day" in words(app)


def test_the_pointers_places_are_drawn_with_a_table(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    a_day(capture, ada)
    app = open_app(ada, page="day")
    assert "The pointer was recorded 541 times, with 1 click" in words(app)
    rows = table_of(app, "heat")
    assert rows["Part of the screen"][0] == "top, left"
    assert sum(int(number) for number in rows["Pointer records"]) == 541


def test_the_path_is_played_paused_and_moved_by_a_slider(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    a_day(capture, ada)
    app = open_app(ada, page="day")
    assert "the pointer travelled" in words(app)
    slider = app.slider[0]
    app = slider.set_value(60).run()
    assert "The pointer as it was at 10:31:00. Rests are shortened" in words(app)
    assert 'class="moving"' not in words(app)
    app = press(app, "Play")
    assert 'class="moving"' in words(app)
    assert 'class="still"' in words(app)
    number, since, speed = app.session_state[PLAYED]
    app.session_state[PLAYED] = (number, since - 10, speed)
    app = press(app, "Pause")
    assert 'class="moving"' not in words(app)
    assert app.slider[0].value >= 60 + 10 * speed


def test_a_stretch_with_too_many_points_is_replayed_in_parts() -> None:
    """Of whole minutes. A minute with more points than a part has is one by itself."""
    minutes = pd.DataFrame(
        [
            {"minute": AT + timedelta(minutes=minute), "application": "Excel", "signal": signal, "events": events}
            for minute, signal, events in (
                (0, "mouse_move", 6), (1, "mouse_move", 3), (1, "mouse_click", 1), (2, "keystroke", 50),
                (3, "mouse_move", 11), (4, "scroll", 1), (5, "mouse_move", 9),
            )
        ]
    )  # fmt: skip
    [stretch] = stretches_of(minutes)
    assert in_parts(stretch, 31) == [stretch]
    parts = in_parts(stretch, 10)
    assert [((part.from_at - AT) / MINUTE, (part.until_at - AT) / MINUTE, part.events(*POINTED)) for part in parts] == [
        (0, 2, 10),
        (3, 4, 11),
        (4, 6, 10),
    ]


def test_nothing_recorded_says_so(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    capture(person("bob@example.com"))
    assert "This register has nothing about you" in words(open_app(person("ada@example.com"), page="day"))


def test_a_day_of_only_screenshots_is_no_work(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada, 20, signal="screenshot", position=(1280, 720))
    assert "Nothing that you did is recorded on this day" in words(open_app(ada, page="day"))


def test_the_last_day_of_work_comes_first(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada, 3, at=AT)
    capture(ada, 3, at=AT + timedelta(days=1), signal="screenshot", position=(1280, 720))
    app = open_app(ada, page="day", zone=BERLIN)
    assert "On 2 March 2026 your records show 1 stretch of work" in words(app)
    assert "Nothing that you did is recorded on this day" in words(press(app, "Day after"))
