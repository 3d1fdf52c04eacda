"""What is kept of a line until it is stored is the record that the line is."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.intake.records import CANONICAL, kept_of, parsed, record_of
from lake.rules.scope import SIGNALS

TEXTS = st.text(max_size=8) | st.sampled_from(("", "ß 🙂", "a\nb", "\x00", '"\\'))
NUMBERS = st.none() | st.integers(-(2**30), 2**30) | st.floats(-1e6, 1e6)
CONTENT = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("url", "text", "action", "title", "key", "author"), st.none() | TEXTS),
        **dict.fromkeys(("dx", "dy"), NUMBERS | st.sampled_from((math.nan, math.inf, 10**30))),
    },
)


def no_picture(_most: int) -> bytes:
    raise AssertionError


@given(
    st.fixed_dictionaries(
        {
            "sub": st.just("ada"),
            "time": st.datetimes().map(str) | st.sampled_from(("2026-03-02T09:00:00+02:00", "2026-03-02")),
            "signal": st.sampled_from(SIGNALS),
            "application": TEXTS.filter(bool),
        },
        optional={"session": TEXTS, "id": TEXTS.filter(bool), "field": TEXTS, "content": st.none() | CONTENT},
    ),
    st.none() | st.tuples(st.integers(-9, 9) | st.floats(-9, 9), st.integers(-9, 9) | st.floats(-9, 9)),
)
def test_a_kept_line_is_the_same_record(values: dict[str, Any], position: tuple[float, float] | None) -> None:
    line = json.dumps({**values, **(dict(zip("xy", position, strict=True)) if position else {})}).encode()
    assert record_of(7, kept_of(line, parsed(line)), no_picture) == record_of(7, line, no_picture)


@pytest.mark.parametrize(("dx", "is_canonical"), [(1, True), (None, True), (math.nan, False), (-math.inf, False)])
def test_a_number_that_json_has_no_form_for_keeps_its_line(dx: float | None, is_canonical: bool) -> None:
    values = {"sub": "ada", "time": "2026-03-02", "signal": "scroll", "application": "Excel", "content": {"dx": dx}}
    line = json.dumps(values).encode()
    kept = kept_of(line, parsed(line))
    assert (kept.startswith(CANONICAL), kept == line) == (is_canonical, not is_canonical)
