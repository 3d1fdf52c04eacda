"""A download ends as the whole export or as nothing."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from api_client.errors import (
    DamagedDownload,
    Gone,
    NotReady,
    StillOpen,
    TransportError,
    Unauthorized,
    UnexpectedAnswer,
)
from api_client.sending import Retries
from tests.api_client.fake_api import REQUEST_ID, BrokenStream, FakeApi, client_of, problem, request_json

ZIP = b"PK\x03\x04" + bytes(range(256)) * 1000
COMPLETED = request_json(
    state="completed",
    export={
        "size": len(ZIP),
        "sha256": hashlib.sha256(ZIP).hexdigest(),
        "expires_at": "2026-03-08T09:30:00Z",
        "available": True,
        "written_at": "2026-03-01T09:30:00Z",
    },
)
ETAG = f'"{hashlib.sha256(ZIP).hexdigest()}"'
READY = httpx.Response(200, json=COMPLETED)


def test_download_is_complete_and_named(tmp_path: Path) -> None:
    client, _ = client_of(FakeApi(READY, httpx.Response(200, content=ZIP)))
    path = client.download_export(REQUEST_ID, tmp_path / "mine.zip")
    assert path.read_bytes() == ZIP
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_names_the_file_itself(tmp_path: Path) -> None:
    client, _ = client_of(FakeApi(READY, httpx.Response(200, content=ZIP)))
    assert client.download_export(REQUEST_ID, tmp_path) == tmp_path / f"open-book-export-{REQUEST_ID}.zip"


def ranged(call: httpx.Request) -> httpx.Response:
    """The API's answer: the requested range of this export."""
    match call.headers.get("Range"), call.headers.get("If-Range"):
        case str(wanted), str(etag) if etag == ETAG:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            headers = {"Content-Range": f"bytes {start}-{len(ZIP) - 1}/{len(ZIP)}", "ETag": ETAG}
            return httpx.Response(206, content=ZIP[start:], headers=headers)
    return httpx.Response(200, content=ZIP, headers={"ETag": ETAG})


def broken(*cuts: tuple[int, int]) -> list[Callable[[httpx.Request], httpx.Response]]:
    """Answers that break off; each is (start, stop) in the file."""

    def answer(start: int, stop: int) -> Callable[[httpx.Request], httpx.Response]:
        headers = {"Content-Range": f"bytes {start}-{len(ZIP) - 1}/{len(ZIP)}"} if start else {}
        return lambda _: httpx.Response(206 if start else 200, stream=BrokenStream(ZIP[start:stop]), headers=headers)

    return [answer(*cut) for cut in cuts]


def test_interrupted_download_resumes(tmp_path: Path) -> None:
    api = FakeApi(READY, *broken((0, 1000), (1000, 70_000)), problem(503), ranged)
    client, waits = client_of(api)
    path = client.download_export(REQUEST_ID, tmp_path / "mine.zip")
    assert path.read_bytes() == ZIP
    assert len(waits) == 3
    assert [call.headers.get("Range") for call in api.calls[1:]] == [None, *["bytes=1000-"], *["bytes=70000-"] * 2]
    assert {call.headers.get("If-Range") for call in api.calls[2:]} == {ETAG}
    assert list(tmp_path.iterdir()) == [path]


def test_stopped_download_resumes_on_the_next_call(tmp_path: Path) -> None:
    client, _ = client_of(FakeApi(READY, *broken((0, 1000))), Retries(attempts=1))
    with pytest.raises(TransportError):
        client.download_export(REQUEST_ID, tmp_path / "mine.zip")
    part = tmp_path / "mine.zip.part"
    assert part.read_bytes() == ZIP[:1000]
    assert stat.S_IMODE(part.stat().st_mode) == 0o600
    api = FakeApi(READY, ranged)
    client, _ = client_of(api)
    assert client.download_export(REQUEST_ID, tmp_path / "mine.zip").read_bytes() == ZIP
    assert api.calls[-1].headers["Range"] == "bytes=1000-"
    assert not part.exists()


@pytest.mark.parametrize("left", [ZIP[:1000], b"another export " * 100, ZIP + b"x", ZIP[:-1] + b"x"])
def test_leftovers_of_another_export_are_harmless(tmp_path: Path, left: bytes) -> None:
    """Either the API sends the whole file, because the SHA-256 differs, or the whole is checked and fetched again."""
    (tmp_path / "mine.zip.part").write_bytes(left)
    client, _ = client_of(FakeApi(READY, ranged))
    assert client.download_export(REQUEST_ID, tmp_path / "mine.zip").read_bytes() == ZIP


def test_complete_part_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "mine.zip.part").write_bytes(ZIP)
    api = FakeApi(READY)
    client, _ = client_of(api)
    assert client.download_export(REQUEST_ID, tmp_path / "mine.zip").read_bytes() == ZIP
    assert len(api.calls) == 1


def test_wrong_range_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "mine.zip.part").write_bytes(ZIP[:1000])
    client, _ = client_of(FakeApi(READY, *broken((900, 2000))))
    with pytest.raises(UnexpectedAnswer, match="not the requested one"):
        client.download_export(REQUEST_ID, tmp_path / "mine.zip")
    assert (tmp_path / "mine.zip.part").read_bytes() == ZIP[:1000]


def test_part_of_a_deleted_export_is_removed(tmp_path: Path) -> None:
    (tmp_path / "mine.zip.part").write_bytes(ZIP[:1000])
    client, _ = client_of(FakeApi(READY, problem(410, detail="This export was deleted on 2 May 2026.")))
    with pytest.raises(Gone, match="deleted on 2 May 2026"):
        client.download_export(REQUEST_ID, tmp_path / "mine.zip")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damaged", [ZIP[:-1], ZIP + b"x", ZIP[:-1] + b"x", b""])
def test_a_damaged_download_is_not_kept(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "mine.zip"
    path.write_bytes(b"an earlier file")
    api = FakeApi(READY, httpx.Response(200, content=damaged))
    client, _ = client_of(api, Retries(attempts=1))
    with pytest.raises(DamagedDownload, match="Download it again"):
        client.download_export(REQUEST_ID, path)
    assert path.read_bytes() == b"an earlier file"
    assert list(tmp_path.iterdir()) == [path]


def test_a_refused_download_leaves_nothing(tmp_path: Path) -> None:
    client, _ = client_of(FakeApi(READY, problem(401, detail="Your sign-in has expired.")))
    with pytest.raises(Unauthorized, match="Sign in again"):
        client.download_export(REQUEST_ID, tmp_path / "mine.zip")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("request_now", "reason"),
    [
        (request_json(type="erasure", state="completed"), "for erasure"),
        (request_json(state="in_progress"), "still being made"),
        (request_json(state="denied"), "denied and has no export"),
        ({**COMPLETED, "export": {**COMPLETED["export"], "available": False}}, "deleted after its time"),
    ],
)
def test_unavailable_download_is_explained(tmp_path: Path, request_now: dict[str, object], reason: str) -> None:
    client, _ = client_of(FakeApi(httpx.Response(200, json=request_now)))
    with pytest.raises(NotReady, match=reason):
        client.download_export(REQUEST_ID, tmp_path)


def test_stream_passes_on_bytes_and_size() -> None:
    client, _ = client_of(FakeApi(httpx.Response(200, content=ZIP)))
    with client.stream_export(REQUEST_ID) as stream:
        assert (stream.status, stream.start, stream.size) == (200, 0, len(ZIP))
        assert b"".join(stream.chunks()) == ZIP


def test_requested_range_is_passed_on() -> None:
    client, _ = client_of(FakeApi(ranged))
    with client.stream_export(REQUEST_ID, byte_range="bytes=5-", if_range=ETAG) as stream:
        assert (stream.status, stream.start) == (206, 5)
        assert stream.headers["Content-Range"] == f"bytes 5-{len(ZIP) - 1}/{len(ZIP)}"
        assert b"".join(stream.chunks()) == ZIP[5:]


def test_waiting_ends_with_the_request() -> None:
    received, working = (httpx.Response(200, json=request_json(state=state)) for state in ("received", "failed"))
    client, waits = client_of(FakeApi(received, working, READY))
    assert client.wait(REQUEST_ID).export is not None
    assert waits == [1.0, 1.5]


def test_wait_timeout_reports_the_state() -> None:
    client, _ = client_of(FakeApi(httpx.Response(200, json=request_json(state="in_progress"))))
    with pytest.raises(StillOpen, match="is in_progress and is due on 01 April 2026"):
        client.wait(REQUEST_ID, timeout=0.0)
