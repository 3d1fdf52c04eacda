"""Bodies are read as they arrive: in any parts the same value, in memory that doesn't grow with what doesn't count."""

from __future__ import annotations

import json
import tracemalloc
from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.lineage.openlineage import decoding, parse
from governance.lineage.openlineage.decoding import Decoder, NotJson, TooManyValues
from governance.lineage.openlineage.mending import UNREADABLE
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
            found = decoded(body, at_once)
            assert not isinstance(found, dict | list) or odd(body), "no event"
    else:
        decoded(body, at_once)


def odd(body: bytes) -> bool:
    """Whether it is JSON but for numbers that are none, or halves of characters."""
    try:
        json.loads(body.decode("utf-8", "surrogatepass"))
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("at_once", [1, 2, 3, 7, 1000])
def test_odd_values_cost_only_themselves(at_once: int) -> None:
    bad = [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-1e999",
        '"\\ud800"',
        '"a \\udc00 b"',
        '"\\ud800\\ud800"',
        "9" * 301,
    ]
    whole = [2**63, -(2**70), 10**299]
    good = [0, -1.5, 1e100, 7e-5, "NaN Infinity 1e999", "\\ud800", "\U0001f600", "-", True, None, []]
    values = ", ".join([*bad, *map(str, whole), "1e-999", *map(json.dumps, good)])
    body = f'{{"inputs": [{values}], "other": [{values}], "outputs": NaN}}'.encode()
    found = decoded(body, at_once)
    assert found == {"inputs": [*[UNREADABLE] * len(bad), *whole, 0.0, *good], "outputs": UNREADABLE}
    assert decoded(b'{"inputs": ["\xed\xa0\x80", "\xed\x95\x9c"]}', at_once) == {"inputs": [UNREADABLE, "\ud55c"]}


@pytest.mark.parametrize(
    "body", [b"[NaNa]", b"[Infinit]", b"[-]", b"[1-2]", b"[01]", b"[1.]", b"[1e]", b"[1.5.2]", b'["\\ud8"]', b"[N"]
)
@pytest.mark.parametrize("at_once", [1, 3, 100])
def test_what_is_no_value_at_all_is_still_refused(body: bytes, at_once: int) -> None:
    with pytest.raises(NotJson):
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
