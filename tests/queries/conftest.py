"""`own_of(employee)`: the questions of a person who signed in with a token. Tests run on both set-ups of the lake."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import queries
from directory import Employee
from queries import Own
from tests.lake.conftest import home

__all__ = ["home"]


@pytest.fixture
def own_of(token_for: Callable[..., str]) -> Callable[[Employee], Own]:
    return lambda employee: queries.sign_in(token_for(employee))
