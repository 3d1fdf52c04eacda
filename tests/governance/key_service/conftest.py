"""Fixtures of the tests of homes that keep the keys of people in a key service.

hsm        a token in software, which the settings name
home       a home that was made with it
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.keys import token
from governance.db import database
from governance.operations import first_start
from tests.governance.backup.conftest import away, backups, company, erase, forgotten_journals
from tests.governance.intake.conftest import recorder, recorder_token, send
from tests.support import softhsm
from tests.support.softhsm import SoftHsm

__all__ = ["away", "backups", "company", "erase", "forgotten_journals", "recorder", "recorder_token", "send"]


@pytest.fixture
def hsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoftHsm]:
    yield softhsm.made(tmp_path / "hsm", monkeypatch)
    token.forget()


@pytest.fixture
def home(no_home: Path, hsm: SoftHsm) -> Path:
    first_start.init()
    database.close()
    return no_home


def connections(monkeypatch: pytest.MonkeyPatch) -> list[token.Address]:
    """Each sign-in to a token from now on."""
    begun = []
    real = token.Connection

    def connect(address: token.Address) -> token.Connection:
        begun.append(address)
        return real(address)

    monkeypatch.setattr(token, "Connection", connect)
    return begun
