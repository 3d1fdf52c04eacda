"""A page says which language it is in, from the dashboard as it runs."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.dashboard.running import Running, running


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("language")) as started:
        yield started


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "en"),
        ({"Accept-Language": "fr-CH, de;q=0.5"}, "fr"),
        ({"Accept-Language": "fr", "Cookie": "openbook_language=de"}, "de"),
        ({"Accept-Language": "fr", "Cookie": "openbook_language=xx"}, "fr"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/captured"])
def test_the_page_has_the_language(dashboard: Running, path: str, headers: dict[str, str], code: str) -> None:
    answer = httpx.get(
        f"{dashboard.address}{path}", headers={"Accept": "text/html", **headers}, trust_env=False, timeout=60
    )
    assert (answer.status_code, answer.text.count(f'<html lang="{code}">')) == (200, 1)
    assert answer.headers["vary"] == "Cookie, Accept-Language"
    assert "etag" not in answer.headers
