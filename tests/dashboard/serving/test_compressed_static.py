"""Streamlit's scripts and styles are sent compressed, and are the same files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.serving.compressed_static import CompressedStatic

FOLDER = Path(streamlit.__file__).parent / "static"
SCRIPTS = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("static/js/index.*.js"))
STYLES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("static/css/*.css"))


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/{path:path}", lambda _: PlainTextResponse("from Streamlit"))]
    middleware = [Middleware(CompressedStatic, public_url="http://dashboard.test")]
    return TestClient(Starlette(routes=routes, middleware=middleware), headers={"Accept-Encoding": "br, gzip"})


@pytest.mark.parametrize("path", [SCRIPTS[0], STYLES[0]])
def test_files_arrive_compressed_and_whole(client: TestClient, path: str) -> None:
    with client.stream("GET", f"/{path}") as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-length"] == str(len(sent))
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "immutable" in answer.headers["cache-control"]
    assert gzip.decompress(sent) == (FOLDER / path).read_bytes()
    assert len(sent) < len((FOLDER / path).read_bytes())


def test_known_file_is_not_sent_again(client: TestClient) -> None:
    first = client.get(f"/{SCRIPTS[0]}")
    again = client.get(f"/{SCRIPTS[0]}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(f"/{SCRIPTS[0]}").headers["content-length"] == first.headers["content-length"]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (SCRIPTS[0], {"Accept-Encoding": "identity"}),
        (SCRIPTS[0], {"Accept-Encoding": "gzip;q=0"}),
        (SCRIPTS[0], {"Range": "bytes=0-9"}),
        ("static/js/../../index.html", {}),
        ("static/js/unknown.js", {}),
        ("", {}),
    ],
)
def test_everything_else_is_left_to_streamlit(client: TestClient, path: str, headers: dict[str, str]) -> None:
    answer = client.get(f"/{path}", headers=headers)
    assert answer.text == "from Streamlit"
    assert "content-encoding" not in answer.headers
