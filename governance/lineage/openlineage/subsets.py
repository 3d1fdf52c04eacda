"""OpenLineage's `subset` conditions as their shape in words: fields and counts; values may be about people."""

from __future__ import annotations

from typing import Any

LONGEST = 200
DEEPEST = 20
COMPARISONS = {
    "EQUAL": "=",
    "GREATER_THAN": ">",
    "GREATER_EQUAL_THAN": "≥",
    "LESS_THAN": "<",
    "LESS_EQUAL_THAN": "≤",
}
SOME = "a part that was not described in a known form"


def shape_of(condition: dict[str, Any]) -> str:
    """For example `day ≥ … and team = …`, or `3 partitions by day`; at most 200 printable characters."""
    words = _shape(condition, DEEPEST)
    if not words.isprintable():
        return SOME
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def _shape(condition: Any, depth: int) -> str:
    if not isinstance(condition, dict) or depth == 0:
        return SOME
    match condition:
        case {"type": "location", "locations": list(locations)}:
            return f"{len(locations)} locations"
        case {"type": "partition", "partitions": list(partitions)}:
            fields = {
                str(field)
                for partition in partitions[:LONGEST]
                if isinstance(partition, dict) and isinstance(partition.get("dimensions"), dict)
                for field in partition["dimensions"]
            }
            return f"{len(partitions)} partitions" + (f" by {', '.join(sorted(fields))}" if fields else "")
        case {"type": "compare", "left": left, "right": right, "comparison": str(comparison)}:
            return f"{_operand(left)} {COMPARISONS.get(comparison, '?')} {_operand(right)}"
        case {"type": "binary", "left": left, "right": right, "operator": "AND" | "OR" as operator}:
            return f"{_shape(left, depth - 1)} {operator.lower()} {_shape(right, depth - 1)}"
    return SOME


def _operand(expression: Any) -> str:
    if isinstance(expression, dict) and expression.get("type") == "field" and isinstance(expression.get("field"), str):
        return str(expression["field"])
    return "…"
