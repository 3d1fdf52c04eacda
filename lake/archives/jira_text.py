"""The words of Jira: documents in the Atlassian Document Format (ADF), and the older wiki markup.

An ADF document is a tree whose text is in pieces, for example where a part is bold. They are joined, so that what
stands across two pieces is recognised. A mention becomes `@someone`. Lines of quotes begin with `>`, as in e-mails. A
row of a table is one line, `user | password`, in which the safeguards know the cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lake.archives.json_files import objects, text

SOMEONE = "@someone"
WIKI_MENTION = re.compile(r"\[~[^\]\s]{1,200}\]")
WIKI_QUOTE = re.compile(r"\{quote\}(.*?)\{quote\}", re.DOTALL)
WIKI_QUOTED_LINE = re.compile(r"^[ \t]*bq\.[ \t]", re.MULTILINE)
TITLED = ("expand", "nestedExpand")
BAR, BAR_IN_CELL = "|", "¦"
MOST_CELLS = 50
"""Over which one cell may extend."""
INLINE = frozenset(("text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status", "mediaInline"))


def words(value: Any) -> str:
    """Of an ADF document or of wiki markup; empty for anything else."""
    if isinstance(value, str):
        quoted = WIKI_QUOTE.sub(lambda found: "\n" + _as_quote(found[1].strip()) + "\n", value)
        return WIKI_MENTION.sub(SOMEONE, WIKI_QUOTED_LINE.sub("> ", quoted)).strip()
    return _of_node(value).strip("\n") if isinstance(value, dict) else ""


def mentioned(value: Any) -> list[str]:
    """The accounts that an ADF document or wiki markup mentions, each once."""
    if isinstance(value, str):
        found = (mark[0][2:-1].removeprefix("accountid:") for mark in WIKI_MENTION.finditer(value))
    else:
        found = (text(each["attrs"].get("id")) for each in _mentions(value))
    return list(dict.fromkeys(filter(None, found)))


def _mentions(value: Any) -> Iterator[dict[str, Any]]:
    waiting = objects([value])
    while waiting:
        node = waiting.pop()
        if node.get("type") == "mention" and isinstance(node.get("attrs"), dict):
            yield node
        waiting.extend(objects(node.get("content"))[::-1])


def _of_node(node: dict[str, Any]) -> str:
    """Its text; a block begins and ends with a line end. Nesting is limited by `json_files.DEEPEST`."""
    kind = text(node.get("type"))
    attributes = node.get("attrs")
    said = attributes if isinstance(attributes, dict) else {}
    if kind == "text":
        return text(node.get("text"))
    if kind == "hardBreak":
        return "\n"
    if kind == "mention":
        return SOMEONE
    if kind in ("emoji", "status"):
        return text(said.get("text")) or text(said.get("shortName"))
    if kind in ("inlineCard", "blockCard", "embedCard"):
        return text(said.get("url"))
    if kind == "table":
        return "\n" + _of_table(objects(node.get("content"))) + "\n"
    inner = "".join(_of_node(each) for each in objects(node.get("content")))
    if kind == "blockquote":
        inner = _as_quote(inner.strip("\n"))
    if kind in TITLED and (title := text(said.get("title"))):
        inner = f"{title}\n{inner}"
    if kind in INLINE or not inner:
        return inner
    return "\n" + inner.strip("\n") + "\n"


def _of_table(rows: list[dict[str, Any]]) -> str:
    """A line for each row. A cell stands in its column, whatever cells beside and above it extend over several."""
    lines = []
    below: dict[int, int] = {}  # rows for which a cell above still extends, by column
    for row in rows:
        line: list[str] = []
        over = {at: left - 1 for at, left in below.items() if left > 1}
        for cell in objects(row.get("content")):
            while below.get(len(line)):
                line.append("")
            at, wide, deep = len(line), _span(cell, "colspan"), _span(cell, "rowspan")
            line += [_of_cell(cell), *[""] * (wide - 1)]
            over |= {each: deep - 1 for each in range(at, at + wide) if deep > 1}
        below = over
        lines.append(" | ".join(line))
    return "\n".join(lines)


def _of_cell(cell: dict[str, Any]) -> str:
    """Its words in one line."""
    lines = (" ".join(line.split()) for line in _of_node(cell).replace(BAR, BAR_IN_CELL).split("\n"))
    return " - ".join(filter(None, lines))


def _span(cell: dict[str, Any], name: str) -> int:
    attributes = cell.get("attrs")
    span = attributes.get(name) if isinstance(attributes, dict) else None
    return min(span, MOST_CELLS) if isinstance(span, int) and not isinstance(span, bool) and span > 0 else 1


def _as_quote(quoted: str) -> str:
    return "\n".join(f"> {line}" for line in re.sub(r"\n{2,}", "\n", quoted).split("\n"))
