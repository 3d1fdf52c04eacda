"""A download ends as the whole export or as nothing."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import httpx
import pytest

from api_client.errors import DamagedDownload, NotReady, StillOpen, Unauthorized
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
    },
)
READY = httpx.Response(200, json=COMPLETED)


def test_the_file_arrives_whole_under_its_name(tmp_path: Path) -> None:
    client, _ = client_of(FakeApi(READY, httpx.Response(200, content=ZIP)))
    path = client.download_export(REQUEST_ID, tmp_path / "mine.zip")
    assert path.read_bytes() == ZIP
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_names_the_file_itself(tmp_path: Path) -> None:
    client, _ = client_of(FakeApi(READY, httpx.Response(200, content=ZIP)))
    assert client.download_export(REQUEST_ID, tmp_path) == tmp_path / f"open-book-export-{REQUEST_ID}.zip"


def test_a_broken_download_is_begun_again(tmp_path: Path) -> None:
    broken = httpx.Response(200, stream=BrokenStream(ZIP[:1000]))
    client, waits = client_of(FakeApi(READY, broken, problem(503), httpx.Response(200, content=ZIP)))
    assert client.download_export(REQUEST_ID, tmp_path / "mine.zip").read_bytes() == ZIP
    assert len(waits) == 2


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
def test_what_can_not_be_downloaded_says_why(tmp_path: Path, request_now: dict[str, object], reason: str) -> None:
    client, _ = client_of(FakeApi(httpx.Response(200, json=request_now)))
    with pytest.raises(NotReady, match=reason):
        client.download_export(REQUEST_ID, tmp_path)


def test_a_stream_hands_on_what_comes_and_says_how_much() -> None:
    client, _ = client_of(FakeApi(httpx.Response(200, content=ZIP)))
    with client.stream_export(REQUEST_ID) as stream:
        assert stream.size == len(ZIP)
        assert b"".join(stream.chunks()) == ZIP


def test_waiting_ends_with_the_request() -> None:
    received, working = (httpx.Response(200, json=request_json(state=state)) for state in ("received", "failed"))
    client, waits = client_of(FakeApi(received, working, READY))
    assert client.wait(REQUEST_ID).export is not None
    assert waits == [1.0, 1.5]


def test_waiting_in_vain_says_where_the_request_is() -> None:
    client, _ = client_of(FakeApi(httpx.Response(200, json=request_json(state="in_progress"))))
    with pytest.raises(StillOpen, match="is in_progress and is due on 01 April 2026"):
        client.wait(REQUEST_ID, timeout=0.0)
