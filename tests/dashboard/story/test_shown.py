"""What this shows about you: from one's own records, with how sure it is, and kept nowhere."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

import home as openbook
from directory import Employee
from lake.storage.connection import writer
from tests.dashboard.conftest import AT, Capture, OpenApp, words

ROOT = Path(__file__).parents[3]
QUESTIONS = re.compile(r"\.(pace|minutes|pointer_heat)\(|queries\.story|queries import story")


def typed(capture: Capture, ada: Employee, keys: int) -> None:
    capture(ada, keys, every=timedelta(milliseconds=150), session=uuid4())


def test_usual_hours_are_of_all_days(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    for day in range(21):
        capture(ada, 2, at=AT + timedelta(days=day, minutes=day % 3), every=timedelta(hours=8))
    said = words(open_app(ada, page="day", zone="Europe/Berlin"))
    assert "You usually begin at about 10:01 and stop at about 18:01 (Europe/Berlin time)" in said
    assert "**Fairly sure.** From 21 days with records." in said


def test_few_days_show_no_usual_hours(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada, 3)
    said = words(open_app(ada, page="day"))
    assert "Too few days to tell your usual hours." in said
    assert "**Unsure.** From 1 day only." in said
    assert "You took no break of ten minutes or longer" in said
    assert "No click is in the records." in said
    assert "No message or ticket of this day is in the records." in said
    assert "No movements that follow closely are in the records of this day" in said


def test_a_rhythm_is_only_there_if_the_times_of_keys_are(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada, ben = person("ada@example.com"), person("ben@example.com")
    typed(capture, ada, 61)
    capture(ben, 61)
    hers, his = words(open_app(ada, page="day")), words(open_app(ben, page="day"))
    assert "60 short times between two keys are in the records of this day, half of them from 150 to 150" in hers
    assert "was wrong in 2.2 % of comparisons" in hers
    assert "published figure for other people" in hers
    assert "No two keys that follow closely are in the records of this day" in his
    assert "TypeNet" not in his


def test_pointer_dynamics_cite_what_was_published(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada, 200, signal="mouse_move", position=(1, 1), every=timedelta(milliseconds=20))
    said = words(open_app(ada, page="day"))
    assert "199 movements that follow closely" in said
    assert "8.74 % of attempts" in said
    assert "They were not measured on your records." in said


def test_who_they_write_with_comes_from_their_own_messages(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture
) -> None:
    ada = person()
    capture(ada, 3, signal="message", content={"message": "hello", "author": "Ben *Okri*"})
    capture(ada, 1, signal="message", content={"message": "hello"}, at=AT + timedelta(minutes=5))
    capture(person("bob@example.com"), 1, signal="message", content={"message": "hello", "author": "Carla Stern"})
    with writer() as connection:
        connection.execute(
            "insert into mentions values (uuid(), $s, $at, 'message', 'Slack', 'mentioned', $at::date + 30)",
            {"s": ada.subject, "at": AT},
        )
    said = words(open_app(ada, page="day"))
    assert (
        r"Messages and tickets of this day name Ben \*Okri\*. On this day 1 record of somebody else is about you."
        in said
    )
    assert "From the authors of 4 messages and tickets." in said
    assert "Carla" not in said


def test_what_is_inferred_is_in_no_file_and_no_log(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, caplog: pytest.LogCaptureFixture
) -> None:
    ada = person()
    capture(ada, 3, signal="message", content={"message": "hello", "author": "Zebulon Quark"})
    typed(capture, ada, 61)
    with caplog.at_level(logging.DEBUG):
        said = words(open_app(ada, page="day"))
    assert "Zebulon Quark" in said
    assert "You took no break of ten minutes" in said
    for text in ("Zebulon Quark", "short times between two keys", "You took no break"):
        assert text not in caplog.text
        for path in openbook.folder().rglob("*"):
            assert not path.is_file() or text.encode() not in path.read_bytes(), path


def test_the_api_and_the_workers_never_ask_for_it() -> None:
    asked = [path for path in (ROOT / "governance").rglob("*.py") if QUESTIONS.search(path.read_text())]
    assert asked == []
    assert QUESTIONS.search((ROOT / "dashboard" / "story" / "shown_panel.py").read_text())
