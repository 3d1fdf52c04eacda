"""The collector of cyclic garbage is as before once nothing is read any more."""

from __future__ import annotations

import gc

import pytest

from lake.ingest.collecting import SELDOM, seldom_collecting


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
