"""The words of a Slack message, without names of other people and without what the message quotes.

Slack writes `<@U061>` for a mention, `<#C06|general>` for a channel, `<!here>` for a group, `<https://…|label>` for a
link, and `&lt;` `&gt;` `&amp;` for the three signs. A mention becomes `@someone`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lake.archives.json_files import objects, text

SOMEONE = "@someone"
MARKED = re.compile(r"<([@#!]?)([^<>|]{1,4000})(?:\|([^<>]{0,4000}))?>")
SIGNS = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
LINES = ("rich_text_section", "rich_text_preformatted", "rich_text_quote", "section", "header")
"""Blocks that begin a line."""
MOST_FILES = 100


def words(message: dict[str, Any]) -> str:
    """What its author wrote: `text`, or the text of its blocks if that is empty."""
    raw = text(message.get("text"))
    return plain(raw) if raw.strip() else plain("".join(_of_blocks(message.get("blocks"))).strip())


def plain(raw: str) -> str:
    """Slack's marks as plain text."""
    readable = MARKED.sub(_readable, raw)
    for sign, meant in SIGNS:
        readable = readable.replace(sign, meant)
    return readable


def quotes(message: dict[str, Any]) -> int:
    """How many messages it quotes. Their words are not its author's: they aren't kept."""
    return sum(1 for each in _attached(message) if text(each.get("author_id")))


def mentioned(message: dict[str, Any]) -> list[str]:
    """The accounts that its author mentions, each once."""
    raw = text(message.get("text"))
    said = raw if raw.strip() else "".join(_of_blocks(message.get("blocks")))
    return list(dict.fromkeys(mark[2] for mark in MARKED.finditer(said) if mark[1] == "@"))


def quoted(message: dict[str, Any]) -> list[str]:
    """The accounts whose messages it quotes, each once."""
    return list(dict.fromkeys(filter(None, (text(each.get("author_id")) for each in _attached(message)))))


def _attached(message: dict[str, Any]) -> list[dict[str, Any]]:
    return objects(message.get("attachments"))


def files(message: dict[str, Any]) -> str:
    """Name, type and size of each file, one a line; nothing of its content, and no address of it."""
    return "\n".join(described(file) for file in attached(message))


def attached(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The files of a message, `MOST_FILES` at most."""
    return (objects(message.get("files")) or objects([message.get("file")]))[:MOST_FILES]


def described(file: dict[str, Any]) -> str:
    if file.get("mode") in ("tombstone", "hidden_by_limit"):
        return "a file that is gone"
    name = text(file.get("name")) or text(file.get("title")) or "file"
    size = file.get("size")
    known = [text(file.get("mimetype")) or text(file.get("filetype"))]
    known += [f"{size:,} bytes"] if isinstance(size, int) and not isinstance(size, bool) else []
    return f"{name} ({', '.join(filter(None, known))})" if any(known) else name


def _readable(mark: re.Match[str]) -> str:
    kind, target, label = mark[1], mark[2], mark[3] or ""
    if kind == "@":
        return SOMEONE
    if kind == "#":
        return f"#{label or 'channel'}"
    if kind == "!":
        return _group(target, label)
    target = target.removeprefix("mailto:").removeprefix("tel:")
    return target if not label or label == target else f"{label} ({target})"


def _group(target: str, label: str) -> str:
    """`@here`, or the handle of a user group, which is its name and nobody's; its code says nothing."""
    if target.startswith("subteam^"):
        return f"@{label.removeprefix('@') or 'group'}"
    return f"@{target.partition('^')[0]}"


def _of_blocks(blocks: Any) -> Iterator[str]:
    for element in _elements(blocks):
        kind = element.get("type")
        if kind == "text":
            yield text(element.get("text"))
        elif kind == "user":
            yield f"<@{text(element.get('user_id'))}>"
        elif kind == "usergroup":
            yield f"<!subteam^{text(element.get('usergroup_id'))}>"
        elif kind == "broadcast":
            yield f"@{text(element.get('range'))}"
        elif kind == "link":
            yield text(element.get("text")) or text(element.get("url"))
        elif kind == "emoji":
            yield f":{text(element.get('name'))}:"
        elif kind in LINES:
            inner = element.get("text")
            yield "\n" + (text(inner.get("text")) if isinstance(inner, dict) else "")


def _elements(blocks: Any) -> Iterator[dict[str, Any]]:
    """Every element of the blocks, in the order of reading."""
    waiting = objects(blocks)[::-1]
    while waiting:
        element = waiting.pop()
        yield element
        waiting.extend(objects(element.get("elements"))[::-1])
