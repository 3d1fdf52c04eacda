"""The set-ups that the lake's tests run on, for tests that are about one of them."""

from __future__ import annotations

import pytest

SQLITE, POSTGRES = "sqlite", "postgres"

ON_SQLITE = pytest.mark.parametrize("home", [SQLITE], indirect=True)
ON_POSTGRES = pytest.mark.parametrize("home", [POSTGRES], indirect=True)
