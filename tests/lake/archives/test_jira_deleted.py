"""What was deleted in Jira is withdrawn here, and what two of its files have counts once."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lake.connectors import InvalidSource
from lake.ingest import gone
from lake.ingest.archiving import ingest_archive
from lake.ingest.ingesting import NotIngested
from tests.lake.archives.test_jira import ADA, BOB, had, people
from tests.lake.ingesting import stored, texts
from tests.support import jira
from tests.support.jira import account, comment, document, history, issue, page

__all__ = ["people"]


def webhook(event: str, **parts: Any) -> jira.Json:
    return {"timestamp": 1767700000000, "webhookEvent": event, **parts}


def said(subject: Any) -> list[str]:
    return [f"{each.get('action')} {each.get('text', '')}".strip() for each in had(subject)]


def commented(*numbers: int, author: Any = BOB) -> jira.Json:
    return {"comments": [comment(number, author, document(f"comment {number}"), number) for number in numbers]}


@pytest.mark.parametrize("form", ["one", "list", "lines"])
def test_webhooks_withdraw(people: tuple[Any, Any], tmp_path: Path, form: str) -> None:
    ada, bob = people
    made = issue(1, ADA, description=document("the description"), comment=commented(5, 6))
    first = page(tmp_path / "page.json", made, issue(2, BOB))
    ingest_archive("jira", str(first))
    gone_author = {**comment(5, None, "x", 5)}
    hooks = [webhook("jira:issue_deleted", user=BOB, issue=made), webhook("comment_deleted", comment=gone_author)]
    if form == "one":
        hooks = hooks[:1]
    body = "\n".join(map(json.dumps, hooks)) if form == "lines" else json.dumps(hooks[0] if form == "one" else hooks)
    (tmp_path / "hooks.json").write_text(body)
    done = ingest_archive("jira", str(tmp_path / "hooks.json"))
    assert done.quarantined == 0
    assert said(ada.subject) == ["deleted"]
    assert sorted(said(bob.subject)) == ["created an issue Description 2", "deleted", "deleted"]
    ingest_archive("jira", str(first))  # an older file brings nothing back
    assert said(ada.subject) == ["deleted"]
    assert "the description" not in texts(stored(ada.subject))


def test_other_webhooks_and_broken_ones(people: tuple[Any, Any], tmp_path: Path) -> None:
    hooks = [webhook("jira:issue_updated", issue=issue(1, ADA)), webhook("comment_deleted", comment={"id": "7"})]
    (tmp_path / "hooks.json").write_text(json.dumps(hooks) + "rest")
    done = ingest_archive("jira", str(tmp_path / "hooks.json"))
    assert (done.quarantined, sum(done.overview.left_out.values())) == (2, 1)


def test_a_complete_export_withdraws_what_it_lacks(people: tuple[Any, Any], tmp_path: Path) -> None:
    ada, bob = people
    strange = account(3)
    made = issue(1, ADA, 0, (history(7, ADA, 5),), comment=commented(5, 6))
    ingest_archive("jira", str(page(tmp_path / "page.json", made, issue(2, BOB, description=document("WORDSOFTWO")))))
    del made["changelog"]
    made["fields"]["comment"] = commented(6)
    later = str(page(tmp_path / "later.json", made, issue(3, strange)))
    ingest_archive("jira", later)
    assert len(had(bob.subject)) == 3
    ingest_archive("jira", later, complete=True)
    assert sorted(said(bob.subject)) == ["commented comment 6", "deleted", "deleted"]
    assert said(ada.subject) == ["created an issue Description 1", "changed"]  # it was made without changes
    assert "WORDSOFTWO" not in texts(stored(bob.subject))
    again = ingest_archive("jira", later, complete=True)
    assert sum(each.batch.stored for each in again.people) == 0


def test_what_is_known_of_nobody_now_is_not_gone(people: tuple[Any, Any], tmp_path: Path) -> None:
    nameless = account(1)
    accounts = tmp_path / "accounts.csv"
    accounts.write_text(f"account,email\n{nameless['accountId']},ada@example.com\n")
    file = str(page(tmp_path / "page.json", issue(1, nameless)))
    ingest_archive("jira", file, accounts)
    ingest_archive("jira", file, complete=True)
    assert said(people[0].subject) == ["created an issue Description 1"]


def test_an_export_that_is_hardly_complete_is_refused(
    people: tuple[Any, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest_archive("jira", str(page(tmp_path / "page.json", *(issue(number, ADA) for number in range(9)))))
    small = str(page(tmp_path / "small.json", issue(1, ADA)))
    monkeypatch.setattr(gone, "MOST_AT_ONCE", 5)
    with pytest.raises(NotIngested, match="more than half"):
        ingest_archive("jira", small, complete=True)
    Path(small).write_text(Path(small).read_text()[:-9])
    with pytest.raises(NotIngested, match="can't be read"):
        ingest_archive("jira", small, complete=True)
    assert said(people[0].subject).count("deleted") == 0


def test_a_zip_of_pages_with_the_csv_beside_it(people: tuple[Any, Any], tmp_path: Path) -> None:
    ada, bob = people
    one, two = issue(1, ADA, comment=commented(5)), issue(2, BOB)
    head = "Issue key,Issue id,Summary,Creator,Created,Updated,Comment\n"
    rows = [
        f"OPS-{number},1000{number},CSV,ada@example.com,05/Jan/26 8:00 AM,05/Jan/26 8:00 AM,\n" for number in (1, 4)
    ]
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("pages/1.json", json.dumps({"issues": [one]}))
        file.writestr("pages/2.json", json.dumps({"issues": [two, one]}))
        file.writestr("Jira.csv", head + "".join(rows))
        file.writestr("__MACOSX/1.json", "junk")
    done = ingest_archive("jira", str(tmp_path / "all.zip"))
    assert done.quarantined == 0
    assert sorted(each["title"] for each in had(ada.subject)) == ["OPS-1", "OPS-4"]
    assert sorted(said(bob.subject)) == ["commented comment 5", "created an issue Description 2"]
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as file:
        file.writestr("readme.txt", "nothing")
    with pytest.raises(InvalidSource, match=r"no \.json"):
        ingest_archive("jira", str(tmp_path / "none.zip"))
