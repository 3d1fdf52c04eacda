"""What is retried, when, and what never is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from api_client import GovernanceClient
from api_client.errors import Conflict, ServerError, TimedOut, TooManyRequests, TransportError
from api_client.sending import Retries
from tests.api_client.fake_api import ME, REQUEST_ID, FakeApi, client_of, problem, request_json


def test_a_read_is_repeated_until_the_service_is_back() -> None:
    api = FakeApi(httpx.ConnectError("refused"), problem(503), problem(502), httpx.Response(200, json=ME))
    client, waits = client_of(api)
    assert client.me().name == "Ada Lovelace"
    assert len(api.calls) == 4
    assert [wait <= most for wait, most in zip(waits, (0.5, 1.0, 2.0), strict=True)] == [True, True, True]


def test_last_failure_is_raised_after_all_attempts() -> None:
    api = FakeApi(httpx.ConnectError("refused"))
    client, waits = client_of(api)
    with pytest.raises(TransportError, match=r"No answer from http://api\.test"):
        client.me()
    assert (len(api.calls), len(waits)) == (4, 3)


def test_timeout_is_raised_as_timed_out() -> None:
    client, _ = client_of(FakeApi(httpx.ReadTimeout("slow")), Retries(attempts=1))
    with pytest.raises(TimedOut, match="longer timeout"):
        client.me()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422, 500])
def test_permanent_errors_are_not_retried(status: int) -> None:
    api = FakeApi(problem(status))
    client, waits = client_of(api)
    with pytest.raises(Exception, match=str(status)):
        client.me()
    assert (len(api.calls), waits) == (1, [])


def test_filing_is_repeated_under_one_key() -> None:
    api = FakeApi(httpx.ReadError("lost"), problem(503), httpx.Response(201, json=request_json()))
    client, _ = client_of(api)
    client.file_request("export")
    client.file_request("export")
    first, second, third, other = (call.headers["Idempotency-Key"] for call in api.calls)
    assert first == second == third != other


def test_own_idempotency_key_is_sent() -> None:
    api = FakeApi(httpx.Response(201, json=request_json()))
    client, _ = client_of(api)
    client.file_request("erasure", idempotency_key="spring-cleaning")
    assert api.calls[0].headers["Idempotency-Key"] == "spring-cleaning"


def test_a_withdrawal_is_repeated() -> None:
    api = FakeApi(problem(503), httpx.Response(200, json=request_json(state="withdrawn")))
    client, _ = client_of(api)
    assert client.withdraw(REQUEST_ID).state == "withdrawn"
    assert [call.method for call in api.calls] == ["DELETE", "DELETE"]


def test_withdrawal_with_lost_answer_is_no_conflict() -> None:
    withdrawn = httpx.Response(200, json=request_json(state="withdrawn"))
    api = FakeApi(httpx.ReadError("lost"), problem(409), withdrawn)
    client, _ = client_of(api)
    assert client.withdraw(REQUEST_ID).state == "withdrawn"
    assert [call.method for call in api.calls] == ["DELETE", "DELETE", "GET"]


def test_late_withdrawal_is_a_conflict() -> None:
    api = FakeApi(problem(409), httpx.Response(200, json=request_json(state="in_progress")))
    client, _ = client_of(api)
    with pytest.raises(Conflict):
        client.withdraw(REQUEST_ID)


def test_retry_after_in_seconds_is_honoured() -> None:
    client, waits = client_of(FakeApi(problem(429, {"Retry-After": "7"}), httpx.Response(200, json=ME)))
    client.me()
    assert waits == [7.0]


def test_retry_after_as_a_date_is_honoured() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    client, waits = client_of(FakeApi(problem(503, {"Retry-After": date}), httpx.Response(200, json=ME)))
    client.me()
    assert 10 < waits[0] <= 20


def test_a_wait_too_long_is_left_to_the_caller() -> None:
    api = FakeApi(problem(429, {"Retry-After": "3600"}))
    client, waits = client_of(api)
    with pytest.raises(TooManyRequests) as caught:
        client.me()
    assert (caught.value.retry_after, waits) == (3600.0, [])


def test_invalid_retry_after_is_ignored() -> None:
    client, waits = client_of(FakeApi(problem(503, {"Retry-After": "soon"}), httpx.Response(200, json=ME)))
    client.me()
    assert waits[0] <= 0.5


def test_waits_grow_up_to_the_maximum() -> None:
    retries = Retries(attempts=12, first_wait=1.0, longest_wait=4.0)
    client, waits = client_of(FakeApi(problem(503)), retries)
    with pytest.raises(ServerError):
        client.me()
    assert len(waits) == 11
    assert max(waits) <= 4.0
    assert len(set(waits)) > 1


def test_token_may_be_renewed_between_calls() -> None:
    tokens = iter(["first", "second"])
    api = FakeApi(httpx.Response(200, json=ME))
    with GovernanceClient("http://api.test", lambda: next(tokens), transport=httpx.MockTransport(api)) as client:
        client.me()
        client.me()
    assert [call.headers["Authorization"] for call in api.calls] == ["Bearer first", "Bearer second"]
