"""Downloading an export: whole, in ranges, after its time, and after a crash."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

import clock
import verifier
from directory import Employee
from governance import access_log
from governance.access_log import Purpose
from governance.db.database import export_file, writing
from governance.db.tables import ExportRow
from governance.export.byte_range import Unsatisfiable, asked_for
from governance.export.sealed_file import FRAME_BYTES
from governance.fulfilment import export as exporting
from governance.requests.progress import Postponed, begin
from lake.storage.connection import writer
from lake.storage.objects import Area, File, store
from tests.governance.conftest import Capture, Client
from tests.support.object_storage import BOTH, put
from tests.support.people import Company

ETAG = '"abc"'


@pytest.fixture
def ada(person: Company) -> Employee:
    return person("ada@example.com")


@pytest.fixture
def ready(ada: Employee, api: Client, capture: Capture, objects_in: str) -> tuple[TestClient, str]:
    """A client, and the id of a request whose export is ready; it has several frames."""
    capture(ada, 700, text="a long text that does not compress " + hashlib.sha512(b"1").hexdigest())
    client = api(ada)
    return client, export(client)


def export(client: TestClient) -> str:
    """File an export and carry it out; returns its id."""
    request_id = str(client.post("/v1/requests", json={"type": "export"}).json()["id"])
    assert begin(UUID(request_id)) is not None
    exporting.write(UUID(request_id))
    return request_id


@BOTH
def test_full_download_has_resume_and_expiry_headers(ready: tuple[TestClient, str]) -> None:
    client, request_id = ready
    answer = client.get(f"/v1/requests/{request_id}/export")
    told = client.get(f"/v1/requests/{request_id}").json()["export"]
    assert (answer.status_code, len(answer.content)) == (200, told["size"])
    assert hashlib.sha256(answer.content).hexdigest() == told["sha256"]
    assert answer.headers["ETag"] == f'"{told["sha256"]}"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert parsedate_to_datetime(answer.headers["Sunset"]) == datetime.fromisoformat(told["expires_at"]).replace(
        microsecond=0
    )
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None


def test_head_request_has_the_same_headers(ready: tuple[TestClient, str]) -> None:
    client, request_id = ready
    whole, head = (client.request(method, f"/v1/requests/{request_id}/export") for method in ("GET", "HEAD"))
    assert head.content == b""
    for name in ("Content-Length", "ETag", "Accept-Ranges", "Content-Type", "Repr-Digest", "Sunset"):
        assert head.headers[name] == whole.headers[name]
    assert client.head(f"/v1/requests/{uuid4()}/export").status_code == 404


def test_range_boundaries(ready: tuple[TestClient, str]) -> None:
    client, request_id = ready
    whole = client.get(f"/v1/requests/{request_id}/export").content
    size = len(whole)
    assert size > FRAME_BYTES + 2
    edges = (0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, size - 1)
    asked = [(f"bytes={first}-{last}", first, last) for first in edges for last in (*edges, size, 10 * size)]
    asked += [(f"bytes={first}-", first, size - 1) for first in edges]
    asked += [(f"bytes=-{length}", max(0, size - length), size - 1) for length in (1, FRAME_BYTES, size, size + 1)]
    for header, first, last in asked:
        answer = client.get(f"/v1/requests/{request_id}/export", headers={"Range": header})
        if last < first:
            assert (answer.status_code, answer.content) == (200, whole), header
            continue
        last = min(last, size - 1)
        assert (answer.status_code, answer.content) == (206, whole[first : last + 1]), header
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{size}"
        assert answer.headers["Content-Length"] == str(last + 1 - first)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(data=st.data())
@BOTH
def test_joined_ranges_are_the_file(ready: tuple[TestClient, str], data: st.DataObject) -> None:
    client, request_id = ready
    path = f"/v1/requests/{request_id}/export"
    size = int(client.head(path).headers["Content-Length"])
    cuts = sorted({0, size, *data.draw(st.lists(st.integers(1, size - 1), max_size=5))})
    parts = [client.get(path, headers={"Range": f"bytes={start}-{stop - 1}"}).content for start, stop in pairwise(cuts)]
    told = client.get(f"/v1/requests/{request_id}").json()["export"]["sha256"]
    assert hashlib.sha256(b"".join(parts)).hexdigest() == told


@pytest.mark.parametrize("header", ["bytes={size}-", "bytes={size}-{size}", "bytes=-0"])
def test_unsatisfiable_range_is_refused(ready: tuple[TestClient, str], header: str) -> None:
    client, request_id = ready
    size = int(client.head(f"/v1/requests/{request_id}/export").headers["Content-Length"])
    answer = client.get(f"/v1/requests/{request_id}/export", headers={"Range": header.format(size=size)})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{size}"
    assert answer.json()["type"].endswith(":range-not-satisfiable")


@pytest.mark.parametrize(
    ("header", "if_range", "range_"),
    [
        (None, None, None),
        ("bytes=2-4", None, (2, 5)),
        ("Bytes= 2-4 ", None, (2, 5)),
        ("bytes=2-4", ETAG, (2, 5)),
        ("bytes=2-4", '"other"', None),
        ("bytes=2-4", f"W/{ETAG}", None),
        ("bytes=2-4", "Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("bytes=90-", '"other"', None),
        ("bytes=0-1,3-4", None, None),
        ("lines=0-1", None, None),
        ("bytes=4-2", None, None),
        ("bytes=-", None, None),
        ("bytes=a-b", None, None),
        ("bytes=\u0661-", None, None),
        ("bytes=" + "9" * 5000 + "-", None, None),
    ],
)
def test_other_ranges_get_the_whole_file(
    header: str | None, if_range: str | None, range_: tuple[int, int] | None
) -> None:
    assert asked_for(header, if_range, ETAG, 10) == range_


def test_empty_file_has_no_range() -> None:
    for header in ("bytes=0-", "bytes=-1"):
        with pytest.raises(Unsatisfiable):
            asked_for(header, None, ETAG, 0)


def test_another_persons_export_is_not_found(ready: tuple[TestClient, str], api: Client, person: Company) -> None:
    _, request_id = ready
    answer = api(person("bob@example.com")).get(f"/v1/requests/{request_id}/export", headers={"Range": "bytes=0-1"})
    assert answer.status_code == 404


@BOTH
def test_expired_export_is_gone_with_date(
    ready: tuple[TestClient, str], monkeypatch: pytest.MonkeyPatch, token_for: Callable[..., str], ada: Employee
) -> None:
    client, request_id = ready
    file = export_file(UUID(request_id))
    later = datetime(2040, 5, 3, 10, tzinfo=UTC)
    with writing() as session:
        session.get_one(ExportRow, UUID(request_id)).expires_at = datetime(2040, 5, 2, 8)  # noqa: DTZ001
    monkeypatch.setattr(clock, "now", lambda: later)
    client.headers["Authorization"] = f"Bearer {token_for(ada)}"
    before_the_round = client.get(f"/v1/requests/{request_id}/export")
    assert before_the_round.status_code == 410
    assert "deleted on 2 May 2040, 08:00 UTC, after 7 days. Request a new export" in before_the_round.json()["detail"]
    assert exporting.delete_expired() == 1
    assert not file.exists()
    gone = client.get(f"/v1/requests/{request_id}/export", headers={"Range": "bytes=0-1"})
    assert gone.status_code == 410
    assert "deleted on 3 May 2040, 10:00 UTC, after 7 days. Request a new export" in gone.json()["detail"]
    assert exporting.delete_expired() == 0


@BOTH
def test_crash_after_deletion_is_repaired(ready: tuple[TestClient, str], monkeypatch: pytest.MonkeyPatch) -> None:
    client, request_id = ready
    with writing() as session:
        session.get_one(ExportRow, UUID(request_id)).expires_at = clock.now_utc() - timedelta(seconds=1)
    with monkeypatch.context() as killed:

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        killed.setattr(exporting, "writing", die)
        with pytest.raises(KeyboardInterrupt):
            exporting.delete_expired()
    assert not export_file(UUID(request_id)).exists()
    assert client.get(f"/v1/requests/{request_id}/export").status_code == 410
    assert exporting.delete_expired() == 1
    assert "deleted after 7 days" in client.get(f"/v1/requests/{request_id}").json()["history"][-1]["note"]


@BOTH
def test_only_stray_files_are_deleted(ready: tuple[TestClient, str], objects_in: str) -> None:
    client, request_id = ready
    exports = store(Area.EXPORTS)
    begun = str(client.post("/v1/requests", json={"type": "export", "scope": {"signals": ["scroll"]}}).json()["id"])
    draft = ".sealed.0a0b0c0d.draft" if objects_in == "folders" else ".sealed"  # a bucket has no drafts
    stray = [f"{uuid4()}.sealed", f"{uuid4()}{draft}"]
    kept = [f"{request_id}.sealed", f"{begun}{draft}", "notes.txt"]
    for name in (*stray, *kept[1:]):
        put(File(exports, name), b"sealed")
    exporting.delete_expired()
    assert sorted(each.name for each in exports.all()) == sorted(kept)


def test_mismatched_export_fails_without_a_file(ada: Employee, api: Client, capture: Capture) -> None:
    capture(ada, 3)
    with writer() as connection:
        connection.execute("update capture_rollup set events = events + 1")
    client = api(ada)
    with pytest.raises(Postponed, match=r"does not match the number of records, so no file was made \(reference \w+\)"):
        export(client)
    assert store(Area.EXPORTS).all() == []


def test_export_contains_requests_receipts_and_accesses(
    ada: Employee, person: Company, api: Client, capture: Capture
) -> None:
    capture(ada, 3)
    client = api(ada)
    withdrawn = client.post("/v1/requests", json={"type": "erasure", "scope": {"signals": ["scroll"]}}).json()["id"]
    assert client.delete(f"/v1/requests/{withdrawn}").status_code == 200
    assert api(person("ines@example.com", role="privacy_officer")).get("/v1/holds").status_code == 200
    access_log.record(person("dpo@example.com", role="privacy_officer"), Purpose.DECISION, "requests", {ada.subject: 2})
    request_id = export(client)
    content = client.get(f"/v1/requests/{request_id}/export").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = {
            name: json.loads(archive.read(f"{name}.json")) for name in ("requests", "receipts", "access-log", "about")
        }
        counts = json.loads(archive.read("manifest.json"))["statement"]["counts"]
        (receipt,) = found["receipts"]
    assert {request["id"]: request["state"] for request in found["requests"]} == {
        withdrawn: "withdrawn",
        request_id: "in_progress",
    }
    assert verifier.verify(json.dumps(receipt)).proven
    seen = [(entry["role"], entry["rows"]) for entry in found["access-log"]]
    assert seen == [("worker", 1), ("privacy_officer", 2)], "the export itself is in the log before it is written"
    assert {"name": "A privacy officer", "as": "role of people who viewed your data", "received": []} in found["about"][
        "recipients"
    ]
    assert [counts[name]["exported"] for name in ("requests", "receipts", "accesses")] == [2, 1, 2]
    told = client.get(f"/v1/requests/{request_id}").json()["outcome"]["exported"]
    assert (told["catalogued"], told["receipts"], told["accesses"]) == (3, 1, 2)


@BOTH
def test_missing_file_is_reported_as_gone(ready: tuple[TestClient, str]) -> None:
    client, request_id = ready
    export_file(UUID(request_id)).delete()
    answer = client.get(f"/v1/requests/{request_id}/export")
    assert answer.status_code == 410
    assert "can no longer be opened. Request a new export" in answer.json()["detail"]
