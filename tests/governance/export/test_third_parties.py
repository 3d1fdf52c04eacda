"""Whose words are whose: the export has the person's own words, and everything they did."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory import Employee
from directory.sealing import Content
from governance.export.third_parties import MARK, SOMEBODY, OwnWords
from tests.governance.captured import put
from tests.governance.export.opening import lines, unzip, write

ADA = Employee(uuid4(), "ada@example.com", "Ada", "Finance", "Accounts", "employee", "gdpr", "UTC", active=True)
BOB = "bob@example.com"

names = st.sampled_from(["message", "text", "subject", "quoted", "quoted_author", "author", "title", "dy"])
texts = st.sampled_from(["", "secret", "> secret", "mine\n> secret\nmine", "ada@example.com", BOB, "Ada"])


@pytest.mark.parametrize(
    ("content", "left"),
    [
        ({"message": "mine"}, {"message": "mine"}),
        ({"message": "mine", "author": ""}, {"message": "mine", "author": ""}),
        ({"message": "mine", "author": " Ada@Example.com"}, {"message": "mine", "author": " Ada@Example.com"}),
        ({"message": "theirs", "author": BOB}, {"message": MARK, "author": SOMEBODY}),
        ({"message": "theirs", "author": "Ada"}, {"message": MARK, "author": SOMEBODY}),
        (
            {"message": "theirs", "author": BOB, "title": "#claims", "action": "reacted", "subject": "theirs"},
            {"message": MARK, "author": SOMEBODY, "title": "#claims", "action": "reacted", "subject": MARK},
        ),
        ({"message": "mine", "quoted": "theirs"}, {"message": "mine", "quoted": MARK}),
        (
            {"message": "mine", "quoted": "theirs", "quoted_author": BOB},
            {"message": "mine", "quoted": MARK, "quoted_author": SOMEBODY},
        ),
        (
            {"message": "theirs", "author": BOB, "quoted": "mine", "quoted_author": "ada@example.com"},
            {"message": MARK, "author": SOMEBODY, "quoted": "mine", "quoted_author": "ada@example.com"},
        ),
        ({"message": "> theirs\n> too\nmine"}, {"message": f"{MARK}\nmine"}),
        ({"message": "mine\n > theirs"}, {"message": f"mine\n{MARK}"}),
        ({"message": "mine\r> theirs\r\n\u2028> too\u2028mine"}, {"message": f"mine\r{MARK}\n\u2028{MARK}\u2028mine"}),
        (
            {"message": "mine", "quoted": "> theirs\nmine", "quoted_author": "ada@example.com"},
            {"message": "mine", "quoted": f"{MARK}\nmine", "quoted_author": "ada@example.com"},
        ),
        ({"message": "5 > 3, a -> b"}, {"message": "5 > 3, a -> b"}),
        ({}, {}),
    ],
)
def test_only_other_peoples_words_are_removed(content: Content, left: Content) -> None:
    assert OwnWords(ADA).only("message", content) == left


@pytest.mark.parametrize("signal", ["keystroke", "clipboard", "navigation"])
def test_only_messages_and_tickets_have_authors(signal: str) -> None:
    content = {"author": BOB, "text": "> typed by Ada into a field called author"}
    assert OwnWords(ADA).only(signal, content) is content


@given(content=st.dictionaries(names, texts))
def test_redaction_keeps_fields_and_is_idempotent(content: Content) -> None:
    own = OwnWords(ADA)
    left = own.only("ticket", content)
    assert left.keys() == content.keys()
    assert own.only("ticket", left) == left
    if content.get("author") in (BOB, "Ada"):
        mine = {"quoted", "quoted_author"} if content.get("quoted_author") == ADA.email else set()
        assert not any("secret" in text for name, text in left.items() if name not in {"title", "dy"} | mine)


def test_no_format_contains_other_peoples_words(ada: Employee, path: Path, tmp_path: Path) -> None:
    theirs = {"author": "bob@example.com", "message": "a secret of Bob", "title": "#claims", "mood": "a secret of Bob"}
    put(ada, [{"signal": "message", "content": theirs}, {"signal": "ticket", "content": {"message": "mine"}}])
    write(ada, path)
    files = unzip(ada, path)
    (tmp_path / "captures.parquet").write_bytes(files["captures.parquet"])
    by_json = [capture for capture in lines(files) if capture["signal"] in ("message", "ticket")]
    assert [(capture["redacted"], capture["content"]["message"]) for capture in by_json] == [
        (True, MARK),
        (False, "mine"),
    ]
    cells = csv.DictReader(io.StringIO(files["captures.csv"].decode("utf-8-sig"), newline=""))
    by_csv = [row for row in cells if row["signal"] == "message"]
    assert [(row["redacted"], row["message"], row["author"], row["title"]) for row in by_csv] == [
        ("true", MARK, SOMEBODY, "#claims")
    ]
    table = pd.read_parquet(tmp_path / "captures.parquet")
    assert list(table[table["redacted"]]["message"]) == [MARK]
    for content in (*files.values(), table.to_csv().encode()):
        assert b"a secret of Bob" not in content
        assert b"bob@example.com" not in content
