"""Screenshots that recorders send: painted over as all pictures, shown to their person, and gone after an erasure."""

from __future__ import annotations

import base64
import io
import re
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pytest
from PIL import Image
from starlette.testclient import TestClient

from governance.intake import landing, storing
from governance.intake.columns import KINDS
from lake.pictures.reading import read_lines
from lake.storage.objects import pictures
from tests.governance.conftest import Client
from tests.governance.intake.conftest import Send, record
from tests.governance.intake.test_columns import PARQUET, arrow, parquet
from tests.governance.working import carry_out
from tests.support.people import Company
from tests.support.screens import encoded, screen

CARD = "4111 1111 1111 1111"


def shown(*lines: str, kind: str = "PNG") -> bytes:
    return encoded(screen(lines), kind)


def shot(number: int, picture: bytes | str, **more: Any) -> dict[str, Any]:
    text = picture if isinstance(picture, str) else base64.b64encode(picture).decode()
    return record(number, signal="screenshot", content={"title": "Budget"}, picture=text, **more)


def text_on(picture: bytes) -> str:
    with Image.open(io.BytesIO(picture)) as image:
        return " ".join(line.text for line in read_lines(image.convert("RGB")))


def test_a_screenshot_is_painted_over_and_shown(send: Send, recorder: TestClient, api: Client, person: Company) -> None:
    client = api(person("ada@example.com"))
    kept_window, refused_window = (
        {"application": name, "x": 0, "y": top, "width": 900, "height": 30}
        for name, top in (("Excel", 0), ("Chat", 40))
    )
    sent = [
        shot(1, shown("A quiet report", f"card {CARD}")),
        shot(
            2,
            shown("The plan of the week", "Hello my dear friend", "all of them and more", kind="WEBP"),
            windows=[kept_window, refused_window],
        ),
        record(3),
        record(4, signal="screenshot", content=None),
    ]
    assert send(sent).status_code == 202
    again = send([*sent, shot(1, shown("Another report"))])
    storing.store_due()
    batch = recorder.get(again.headers["Location"]).json()
    assert (batch["counts"]["stored"], batch["counts"]["already_known"]) == (1, 4)
    found = client.get("/v1/me/captures").json()["captures"]
    with_picture = [each for each in found if each["signal"] == "screenshot" and each["x"]]
    assert (len(found), len(with_picture)) == (5, 3)
    texts = " ".join(
        text_on(client.get(f"/v1/me/captures/{each['capture_id']}/picture").content) for each in with_picture
    )
    assert all(words in texts for words in ("quiet report", "The plan", "Another report"))
    assert "dear" not in texts
    assert re.search("4111|1111", texts) is None
    assert landing.names() == []


def test_pictures_that_can_not_be_used(
    send: Send, recorder: TestClient, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("ada@example.com")
    good = shown("A page")
    odd = [
        shot(1, "not base64!"),
        shot(2, b"no picture"),
        shot(3, good[:200]),
        {**shot(4, good), "signal": "keystroke"},
        shot(5, good, windows=[{"application": "Chat", "secret words": 1}]),
        shot(6, good, application="Telegram"),
        {**record(7), "signal": "screenshot", "content": {"picture": "QUJD" * (1 << 20)}},
        shot(8, base64.b64encode(b"x" * ((8 << 20) + 9)).decode()),
        shot(9, good),
    ]
    answer = send(odd)
    storing.store_due()
    batch = recorder.get(answer.headers["Location"]).json()
    assert {name: count for name, count in batch["counts"].items() if count} == {
        "stored": 1,
        "outside_policy": 1,
        "quarantined": 7,
    }
    assert "its picture isn't base64" in batch["reasons"]
    assert "only a screenshot has a picture" in batch["reasons"]
    assert "secret words" not in str(batch)
    monkeypatch.setattr("governance.api.routes.captures.MOST_PICTURES", 2)
    assert send(shot(number, good) for number in range(3)).status_code == 413
    assert landing.names() == []


def test_pictures_in_columns(recorder: TestClient, api: Client, person: Company) -> None:
    client = api(person("ada@example.com"))
    for number, kind in enumerate(KINDS):
        write = parquet if kind == PARQUET else arrow
        row = {
            **shot(number, ""),
            "picture": shown(f"This is page {number}", "Hello my dear friend", "all of them and more"),
        }
        row["windows"] = [{"application": "Chat", "x": 0, "y": 40, "width": 900, "height": 30}]
        del row["x"], row["y"]
        headers = {"Content-Type": kind, "Idempotency-Key": str(uuid4())}
        assert recorder.post("/v1/captures", content=write(pa.Table.from_pylist([row])), headers=headers).is_success
    storing.store_due()
    found = client.get("/v1/me/captures").json()["captures"]
    texts = [text_on(client.get(f"/v1/me/captures/{each['capture_id']}/picture").content) for each in found]
    assert ["page 0" in texts[0], "page 1" in texts[1], "dear" in str(texts)] == [True, True, False]


def test_an_erasure_leaves_no_picture(send: Send, api: Client, person: Company) -> None:
    ada = person("ada@example.com")
    assert send([shot(1, shown("A page"))]).status_code == 202
    storing.store_due()
    assert len(pictures.ids()) == 1
    assert send([shot(2, shown("Another page"))]).status_code == 202
    request = api(ada).post("/v1/requests", json={"type": "erasure", "scope": {}}).json()
    assert carry_out(request["id"])
    assert pictures.ids() == set()
    assert landing.names() == []
