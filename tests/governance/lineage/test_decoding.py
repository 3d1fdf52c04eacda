"""Bodies are read as they arrive: in any parts the same value, in memory that doesn't grow with what doesn't count."""

from __future__ import annotations

import json
import re
import tracemalloc
from contextlib import nullcontext, suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.lineage.openlineage import decoding, parse
from governance.lineage.openlineage.decoding import Decoder, NotJson, TooManyValues
from tests.governance.lineage import told

MIB = 2**20
SOME_EVENT = told.event(
    "COMPLETE",
    "fit",
    inputs=[told.dataset("open-book", "desk \U0001f600 \\ud800", "1", schema={"fields": [{"name": "x"}]})],
    outputs=[told.model("m", "1", lineage={"fields": {"any column": {"inputs": [{"name": "web"}]}}})],
    run_facets=told.purpose("model training"),
)


def decoded(body: bytes, at_once: int) -> object:
    decoder = Decoder()
    decoder.feed(b"")
    for start in range(0, len(body), at_once):
        decoder.feed(body[start : start + at_once])
    return decoder.finish()


@pytest.mark.parametrize("at_once", [1, 2, 7, 13, 10_000])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_what_counts_is_the_same_in_any_parts(at_once: int, ascii_only: bool) -> None:
    found = decoded(json.dumps(SOME_EVENT, ensure_ascii=ascii_only).encode(), at_once)
    assert isinstance(found, dict)
    assert parse(found) == parse(json.loads(json.dumps(SOME_EVENT)))
    assert "producer" not in found


@given(st.binary(max_size=30) | st.text(alphabet='\\\\ud8c0"{}[]:,19', max_size=30).map(str.encode), st.integers(1, 9))
def test_refuses_what_another_parser_refuses(body: bytes, at_once: int) -> None:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        with suppress(NotJson):
            assert not isinstance(decoded(body, at_once), dict | list), "no event"
    else:
        with suppress(NotJson) if re.search(rb"\d{19}", body) else nullcontext():  # whole numbers have 64 bits
            decoded(body, at_once)


def test_large_facets_that_do_not_count_take_no_memory() -> None:
    node = b'{"class": "AttributeReference", "name": "a \\"b\\"", "num-children": 0},' * 1000
    head, tail = json.dumps(SOME_EVENT).encode().split(b'"openBook_purpose"')
    tracemalloc.start()
    try:
        decoder = Decoder()
        decoder.feed(head + b'"spark.logicalPlan": {"plan": [')
        for _ in range(8 * MIB // len(node)):
            decoder.feed(node)
        decoder.feed(b'1]}, "openBook_purpose"' + tail)
        found = decoder.finish()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert parse(found) == parse(json.loads(json.dumps(SOME_EVENT)))
    assert most < MIB


def test_too_many_values_that_count_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MOST_VALUES", 100)
    with pytest.raises(TooManyValues):
        decoded(json.dumps({"inputs": [{"name": "x"}] * 100}).encode(), 1000)
