"""Tables and lists in archives: what the head of a column or a label names as a password isn't stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lake.archives.jira_text import words
from lake.archives.slack_text import words as slack_words
from lake.ingest.archiving import ingest_archive
from tests.lake.ingesting import allow, stored, texts
from tests.support.jira import account, issue, page
from tests.support.people import Company

ADA = account(1, "ada@example.com")
Node = dict[str, Any]


def node(kind: str, *content: Node, **attributes: Any) -> Node:
    return {"type": kind, "attrs": attributes, "content": list(content)}


def paragraph(*pieces: str) -> Node:
    return node("paragraph", *({"type": "text", "text": each} for each in pieces))


def table(*rows: list[str | Node], heads: bool = False) -> Node:
    return node(
        "table",
        *(
            node("tableRow", *(_cell(each, "tableHeader" if heads and not number else "tableCell") for each in row))
            for number, row in enumerate(rows)
        ),
    )


def _cell(content: str | Node, kind: str) -> Node:
    return node(kind, paragraph(content)) if isinstance(content, str) else content


def test_a_row_is_a_line() -> None:
    wide = node("tableCell", paragraph("Logins"), colspan=2)
    deep = node("tableCell", paragraph("bob"), rowspan=2)
    lines = node("tableCell", paragraph("a | b"), node("bulletList", node("listItem", paragraph("c"))))
    body = node("doc", paragraph("before"), table([wide], ["user", "password"], [deep, lines], ["second"]))
    assert words(body) == "before\n\nLogins | \nuser | password\nbob | a ¦ b - c\n | second"


def test_passwords_of_jira(person: Company, tmp_path: Path) -> None:
    ada = person("ada@example.com")
    allow(["Jira"])
    item = node("listItem", paragraph("Password"), node("bulletList", node("listItem", paragraph("N3sted!x"))))
    bodies = [
        table(["user", "password"], ["bob", "Tabl3Cell!x"], heads=True),
        table(["user", "password"], [node("tableCell", paragraph("bob"), rowspan=2), "plainone"], ["plaintwo"]),
        table(["Field", "Value"], ["user", "bob"], ["Password", "S1de!x"], heads=True),
        table(["user", "password"], ["bob", node("tableCell", paragraph("spl", "it"), paragraph("linetwo"))]),
        node("bulletList", item),
        node("expand", paragraph("T1tled!x"), title="Password"),
        node("panel", paragraph("Password"), node("codeBlock", {"type": "text", "text": "Bl0ck!x"})),
    ]
    issues = [issue(number, ADA, description=node("doc", body)) for number, body in enumerate(bodies)]
    issues.append(issue(9, ADA, description="Logins\n||user||password||\n|bob|Wik1Cell!x|\n||Password|plainwiki|"))
    ingest_archive("jira", str(page(tmp_path / "page.json", *issues)))
    kept = texts(stored(ada.subject))
    assert "bob" in kept
    secrets = (
        "Tabl3",
        "plainone",
        "plaintwo",
        "S1de",
        "split",
        "linetwo",
        "N3sted",
        "Bl0ck",
        "T1tled",
        "Wik1",
        "plainwiki",
    )
    assert [each for each in secrets if each in kept] == []


def test_blocks_of_slack_begin_their_own_lines() -> None:
    def section(kind: str, text: str) -> Node:
        return {"type": kind, "elements": [{"type": "text", "text": text}]}

    blocks = [{"type": "rich_text", "elements": [section("rich_text_section", "Password"),
                                                 section("rich_text_preformatted", "X7hunter")]}]  # fmt: skip
    assert slack_words({"text": "", "blocks": blocks}) == "Password\nX7hunter"
