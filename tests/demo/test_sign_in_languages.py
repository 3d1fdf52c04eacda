"""The demo's sign-in page is in the language of the browser."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.identity_provider import identity_provider
from languages import NAMES

SIGN_IN = {"en": "Continue", "de": "Weiter", "fr": "Continuer", "es": "Continuar"}


@pytest.fixture(autouse=True)
def loggers() -> Iterator[None]:
    """As before: the identity provider switches off those that exist."""
    disabled = {
        each: each.disabled for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger)
    }
    filters = logging.root.filters[:]
    yield
    for logger, was in disabled.items():
        logger.disabled = was
    logging.root.filters[:] = filters


@pytest.mark.parametrize("code", NAMES)
def test_sign_in_page(code: str, home: Path) -> None:
    answer = identity_provider([]).test_client().get("/login", headers={"Accept-Language": code})
    page = answer.get_data(as_text=True)
    assert f'lang="{code}"' in page
    assert SIGN_IN[code] in page, page
