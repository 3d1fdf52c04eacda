"""What a screen reader reads out: names and texts of the accessibility tree, in order."""

from __future__ import annotations

import re

from playwright.sync_api import Locator

NODE = re.compile(
    r"""^\s*- '?(?:/[a-z]+:.*|[a-z]+(?: "(?P<name>(?:[^"\\]|\\.)*)")?(?: \[[^\]]*\])*'?:?(?: (?P<text>.*))?)$"""
)
QUOTED = re.compile(r"""^["'](.*)["']$""")


def read_out(within: Locator) -> str:
    """Without spaces: text in bold is a node of its own, and the tree doesn't say what was between."""
    return words_of(within.aria_snapshot())


def words_of(snapshot: str) -> str:
    """Of a snapshot as `Locator.aria_snapshot` gives it: lines in YAML, without spaces."""
    said = [part for line in snapshot.splitlines() if (node := NODE.match(line)) for part in node.groups() if part]
    return squeezed("".join(QUOTED.sub(r"\1", part) for part in said).replace('\\"', '"'))


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u2060]+", "", text)
