"""ActivityWatch servers that want an API key: a real server behind a check of the key, as aw-server-rust makes it."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lake.connectors import InvalidSource
from lake.ingest.ingesting import ingest
from tests.lake.ingest.activitywatch_server import Server, serving
from tests.lake.ingesting import allow
from tests.support.people import Company

KEY = "aw-key-4711"
EVENT = {"timestamp": "2026-01-05T09:00:00+00:00", "duration": 5.0, "data": {"app": "Excel", "title": "Budget"}}


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("activitywatch")) as server:
        server.fill("aw-watcher-window_desk", "currentwindow", [EVENT])
        yield server


@pytest.fixture(scope="module")
def guarded(behind: Server) -> Iterator[str]:
    """Its URL: everything but /api/0/info is 401 without the key."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers["Authorization"] != f"Bearer {KEY}":
                self.send_error(401)
                return
            with urllib.request.urlopen(behind.url + self.path, timeout=30) as answer:
                content = answer.read()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("localhost", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, person: Company) -> Path:
    person("ada@example.com")
    allow(["Excel"])
    file = tmp_path / "keys.csv"
    monkeypatch.setenv("OPENBOOK_ACTIVITYWATCH_KEYS", str(file))
    return file


@pytest.mark.parametrize("end", ["", "/"])
def test_a_server_is_read_with_its_key(guarded: str, keys: Path, end: str) -> None:
    keys.write_text(f"server,key\nhttp://elsewhere:5600,other\n{guarded}{end},{KEY}\n")
    assert ingest("activitywatch", guarded, "ada@example.com").batch.stored == 1


@pytest.mark.parametrize("key", ["another", None])
def test_without_its_key_nothing_is_read(guarded: str, keys: Path, key: str | None) -> None:
    keys.write_text("server,key\n" + (f"{guarded},{key}\n" if key else ""))
    with pytest.raises(InvalidSource, match="it answered 401: its API key is missing in OPENBOOK_ACTIVITYWATCH_KEYS"):
        ingest("activitywatch", guarded, "ada@example.com")


def test_a_key_goes_to_its_server_only(behind: Server, keys: Path) -> None:
    """The other server would answer without one: it gets none."""
    keys.write_text(f"server,key\nhttp://elsewhere:5600,{KEY}\n")
    assert ingest("activitywatch", behind.url, "ada@example.com").batch.stored == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "its first line must be server,key"),
        (f"key,server\n{KEY},http://x\n", "its first line must be server,key"),
        (f"server,key\nURL,{KEY} \u00e9\n", "line 2: this is not a key"),
        (f"server,key\nURL,{KEY},more\n", "line 2"),
        ("server,key\nURL,\n", "line 2: this is not a key"),
        (None, "keys.csv"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_without_a_key(
    guarded: str, keys: Path, content: str | None, said: str
) -> None:
    if content is not None:
        keys.write_text(content.replace("URL", guarded), encoding="utf-8")
    with pytest.raises(InvalidSource) as refused:
        ingest("activitywatch", guarded, "ada@example.com")
    assert said in str(refused.value)
    assert KEY not in str(refused.value)
