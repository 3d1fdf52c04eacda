"""A receiver that is away, slow, or refuses: only spans are lost, and the process goes on and ends as if it weren't."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

import otlp
import trace_export
import tracing
from tests.governance.conftest import Capture, Client, wait_until
from tests.support.people import Company
from tests.support.trace_receiver import Receiver, receiving

ROOT = Path(__file__).parents[2]
USED = """
import sys, governance.api.app, governance.worker.process, outgoing, trace_export, tracing
from contextlib import suppress
with trace_export.of("api"), tracing.call("GET") as span, tracing.question("own/slices"):
    span.answered("GET", "/v1/me", 200)
    assert tracing.traceparent() is None
    with suppress(outgoing.CallFailed), outgoing.call("GET", "http://localhost:1", {}, largest=1, silence=1, seconds=1):
        pass
print([name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter", "otlp"))])
"""


def some_spans(number: int) -> None:
    for _ in range(number):
        with tracing.question("own/slices"):
            pass


def test_without_the_setting_no_exporter_is_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", USED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_people_are_answered_while_the_receiver_says_nothing(
    receiver: Receiver, api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otlp, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(otlp, "SECONDS", 30.0)
    ada = person()
    capture(ada, 3)
    receiver.open.clear()
    with trace_export.of("api"):
        assert api(ada).get("/v1/me").status_code == 200
        assert receiver.begun.wait(30)
        for _ in range(5):
            assert api(ada).get("/v1/me/summary").status_code == 200
        assert receiver.bodies == []  # all were answered while it still held its first call
        receiver.open.set()
    assert [each.span.name for each in receiver.spans].count("GET /v1/me/summary") == 5


def test_what_waits_is_bounded(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otlp, "SECONDS", 30.0)
    receiver.open.clear()
    with trace_export.of("api"):
        some_spans(otlp.AT_ONCE)
        assert receiver.begun.wait(30)
        some_spans(3 * otlp.MOST_WAITING)
        with tracing.call("GET") as newest:
            newest.answered("GET", "/v1/me", 200)
        receiver.open.set()
    assert otlp.MOST_WAITING <= len(receiver.spans) <= otlp.MOST_WAITING + otlp.AT_ONCE
    assert len(receiver.named("GET /v1/me")) == 1


def test_a_receiver_that_never_answers_does_not_keep_a_process(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(otlp, "SECONDS", 0.2)
    receiver.open.clear()
    with trace_export.of("worker"):
        some_spans(2 * otlp.MOST_WAITING)
    assert receiver.bodies == []
    assert [each.message for each in caplog.records if each.name == "traces"] == [
        "The receiver of traces takes too long to answer. They are dropped until it takes them again."
    ]


def test_a_receiver_that_is_away_and_comes_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(otlp, "EVERY_SECONDS", 0.01)
    caplog.set_level(logging.INFO)

    def said() -> list[str]:
        return [each.message for each in caplog.records if each.name == "traces"]

    with receiving() as receiver:
        receiver.status = 503
        monkeypatch.setenv("OPENBOOK_TRACES_URL", receiver.url)
        with trace_export.of("api"):
            some_spans(1)
            wait_until(said)
            some_spans(1)
            wait_until(lambda: len(receiver.heads) > 1)
            receiver.status = 200
            with tracing.call("GET") as later:
                later.answered("GET", "/v1/me", 200)
            wait_until(lambda: receiver.named("GET /v1/me"))
        assert len(receiver.spans) == 1
    assert said() == [
        "The receiver of traces answered with status 503. They are dropped until it takes them again.",
        "The receiver of traces takes them again.",
    ]


@pytest.mark.parametrize("value", ["ftp://host/v1/traces", "http://user:word@host/v1/traces", "localhost:4318"])
def test_an_address_that_cannot_be_used_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from settings import InvalidSettings, settings

    monkeypatch.setenv("OPENBOOK_TRACES_URL", value)
    with pytest.raises(InvalidSettings, match="OPENBOOK_TRACES_URL") as refused:
        settings()
    assert "word" not in str(refused.value)
