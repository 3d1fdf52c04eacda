"""Whether a line of JSON has a key twice: readers of JSON silently take the last one, which may name another person."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from governance.intake.records import CaptureRecord

REPEATED = "a field is there twice"
KEY_END = re.compile(rb'"[ \t\r\n]*:')
"""Each key ends with one match of it; more of them can only be inside strings."""


class _RepeatedKey(Exception):
    pass


def has_repeated_key(line: bytes, given: CaptureRecord | None = None) -> bool:
    """`line`: valid JSON. `given`: the record that was read from it, if one was: this makes it fast."""
    if given is not None and len(KEY_END.findall(line)) == _keys_of(given):
        return False
    try:
        json.loads(line, object_pairs_hook=_once, parse_int=str, parse_float=str, strict=False)
    except (_RepeatedKey, RecursionError):
        return True
    return False


def _keys_of(given: CaptureRecord) -> int:
    content = given.content.model_fields_set if given.content else ()
    return len(given.model_fields_set) + len(content) + sum(len(each.model_fields_set) for each in given.windows)


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise _RepeatedKey
