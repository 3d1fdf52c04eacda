"""`own_of(employee)`: the questions of a person who signed in with a token."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import queries
from directory import Employee
from queries import Own


@pytest.fixture
def own_of(token_for: Callable[..., str]) -> Callable[[Employee], Own]:
    return lambda employee: queries.sign_in(token_for(employee))
