"""A person's screenshots by the API: only theirs, as stored, and in their export."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from PIL import Image

from governance.fulfilment import export as exporting
from governance.requests.progress import begin
from lake.ingest.ingesting import ingest
from lake.rules.scope import Scope
from queries import sign_in
from tests.governance.conftest import Capture, Client
from tests.lake.ingesting import allow
from tests.lake.pictures.test_stored import recording, shot
from tests.support.people import Company
from tests.support.screens import encoded, screen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = recording(tmp_path / "session", [shot(1)])
    (made / "1.png").write_bytes(encoded(screen(["A quiet report", "ada@example.com"])))
    return made


def test_only_the_owner_gets_a_picture(api: Client, person: Company, folder: Path) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    allow()
    ingest("opencua", str(folder), ada.email)
    [capture] = api(ada).get("/v1/me/captures").json()["captures"]
    place = f"/v1/me/captures/{capture['capture_id']}/picture"
    answer = api(ada).get(place)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.headers["cache-control"] == "no-store"
    with Image.open(io.BytesIO(answer.content)) as image:
        assert image.size == (capture["x"], capture["y"])
    with Image.open(io.BytesIO(api(ada).get(place, params={"size": "thumbnail"}).content)) as image:
        assert image.width == 320
    others = api(bob).get(place)
    unknown = api(bob).get(f"/v1/me/captures/{uuid4()}/picture")
    assert (others.status_code, others.json()["detail"]) == (404, unknown.json()["detail"])


def test_the_export_has_the_pictures_as_files(api: Client, person: Company, folder: Path) -> None:
    ada = person("ada@example.com")
    allow()
    ingest("opencua", str(folder), ada.email)
    client = api(ada)
    [capture] = client.get("/v1/me/captures").json()["captures"]
    request_id = str(client.post("/v1/requests", json={"type": "export"}).json()["id"])
    assert begin(UUID(request_id)) is not None
    exporting.write(UUID(request_id))
    content = client.get(f"/v1/requests/{request_id}/export").content
    picture = client.get(f"/v1/me/captures/{capture['capture_id']}/picture").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read(f"pictures/{capture['capture_id']}.webp") == picture


def test_the_newest_screenshots_are_those_with_a_picture(
    person: Company, capture: Capture, folder: Path, token_for: Callable[..., str]
) -> None:
    ada = person("ada@example.com")
    capture(ada, 3)
    allow()
    ingest("opencua", str(folder), ada.email)
    own = sign_in(token_for(ada))
    [shown] = own.screenshots(Scope(), 6)
    assert shown.application == "Excel"
    assert own.picture(shown.capture_id)
    assert own.screenshots(Scope(until_at=shown.captured_at), 6) == []
