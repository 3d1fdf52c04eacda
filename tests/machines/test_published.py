"""What is published for managers is the same on every machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import clock
import home as homes
from governance.operations import joining
from home import HomeUnavailable, Part
from lake.releases import publishing
from lake.releases.database import NAME, releases_folder, share
from lake.rules.policies import apply_policies
from lake.storage.connection import writer
from lake.storage.objects import prefix
from tests.governance.conftest import POLICY
from tests.support.company import employ
from tests.support.object_storage import TestBucket
from tests.support.several_machines import on

pytestmark = pytest.mark.state_in_files  # the fixture `home` of this folder says where it is


@pytest.fixture
def due(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty people, and a release that is due."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 7, 1, 3, tzinfo=UTC))
    employ(tmp_path / "people.csv", 60)
    with writer() as connection:
        apply_policies(connection, [POLICY])


@pytest.mark.usefixtures("due")
def test_what_is_published_on_one_machine_is_read_on_another(
    joined: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with on(joined, monkeypatch):
        assert publishing.releases() == []
        made = publishing.release()
        assert publishing.releases() == [made]
    assert publishing.releases() == [made]
    assert Part.RELEASES in homes.read().parts
    with writer() as connection:
        apply_policies(connection, [POLICY, replace(POLICY, name="another")])
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 7, 2, 3, tzinfo=UTC))
    assert publishing.publish_state()
    with on(joined, monkeypatch):
        assert not publishing.publish_state()  # the other machine did
    there, here = (folder / "releases" / NAME for folder in (joined, home))
    assert there.read_bytes() == here.read_bytes()


@pytest.mark.usefixtures("due")
def test_an_interrupted_publication_is_finished_by_another_machine(
    joined: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def killed(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publishing.release(announce=killed)
    assert publishing.releases() == []
    told: list[Any] = []
    with on(joined, monkeypatch), pytest.raises(publishing.NotDue):
        publishing.release(announce=told.extend)
    assert [publishing.releases()] == [told]
    assert len(told) == 1


@pytest.mark.usefixtures("due")
def test_lost_releases_are_not_begun_anew(bucket: TestBucket) -> None:
    publishing.release()
    prefix.connected().delete([f"releases/{NAME}"])
    with pytest.raises(HomeUnavailable, match="releases"):
        publishing.releases()
    with pytest.raises(HomeUnavailable, match="releases"):
        publishing.release()
    assert not [key for key in bucket.contents() if key.startswith("releases/")]


@pytest.mark.usefixtures("due")
def test_what_was_published_before_there_was_a_bucket_is_shared(
    home: Path, second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = publishing.release()
    prefix.connected().delete([f"releases/{NAME}"])
    (releases_folder() / "releases.fetched").unlink()  # as a home of the version before has it
    share()  # as the API and workers do when they start
    with on(second, monkeypatch):
        joining.join()
        assert publishing.releases() == [made]
