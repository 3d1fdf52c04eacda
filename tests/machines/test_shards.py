"""Workers store in the shards of a lake whose catalogs are in PostgreSQL and whose files are in a bucket."""

from __future__ import annotations

import pytest

from tests.resilience.lives import Lives
from tests.resilience.test_intake import AFTER_STORING, at_once, several_workers_store_once
from tests.support.people import Company

__all__ = ["at_once"]

pytestmark = pytest.mark.state_in_files  # the fixture `home` of this folder says where it is


def test_workers_of_a_divided_lake_are_killed(lives: Lives, person: Company) -> None:
    several_workers_store_once(lives, person, [AFTER_STORING])
