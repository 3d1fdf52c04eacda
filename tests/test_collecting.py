"""The collector of cyclic garbage is as before once nothing is read any more."""

from __future__ import annotations

import gc

import pytest

from collecting import SELDOM, loading, seldom_collecting


def test_thresholds_return_after_the_last_block() -> None:
    before = gc.get_threshold()
    first, second = seldom_collecting(), seldom_collecting()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() == SELDOM
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before
    with pytest.raises(KeyError), seldom_collecting():
        raise KeyError
    assert gc.get_threshold() == before


def test_what_is_loaded_at_the_start_is_not_looked_at_again() -> None:
    before, thresholds = gc.get_freeze_count(), gc.get_threshold()
    with loading():
        assert gc.get_threshold() == SELDOM
        cycle: list[object] = []
        cycle.append(cycle)
    try:
        assert gc.get_threshold() == thresholds
        assert gc.get_freeze_count() > before
        assert not any(each is cycle for each in gc.get_objects())
    finally:
        gc.unfreeze()
