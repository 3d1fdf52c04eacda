"""Sections that open and close. Streamlit knows one without a key by its place: a new line above it closes it."""

from __future__ import annotations

import ast

from tests.conventions.sources import modules


def test_every_section_has_a_key() -> None:
    without = [
        f"{file}:{node.lineno}"
        for file, tree in modules("dashboard")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "expander"
        if not any(word.arg == "key" for word in node.keywords)
    ]
    assert without == [], "somebody who reads in one would see it close when something above it appears"
