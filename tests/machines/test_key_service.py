"""A home that keeps the keys of people in a key service, on two machines that reach the same token."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from directory.keys import KeyRing, Oneself
from governance.db.database import writing
from governance.db.tables import HomeRow
from governance.operations import joining
from home import HomeUnavailable, Part
from tests.machines.conftest import Run
from tests.support import softhsm
from tests.support.object_storage import TestBucket
from tests.support.several_machines import on
from tests.support.softhsm import SETTINGS, SoftHsm

pytestmark = pytest.mark.state_in_files  # the fixture `home` of this folder says where it is


@pytest.fixture
def hsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    return softhsm.made(tmp_path / "hsm", monkeypatch)


@pytest.fixture
def bucket(hsm: SoftHsm, bucket: TestBucket) -> TestBucket:
    """That of a home which was made with the token."""
    return bucket


def test_keys_made_on_one_machine_open_on_another_until_either_destroys_them(
    home: Path, joined: Path, hsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = uuid4(), uuid4()
    made = KeyRing().create_content_key(ada, Oneself(ada))
    with on(joined, monkeypatch):
        assert KeyRing().content_key(ada, Oneself(ada)) == made
        of_bob = KeyRing().create_content_key(bob, Oneself(bob))
        assert KeyRing().destroy_content_key(ada)
    assert hsm.objects() == 2, "the home's own and Bob's"
    assert KeyRing().content_key(ada, Oneself(ada)) is None
    assert KeyRing().content_key(bob, Oneself(bob)) == of_bob
    assert (joined / Part.KEY_SERVICE.place).read_bytes() == (home / Part.KEY_SERVICE.place).read_bytes()


def test_it_is_not_joined_without_the_token(home: Path, second: Path, there: Run, hsm: SoftHsm) -> None:
    said = there("governance", "join", status=1, **dict.fromkeys(SETTINGS, "")).stderr
    assert "Set OPENBOOK_KEY_SERVICE_MODULE" in said
    hsm.take_away()
    hsm.new_token(softhsm.LABEL)
    assert "The key service" in there("governance", "join", status=1).stderr
    assert not (second / "home.json").exists()
    assert not (second / Part.KEY_SERVICE.place).exists()


def test_a_home_of_an_earlier_version_is_noted_first(
    home: Path, second: Path, there: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing() as session:
        session.get_one(HomeRow, 1).key_service = None
    with on(second, monkeypatch), pytest.raises(HomeUnavailable, match="Start the API of this version once"):
        joining.join()
    assert not (second / "home.json").exists()
