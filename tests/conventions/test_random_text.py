"""No test searches for a short word in text that may contain ids or digests, where it can occur by chance."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.conventions.sources import modules
from tests.support.words import mentions

BY_CHANCE = re.compile(r"[0-9a-fA-F]{1,6}")
LISTED = (ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Constant)


def by_chance(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and word of each `word in text` with a short hexadecimal word; `text` is anything except a literal."""
    looped: dict[str, list[ast.expr]] = defaultdict(list)
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Tuple | ast.List | ast.Set):
            looped[ast.unparse(node.target)] += node.iter.elts
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            if isinstance(node.comparators[0], LISTED):
                continue
            for word in [node.left, *looped.get(ast.unparse(node.left), [])]:
                value = word.value if isinstance(word, ast.Constant) else None
                text = value.decode("latin-1") if isinstance(value, bytes) else value
                if isinstance(text, str) and BY_CHANCE.fullmatch(text):
                    yield node.lineno, text


def test_no_test_looks_for_a_short_word_in_random_text() -> None:
    found = [f"{file}:{line}: {word!r}" for file, tree in modules("tests") for line, word in by_chance(tree)]
    assert found == [], "compare the value itself, take a longer word, or ask tests.support.words.mentions"


@pytest.mark.parametrize(
    "line",
    [
        'assert "901" not in answer.text',
        'assert b"ada" in content',
        'for secret in ("password", "ada"):\n    assert secret not in text',
        'assert not any(word in text for word in ["901"])',
    ],
)
def test_a_risky_line_is_recognised(line: str) -> None:
    assert len(list(by_chance(ast.parse(line)))) == 1


@pytest.mark.parametrize("line", ['assert "lovelace" in it', 'assert "a" in ("a", "b")', 'assert "HTTP 404" in said'])
def test_other_lines_are_allowed(line: str) -> None:
    assert list(by_chance(ast.parse(line))) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [("got 901.", True), ("1,901", True), ("a901b", False), ("ab-901-cd", False), ("9012", False), ("é901", False)],
)
def test_a_part_of_an_id_is_not_mentioned(text: str, said: bool) -> None:
    assert mentions(text, "901") is said
