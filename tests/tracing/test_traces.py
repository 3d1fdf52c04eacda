"""What happens to a request can be followed in traces, from the call that filed it to the last step of a worker."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.process import BaseProcess

import pytest

import outgoing
import trace_export
from governance.fulfilment import erasure
from tests.governance.conftest import Capture, Client, ended
from tests.support.people import Company
from tests.support.trace_receiver import Receiver, receiving

TYPES = ("erasure", "export", "objection")


@pytest.mark.parametrize("kind", TYPES)
def test_the_work_on_a_request_is_linked_to_the_call_that_filed_it(
    kind: str,
    receiver: Receiver,
    api: Client,
    person: Company,
    capture: Capture,
    work: Callable[[], BaseProcess],
) -> None:
    ada = person()
    capture(ada, 3)
    with trace_export.of("api"):
        filed = api(ada).post("/v1/requests", json={"type": kind})
        assert filed.status_code == 201, filed.text
    worker = work()
    ended(api(ada), filed.json()["id"])
    worker.terminate()
    worker.join(60)
    assert worker.exitcode is not None

    [call] = receiver.named("POST /v1/requests")
    assert call.process == "open-book-api"
    assert call.facts == {
        "http.request.method": "POST", "http.route": "/v1/requests", "http.response.status_code": 201
    }  # fmt: skip
    [done] = [each for each in receiver.spans if list(each.span.links) and each.facts.get("openbook.requests")]
    assert done.process == "open-book-worker"
    assert [(link.trace_id, link.span_id) for link in done.span.links] == [(call.span.trace_id, call.span.span_id)]
    steps = {each.span.name for each in receiver.spans if each.span.parent_span_id == done.span.span_id}
    assert {"erasure": "step write_tombstones", "export": "step write", "objection": "step settle"}[kind] in steps
    assert not any(each.has_failed for each in receiver.spans)


def test_questions_are_parts_of_the_call_that_asks_them(
    receiver: Receiver, api: Client, person: Company, capture: Capture
) -> None:
    ada = person()
    capture(ada, 3)
    with trace_export.of("api"):
        assert api(ada).get("/v1/me/summary").status_code == 200
        assert api(ada).get("/healthz").status_code in (200, 503)
    [call] = [each for each in receiver.spans if each.facts.get("http.route")]
    assert call.span.name == "GET /v1/me/summary"
    asked = [each for each in receiver.spans if each.facts.get("openbook.question")]
    assert {each.span.name for each in asked} >= {"question own/rollup"}
    assert {each.span.parent_span_id for each in asked} == {call.span.span_id}


def test_a_call_to_another_machine_is_known_by_its_host_alone(receiver: Receiver) -> None:
    with receiving() as other, trace_export.of("worker"):
        address = f"{other.url}/nora?mail=nora@example.com"
        with outgoing.call("POST", address, {"Authorization": "x"}, b"nora", largest=9, silence=9, seconds=9) as answer:
            assert answer.status == 200
        with (
            pytest.raises(outgoing.Unreachable),
            outgoing.call("GET", "http://localhost:1/nora", {}, largest=9, silence=9, seconds=9),
        ):
            raise AssertionError
    good, bad = receiver.spans
    assert good.facts == {
        "http.request.method": "POST", "server.address": "localhost", "http.response.status_code": 200
    }  # fmt: skip
    assert bad.facts == {"http.request.method": "GET", "server.address": "localhost", "error.type": "Unreachable"}
    assert [good.has_failed, bad.has_failed] == [False, True]
    assert all("nora" not in head for head in receiver.heads)


def test_a_step_that_fails_says_so_without_words(
    receiver: Receiver, api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    from governance.requests import progress

    def fails(_: object) -> None:
        raise ValueError("what Ada typed")

    with trace_export.of("worker"):
        assert progress.attempt(fails, ()) is not None
    [failed] = receiver.spans
    assert (failed.facts, failed.has_failed) == ({"openbook.step": "fails", "error.type": "ValueError"}, True)
    assert not failed.span.events
    assert not failed.span.status.message
    assert erasure.TOGETHER  # steps of workers go through `attempt`
