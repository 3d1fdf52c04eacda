"""Long answers are compressed for callers that accept that; what is compressed already is sent as it is."""

from __future__ import annotations

import gzip
from datetime import date

import pytest
from starlette.testclient import TestClient

from directory import Employee
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from lake.datasets.making import Selection, create
from tests.governance.conftest import Capture, Client
from tests.governance.working import carry_out
from tests.support.people import Company

CAPTURES = "/v1/me/captures"


@pytest.fixture
def ada(person: Company, capture: Capture) -> Employee:
    ada = person("ada@example.com")
    capture(ada, 100)
    return ada


def sent(client: TestClient, path: str, encoding: str) -> tuple[str | None, bytes]:
    """The encoding of an answer, and its bytes as they were sent."""
    with client.stream("GET", path, headers={"Accept-Encoding": encoding}) as answer:
        assert answer.status_code == 200
        return answer.headers.get("Content-Encoding"), b"".join(answer.iter_raw())


def test_a_long_answer_is_compressed_where_accepted(api: Client, ada: Employee) -> None:
    plain, compressed = sent(api(ada), CAPTURES, "identity"), sent(api(ada), CAPTURES, "gzip")
    assert (plain[0], compressed[0]) == (None, "gzip")
    assert gzip.decompress(compressed[1]) == plain[1]
    assert len(compressed[1]) * 4 < len(plain[1])
    answer = api(ada).get(CAPTURES)
    assert (answer.headers["Vary"], answer.headers["Cache-Control"]) == ("Accept-Encoding, Accept-Language", "no-store")


def test_a_short_answer_stays_as_it_is(api: Client, ada: Employee) -> None:
    assert sent(api(ada), "/v1/me", "gzip")[0] is None


def test_files_that_are_compressed_already_stay_as_they_are(
    api: Client, ada: Employee, unknown: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed = api(ada).post("/v1/requests", json={"type": "export"}).json()["id"]
    carry_out(filed)
    answer = api(ada).get(f"/v1/requests/{filed}/export", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    token, line = service_tokens.make("trainer", list(Scope), until=date(2100, 1, 1))
    monkeypatch.setenv("OPENBOOK_SERVICE_TOKENS", line)
    made = create("desktop", Selection())
    bearer = TestClient(unknown.app, headers={"Authorization": f"Bearer {token}"})
    encoding, content = sent(bearer, f"/v1/datasets/{made.dataset_version}/parquet", "gzip")
    assert (encoding, content[:4]) == (None, b"PAR1")
