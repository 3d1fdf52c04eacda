"""The route for pictures calls the API as the person, and only shows what is theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.routing import Route

from api_client import GovernanceClient
from dashboard.routes.picture import show_picture
from directory import Employee
from lake.ingest.ingesting import ingest
from tests.dashboard.serving.test_headers import serving, sign_in
from tests.lake.ingesting import allow
from tests.lake.pictures.test_stored import recording, shot
from tests.support.screens import encoded, screen


def test_only_the_owner_sees_a_picture(
    monkeypatch: pytest.MonkeyPatch,
    person: Callable[..., Employee],
    tmp_path: Path,
    api: str,
    token_for: Callable[..., str],
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    folder = recording(tmp_path / "session", [shot(1)])
    (folder / "1.png").write_bytes(encoded(screen(["A quiet report"])))
    allow()
    ingest("opencua", str(folder), ada.email)
    with GovernanceClient(api, token_for(ada)) as client:
        [capture] = client.captures()
        small = client.picture(capture.capture_id, small=True)
    with serving(monkeypatch, Route("/picture/{capture_id:uuid}", show_picture)) as routes:
        place = f"/picture/{capture.capture_id}"
        assert routes.get(place).status_code == 401
        assert routes.get(place, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        sign_in(routes, token_for(bob))
        assert routes.get(place).status_code == 404
        sign_in(routes, token_for(ada))
        shown = routes.get(f"{place}?small")
        assert (shown.status_code, shown.content) == (200, small)
        assert shown.headers["content-type"] == "image/webp"
        assert shown.headers["cache-control"] == "no-store"
        assert routes.get(f"/picture/{uuid4()}").status_code == 404
