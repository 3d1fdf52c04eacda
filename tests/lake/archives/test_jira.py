"""Jira: answers of its REST API v3 and its CSV export; each person gets their own entries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lake.connectors import InvalidSource
from lake.ingest.archiving import ingest_archive
from lake.terminal import of_archive
from tests.lake.ingesting import allow, stored, texts
from tests.support import jira
from tests.support.jira import account, at, change, comment, document, history, issue, page
from tests.support.people import Company, signing_in

ADA, BOB = account(1, "Ada@example.com"), account(2, "bob@example.com")


@pytest.fixture
def people(person: Company) -> tuple[Any, Any]:
    both = person("ada@example.com"), person("bob@example.com")
    allow(["Jira"])
    return both


def had(subject: Any) -> list[dict[str, str]]:
    return [each.content or {} for each in stored(subject)]


def test_an_issue_and_its_parts(people: tuple[Any, Any], tmp_path: Path) -> None:
    ada, bob = people
    mentioned: list[jira.Json] = [
        {"type": "text", "text": "Ask "},
        {"type": "mention", "attrs": {"id": "5b10a000002", "text": "@Bob"}},
    ]
    made = issue(
        1, ADA, 0, (history(7, BOB, 5, change("status", "To Do", "Done"), change("assignee", "Ada", "Eve Name")),),
        description=document("First", mentioned),
        comment={"comments": [comment(5, BOB, document("a comment"), 1)]},
        worklog={"worklogs": [{"id": "6", "author": BOB, "timeSpentSeconds": 5400, "comment": document("work"),
                               "created": at(2), "updated": at(2)}]},
        attachment=[{"id": "8", "author": ADA, "filename": "plan.pdf", "mimeType": "application/pdf", "size": 1234,
                     "created": at(3), "content": "https://example.com/secret"}],
    )  # fmt: skip
    ingest_archive("jira", str(page(tmp_path / "page.json", made)))
    as_of = "2026-01-05T08:00:00.000000Z"
    assert had(ada.subject) == [
        {"action": "created an issue", "subject": "Summary 1", "text": "First\n\nAsk @someone", "title": "OPS-1",
         "as_of": as_of},
        {"action": "attached", "files": "plan.pdf (application/pdf, 1,234 bytes)", "title": "OPS-1"},
    ]  # fmt: skip
    assert had(bob.subject) == [
        {"action": "commented", "text": "a comment", "title": "OPS-1"},
        {"action": "logged work", "text": "work", "title": "OPS-1", "spent": "90 min"},
        {"action": "changed status, assignee", "change": "status: To Do → Done", "title": "OPS-1"},
    ]


def test_text_across_nodes_is_examined_as_one(people: tuple[Any, Any], tmp_path: Path, home: Path) -> None:
    pieces: list[jira.Json] = [
        {"type": "text", "text": "4111 1111 "},
        {"type": "text", "text": "1111 1111", "marks": [{"type": "strong"}]},
    ]
    quote = {"type": "blockquote", "content": document("of somebody else")["content"]}
    body = {"type": "doc", "content": [*document(pieces)["content"], quote]}
    ingest_archive("jira", str(page(tmp_path / "page.json", issue(1, ADA, description=body))))
    [content] = had(people[0].subject)
    assert content["text"] == "[card number removed]\n\n> of somebody else"


def test_words_that_others_edited(people: tuple[Any, Any], tmp_path: Path) -> None:
    ada, bob = people
    edited = comment(5, ADA, document("WORDSOFBOB"), 1, updateAuthor=BOB, updated=at(4))
    own = comment(6, ADA, document("my newer words"), 2, updated=at(3))
    made = issue(
        1, ADA, 0, (history(7, BOB, 5, change("description", "old", "WORDSOFBOB")),),
        description=document("WORDSOFBOB"), comment={"comments": [edited, own]},
    )  # fmt: skip
    ingest_archive("jira", str(page(tmp_path / "page.json", made)))
    assert "WORDSOFBOB" not in texts(stored(ada.subject)) + texts(stored(bob.subject))
    created, by_another, by_herself = had(ada.subject)
    assert (created["subject"], created["element"]) == ("Summary 1", "description edited by someone else")
    assert by_another["element"] == "edited by someone else"
    assert by_herself["text"] == "my newer words"
    assert [each["action"] for each in had(bob.subject)] == ["edited a comment of someone else", "changed description"]


def test_newer_pages_replace_older_words(people: tuple[Any, Any], tmp_path: Path) -> None:
    old = page(tmp_path / "old.json", issue(1, ADA, comment={"comments": [comment(5, ADA, document("old"), 1)]}))
    newer = comment(5, ADA, document("new"), 1, updated=at(9))
    new = issue(1, ADA, comment={"comments": [newer]}, description=document("new text"), updated=at(9))
    ingest_archive("jira", str(old))
    ingest_archive("jira", str(page(tmp_path / "new.json", new)))
    ingest_archive("jira", str(old))
    assert [each["text"] for each in had(people[0].subject)] == ["new text", "new"]


def test_pages_of_changes_and_comments_in_a_folder(people: tuple[Any, Any], tmp_path: Path) -> None:
    first, second = history(7, BOB, 5, change("status", "a", "b")), history(8, ADA, 6, change("status", "b", "c"))
    folder = tmp_path / "pages"
    folder.mkdir()
    page(folder / "1.json", issue(1, ADA, 0, (first,)))
    (folder / "2.json").write_text(json.dumps({"self": "…", "total": 2, "values": [first, second]}))
    in_bulk = {"issueId": "10001", "changeHistories": [{**second, "created": 1767600360000}]}
    (folder / "3.json").write_text(json.dumps([{"issueChangeLogs": [in_bulk]}]))
    (folder / "4.json").write_text(json.dumps({"comments": [comment(5, BOB, document("hello"), 1)]}))
    ingest_archive("jira", str(folder))
    assert [each["action"] for each in had(people[0].subject)] == ["created an issue", "changed status"]
    assert [each["action"] for each in had(people[1].subject)] == ["commented", "changed status"]


def test_accounts_that_are_nobody(people: tuple[Any, Any], tmp_path: Path) -> None:
    former = account(3, displayName="Former user", active=False)
    made = [None, {"accountId": "unknown"}, former, account(4, accountType="app"), account(5), account(6, "eve@x.com")]
    file = page(tmp_path / "page.json", *(issue(number, creator) for number, creator in enumerate(made)))
    (tmp_path / "accounts.csv").write_text("accountId,email\n5b10a000005,bob@example.com\n")
    done = ingest_archive("jira", str(file), tmp_path / "accounts.csv")
    assert len(had(people[1].subject)) == 1
    assert sorted(done.overview.left_out.values()) == [1, 1, 3]


def test_counts_of_three_people_are_those_of_the_file(person: Company, tmp_path: Path) -> None:
    issues, accounts = jira.project(12, 80)
    for number in range(11):
        person.add(f"p{number}@example.com")
    person("p11@example.com")
    allow(["Jira"])
    file = page(tmp_path / "page.json", *issues)
    ingest_archive("jira", str(file))
    for number in (0, 6, 11):
        captures = stored(signing_in(f"p{number}").subject)
        assert len(captures) == jira.written_by(file, accounts[number]["accountId"]) > 10
    assert sum(each.batch.stored for each in ingest_archive("jira", str(file)).people) == 0


ODD: list[Any] = [
    None,
    [],
    {},
    {"id": "1", "key": "A-1", "fields": None},
    issue(9, ADA, created="soon"),
    issue(9, ADA, created=True),
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_an_odd_issue_costs_nothing_else(people: tuple[Any, Any], tmp_path: Path, odd: Any) -> None:
    done = ingest_archive("jira", str(page(tmp_path / "page.json", issue(1, ADA), odd, issue(2, ADA, 5))))
    assert [each["title"] for each in had(people[0].subject)] == ["OPS-1", "OPS-2"]
    assert done.quarantined == 1


def test_files_that_are_not_of_jira(people: tuple[Any, Any], tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"buckets": {}}')
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    (tmp_path / "empty").mkdir()
    for name in ("other.json", "other.csv", "empty", "absent.json"):
        with pytest.raises(InvalidSource, match="Nothing was changed"):
            ingest_archive("jira", str(tmp_path / name))


CSV = """Summary,Issue key,Issue id,Creator,Creator Id,Created,Updated,Description,Comment,Comment,Attachment,Log Work
A summary,OPS-1,10001,Ada,5b10a000001,05/Jan/26 9:41 AM,05/Jan/26 9:50 AM,"Ask [~accountid:5b10a000002]
{quote}of somebody else{quote}",05/Jan/26 9:45 AM;5b10a000002;first; with ; signs,05/Jan/26 9:45 AM;5b10a000002;second,\
05/Jan/26 9:46 AM;5b10a000001;plan.pdf;https://example.com/secret,some work;05/Jan/26 9:47 AM;5b10a000001;1800
broken,OPS-2,10002,Ada,5b10a000001,soon,,,,,,
"""


def test_the_csv_export(people: tuple[Any, Any], tmp_path: Path) -> None:
    (tmp_path / "Jira.csv").write_text(CSV)
    (tmp_path / "accounts.csv").write_text("account,email\n5b10a000001,ada@example.com\n5b10a000002,bob@example.com\n")
    done = ingest_archive("jira", str(tmp_path / "Jira.csv"), tmp_path / "accounts.csv")
    created, attached, logged = had(people[0].subject)
    assert (created["subject"], created["text"]) == ("A summary", "Ask @someone\n\n> of somebody else")
    assert (attached["files"], logged["text"], logged["spent"]) == ("plan.pdf", "some work", "30 min")
    assert sorted(each["text"] for each in had(people[1].subject)) == ["first; with ; signs", "second"]
    assert done.quarantined == 1
    assert done.overview.without_ids == 5
    [notice] = of_archive(done, dry_run=False).notices
    assert notice.startswith("5 entries have no id in this export")
    (tmp_path / "Jira.csv").write_text(CSV.replace("9:50 AM", "9:59 AM").replace(";second", ";newer"))
    ingest_archive("jira", str(tmp_path / "Jira.csv"), tmp_path / "accounts.csv")
    assert sorted(each["text"] for each in had(people[1].subject)) == ["first; with ; signs", "newer"]
