"""A restore brings back no sign-in that had ended."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import clock
from directory import Directory
from directory.sign_outs.revocations import Notice
from governance.api.app import create_app
from governance.backup import making, restoring
from governance.backup.places.folder import Folder
from governance.db import database
from tests.governance.backup.conftest import Recorded


def me(token: str) -> int:
    with TestClient(create_app()) as api:
        return api.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code


@pytest.mark.parametrize("home_is_lost", [False, True])
def test_a_restore_revives_no_ended_sign_in(
    backups: Folder, company: Recorded, home: Path, token_for: Callable[..., str], home_is_lost: bool
) -> None:
    now = clock.now().timestamp()
    stolen = token_for(company.ada, iat=int(now) - 60)
    assert me(stolen) == 200
    old = making.make(backups)
    with Directory.open() as directory:
        directory.sign_out(Notice(directory.sub_of(company.ada.subject), None, now, "1"))
    assert me(stolen) == 401
    database.close()
    if home_is_lost:
        shutil.rmtree(home)
    restoring.restore(backups, old.name, replace=not home_is_lost)
    assert me(stolen) == 401
    assert me(token_for(company.ada, iat=int(clock.now().timestamp()) + 5)) == 200
