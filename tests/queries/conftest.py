"""`own_of(employee)`: the questions of a person who signed in with a token. The lake is on one of its set-ups or on
both (`tests.lake.setups`)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import queries
from directory import Employee
from queries import Own
from tests.lake.conftest import home, pytest_generate_tests

__all__ = ["home", "pytest_generate_tests"]


@pytest.fixture
def own_of(token_for: Callable[..., str]) -> Callable[[Employee], Own]:
    return lambda employee: queries.sign_in(token_for(employee))
