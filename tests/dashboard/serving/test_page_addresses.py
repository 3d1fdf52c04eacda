"""What a person gets who types an address, from the dashboard as it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from dashboard.pages import EVERY, START
from languages.language import PSEUDO
from tests.dashboard.running import Running, running

TYPED = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Mode": "navigate"}


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("addresses")) as started:
        yield started


def opened(dashboard: Running, address: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{dashboard.address}{address}", headers=TYPED | headers, trust_env=False, timeout=60)


@pytest.mark.parametrize("name", [name for name, *_ in EVERY])
def test_each_page_has_one_address(dashboard: Running, name: str) -> None:
    right = "/" if name == START else f"/{name}"
    assert opened(dashboard, right).status_code == 200
    for typed in {f"/{name}", f"/{name.upper()}", f"/{name.title()}/"} - {right}:
        answer = opened(dashboard, f"{typed}?what=that&a=b")
        assert (answer.status_code, answer.headers["location"]) == (307, f"{right}?what=that&a=b")


@pytest.mark.parametrize("address", ["/capturd", "/captured/more", "/my-data", "/%2e%2e/captured", "//other.example/"])
def test_an_address_without_a_page_says_so(dashboard: Running, address: str) -> None:
    answer = opened(dashboard, address)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert 'href="/"' in answer.text


@pytest.mark.parametrize("address", ["//captured", "//overview//", "/\\captured"])
def test_a_redirect_stays_here(dashboard: Running, address: str) -> None:
    answer = opened(dashboard, address)
    assert answer.status_code in (307, 404)
    assert answer.headers.get("location", "/captured") in ("/", "/captured")


@pytest.mark.parametrize(
    ("address", "status"), [("/auth/login", 302), ("/letter", 200), ("/register", 401), ("/verifier.py", 200)]
)
def test_what_is_no_page_is_left_alone(dashboard: Running, address: str, status: int) -> None:
    assert opened(dashboard, address).status_code in (status, 503)
    assert "There is no such page" not in opened(dashboard, address).text


def test_the_parts_of_a_page_are_left_alone(dashboard: Running) -> None:
    assert httpx.get(f"{dashboard.address}/_stcore/health", trust_env=False, timeout=60).text == "ok"


@pytest.mark.parametrize("address", ["/capturd", "/letter", "/export/00000000-0000-0000-0000-000000000007"])
def test_pages_of_ours_speak_the_language_of_the_request(dashboard: Running, address: str) -> None:
    answer = opened(dashboard, address, **{"Accept-Language": PSEUDO})
    assert f'<html lang="{PSEUDO}">' in answer.text
    bare = re.sub(r"⟦[^⟦⟧]*⟧", "", re.sub(r"⟦[^⟦⟧]*⟧", "", re.sub(r"<style>.*?</style>|<[^>]*>", "", answer.text)))
    assert bare.strip() == ""
    assert '<html lang="en">' in opened(dashboard, address).text


@pytest.mark.parametrize("address", ["/", "/captured"])
def test_pages_name_their_language_for_screen_readers(dashboard: Running, address: str) -> None:
    english = opened(dashboard, address)
    assert '<html lang="en">' in english.text
    german = opened(dashboard, address, **{"Accept-Language": "de-AT,en;q=0.5"})
    assert german.text == english.text.replace('<html lang="en">', '<html lang="de">', 1) != english.text
    for name in ("Cache-Control", "Content-Security-Policy"):
        assert german.headers[name] == english.headers[name]
    chosen = opened(dashboard, address, **{"Accept-Language": "de", "Cookie": "openbook_language=fr"})
    assert '<html lang="fr">' in chosen.text
