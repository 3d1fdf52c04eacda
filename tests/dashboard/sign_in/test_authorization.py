"""What is added to the request that sends somebody to the identity provider."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.sign_in.authorization import extended

PROVIDER = b"https://idp.example.com/authorize?tenant=1&client_id=open-book&prompt=select_account&state=a%20b"


def asked(location: bytes) -> dict[str, list[str]]:
    return parse_qs(urlsplit(location).query.decode())


def test_configured_parameters_replace_and_remove(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_AUTHORIZATION_PARAMETERS", "audience=https://api/%26&prompt=&tenant=2")
    ((_, other), (_, location)) = extended([(b"x", b"y"), (b"location", PROVIDER)], max_age="0")
    assert other == b"y"
    assert asked(location) == {
        "tenant": ["2"],
        "client_id": ["open-book"],
        "state": ["a b"],
        "audience": ["https://api/&"],
        "max_age": ["0"],
    }


def test_our_own_places_get_no_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_AUTHORIZATION_PARAMETERS", "audience=api")
    assert extended([(b"location", b"/")]) == [(b"location", b"/")]
