"""When the clock is trusted, and when it is doubted: the rules, the mark on disk, a real second source over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import clock
import timekeeping
from timekeeping import Doubted, Mark, Reading, Trusted, judge

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)
asking = timekeeping.second_source
"""Before the fixture of all tests lets all clocks agree."""


def silent() -> Reading | None:
    return None


def never() -> Reading | None:
    raise AssertionError("nobody has to be asked")


def elsewhere(at: datetime, *, independent: bool = True) -> Callable[[], Reading]:
    return lambda: Reading(at, "sso.example", independent)


def mark(at: datetime = NOW, uptime: float = 1000.0, boot: str = "this", **more: object) -> Mark:
    return Mark(boot, at.isoformat(), uptime, at.isoformat(), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("leap", [400 * DAYS, 2 * DAYS, 1 * HOURS, -1 * HOURS, -2 * DAYS, -400 * DAYS])
def test_a_clock_that_is_moved_while_the_machine_runs_is_doubted(leap: timedelta) -> None:
    for minutes in (0, 60, 60 * 24 * 90):
        ran = timedelta(minutes=minutes)
        uptime = 1000 + ran.total_seconds()
        assert isinstance(judge(NOW + ran, "this", uptime, mark(), NOW, silent), Trusted), minutes
        verdict = judge(NOW + ran + leap, "this", uptime, mark(), None, silent)
        assert isinstance(verdict, Doubted)
        assert ("forward" if leap > timedelta() else "back") in verdict.reason


@pytest.mark.parametrize("known", [mark(boot="before"), None])
@pytest.mark.parametrize("leap", [-400 * DAYS, -2 * DAYS, -1 * HOURS])
def test_after_a_restart_time_has_not_gone_back(known: Mark | None, leap: timedelta) -> None:
    verdict = judge(NOW + leap, "this", 5.0, known, NOW, silent)
    assert isinstance(verdict, Doubted)
    assert "before" in verdict.reason


@pytest.mark.parametrize("known", [mark(boot="before"), None])
def test_a_home_that_was_shut_for_long_needs_a_second_source(known: Mark | None) -> None:
    later = NOW + 90 * DAYS
    assert isinstance(judge(NOW + 5 * HOURS, "this", 5.0, known, NOW, silent), Trusted)
    assert isinstance(judge(later, "this", 5.0, known, NOW, silent), Doubted)
    assert isinstance(judge(later, "this", 5.0, known, NOW, elsewhere(NOW)), Doubted)
    for independent in (True, False):
        agreeing = elsewhere(later, independent=independent)
        assert isinstance(judge(later, "this", 5.0, known, NOW, agreeing), Trusted)


@pytest.mark.parametrize("leap", [400 * DAYS, -400 * DAYS])
def test_a_source_on_this_machine_has_the_same_clock(leap: timedelta) -> None:
    same = elsewhere(NOW + leap, independent=False)
    assert isinstance(judge(NOW + leap, "this", 1000.0, mark(), None, same), Doubted)


@pytest.mark.parametrize("leap", [400 * DAYS, -2 * DAYS])
def test_a_second_source_settles_it_either_way(leap: timedelta) -> None:
    for known in (mark(), mark(boot="before"), None):
        wrong = judge(NOW + leap, "this", 1000.0, known, None, elsewhere(NOW))
        assert isinstance(wrong, Doubted)
        assert "sso.example says 26 November 2026, 12:00 UTC" in wrong.reason
        right = judge(NOW + leap, "this", 1000.0, known, NOW, elsewhere(NOW + leap))
        assert right == Trusted(asked=True)


def test_it_is_asked_once_an_hour() -> None:
    asked = mark(asked_uptime=1000.0)
    assert judge(NOW + 0.9 * HOURS, "this", 1000 + 3240, asked, None, never) == Trusted()
    assert judge(NOW + 1.1 * HOURS, "this", 1000 + 3960, asked, None, elsewhere(NOW + 1.1 * HOURS)).asked  # type: ignore[union-attr]
    assert isinstance(judge(NOW + 2 * DAYS, "this", 1000.0, asked, None, elsewhere(NOW)), Doubted)


def test_what_was_contradicted_stays_doubted_until_it_agrees_or_somebody_confirms(
    no_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_home.mkdir()
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(timekeeping, "second_source", elsewhere(NOW - 2 * DAYS))
    assert isinstance(timekeeping.look(), Doubted)
    monkeypatch.setattr(timekeeping, "second_source", silent)
    assert isinstance(timekeeping.look(), Doubted)
    assert "sso.example says" in (timekeeping.doubt() or "")
    with pytest.raises(timekeeping.ClockDoubted, match="clock confirm"):
        timekeeping.require()
    timekeeping.confirm()
    monkeypatch.setattr(timekeeping, "second_source", elsewhere(NOW - 2 * DAYS))
    timekeeping.require()
    assert timekeeping.doubt() is None
    monkeypatch.setattr(clock, "now", lambda: NOW + HOURS)
    assert isinstance(timekeeping.look(), Doubted), "a confirmation ends when the clock is moved"
    monkeypatch.setattr(timekeeping, "second_source", elsewhere(NOW + HOURS))
    timekeeping.require()


@pytest.mark.parametrize("leap", [400 * DAYS, -400 * DAYS])
def test_a_leap_for_a_moment_leaves_nothing_behind(
    no_home: Path, monkeypatch: pytest.MonkeyPatch, leap: timedelta
) -> None:
    no_home.mkdir()
    monkeypatch.setattr(timekeeping, "second_source", silent)
    timekeeping.require()
    with monkeypatch.context() as patch:
        real = clock.now
        patch.setattr(clock, "now", lambda: real() + leap)
        assert isinstance(timekeeping.look(), Doubted)
    timekeeping.require()
    now = clock.now()
    assert abs(timekeeping.not_earlier(now - 2 * DAYS) - now) < timedelta(minutes=2)


def test_a_new_home_has_nothing_to_compare_with(no_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timekeeping, "second_source", silent)
    timekeeping.require()
    assert not no_home.exists(), "nothing is made"
    assert timekeeping.not_earlier(NOW) == NOW


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"boot": 1}', "\x00", '{"boot":"b","base":"x","base_uptime":1,"newest":"y"}']
)
def test_a_mark_that_cannot_be_read_is_none(no_home: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    no_home.mkdir()
    monkeypatch.setattr(timekeeping, "second_source", silent)
    timekeeping.mark_path().write_text(text)
    assert timekeeping.read_mark() is None
    assert isinstance(timekeeping.look(NOW + 10_000 * DAYS), Doubted), "the ledger is compared with all the same"


@contextmanager
def server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            answer(self)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("localhost", 0), Handler) as serving:
        serving.daemon_threads = True
        threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://localhost:{serving.server_port}/"
        finally:
            serving.shutdown()


@pytest.fixture
def asks(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Reading | None]:
    def asked(url: str) -> Reading | None:
        monkeypatch.setenv("OPENBOOK_TIME_SOURCE", url)
        return asking()

    timekeeping._last.clear()
    return asked


@pytest.mark.parametrize("status", [200, 302, 404, 405, 500])
def test_any_answer_of_a_server_has_the_time(asks: Callable[[str], Reading | None], status: int) -> None:
    elsewhere: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        elsewhere.append(handler.path)
        handler.send_response_only(status)
        handler.send_header("Date", format_datetime(NOW, usegmt=True))
        handler.send_header("Location", "/elsewhere")
        handler.end_headers()

    with server(answer) as url:
        reading = asks(url)
        assert reading == Reading(NOW, "localhost", independent=False)
        again = asks(url)
    assert again is not None
    assert abs(again.at - NOW) < timedelta(minutes=1)
    assert elsewhere == ["/"], "no redirect is followed, and it is asked once a minute at most"


def test_no_date_no_server_and_a_server_that_drips_are_no_source(
    asks: Callable[[str], Reading | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timekeeping, "ASK_FOR_SECONDS", 0.3)
    over = threading.Event()

    def without(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response_only(200)
        handler.send_header("Date", "yesterday")
        handler.end_headers()

    def dripping(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n")
        while not over.wait(0.1):
            handler.wfile.write(b"X-More: 1\r\n")
        handler.close_connection = True

    with server(without) as url:
        assert asks(url) is None
    assert asks(url) is None
    with server(dripping) as url:
        assert asks(url) is None
        over.set()
    assert asks("none") is None
