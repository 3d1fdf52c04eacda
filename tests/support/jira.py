"""Makes answers of Jira's REST API v3: accounts, documents, issues."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

BEGIN = 1767600000  # 5 January 2026, 8:00 UTC
Json = dict[str, Any]


def account(number: int, email: str | None = None, **fields: Any) -> Json:
    shown = {"emailAddress": email} if email else {}
    names = {"displayName": f"Display Name {number}", "accountType": "atlassian", "active": True}
    return {"accountId": f"5b10a{number:06}", **names, **shown, **fields}


def at(minute: float) -> str:
    """A time of Jira, so many minutes after `BEGIN`."""
    return f"{datetime.fromtimestamp(BEGIN + 60 * minute, UTC):%Y-%m-%dT%H:%M:%S}.000+0000"


def document(*paragraphs: str | list[Json]) -> Json:
    """A paragraph: a text, or its nodes."""
    nodes = [[{"type": "text", "text": each}] if isinstance(each, str) else each for each in paragraphs]
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": each} for each in nodes]}


def comment(number: int, author: Json | None, body: Any, minute: float, **fields: Any) -> Json:
    times = {"created": at(minute), "updated": at(minute)}
    return {"id": str(number), "author": author, "updateAuthor": author, "body": body, **times, **fields}


def history(number: int, author: Json | None, minute: float, *items: Json) -> Json:
    return {"id": str(number), "author": author, "created": at(minute), "items": list(items)}


def change(field: str, before: str | None, after: str | None) -> Json:
    return {"field": field, "fieldtype": "jira", "from": None, "fromString": before, "to": None, "toString": after}


def issue(
    number: int, creator: Json | None, minute: float = 0, histories: tuple[Json, ...] = (), **fields: Any
) -> Json:
    summary = {"summary": f"Summary {number}", "description": document(f"Description {number}")}
    who = {"creator": creator, "reporter": creator, "created": at(minute), "updated": at(minute)}
    changelog = {"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": list(histories)}
    return {
        "id": str(10000 + number),
        "key": f"OPS-{number}",
        "fields": {**summary, **who, **fields},
        "changelog": changelog,
    }


def page(file: Path, *issues: Json) -> Path:
    file.write_text(json.dumps({"expand": "schema,names", "isLast": True, "issues": issues}))
    return file


def project(people: int, issues: int, seed: int = 7) -> tuple[list[Json], list[Json]]:
    """(issues, accounts): each issue with comments, a worklog, an attachment and changes of any of the people."""
    chance = random.Random(seed)
    accounts = [account(number, f"p{number}@example.com") for number in range(people)]
    everybody = [*accounts, account(900, None, accountType="app"), account(901), None]
    made = []
    for number in range(issues):
        minute = number * 30
        comments = [
            comment(number * 10 + each, chance.choice(everybody), document(f"c {number} {each}"), minute + each)
            for each in range(3)
        ]
        worklog = {
            "id": str(number),
            "author": chance.choice(everybody),
            "timeSpentSeconds": 3600,
            "created": at(minute),
            "updated": at(minute),
        }
        attachment = {
            "id": str(number),
            "author": chance.choice(everybody),
            "filename": "a.png",
            "size": 5,
            "created": at(minute),
        }
        histories = [history(number, chance.choice(everybody), minute + 9, change("status", "To Do", "Done"))]
        made.append(
            issue(
                number, chance.choice(everybody), minute, tuple(histories), comment={"comments": comments, "total": 3},
                worklog={"worklogs": [worklog]}, attachment=[attachment],
            )
        )  # fmt: skip
    return made, accounts


def written_by(file: Path, account_id: str) -> int:
    """Entries of an account in a page, counted without any code of ours."""

    def ids(issue: Json) -> list[Json | None]:
        fields = issue["fields"]
        parts = [*fields["comment"]["comments"], *fields["worklog"]["worklogs"], *fields["attachment"]]
        return [fields["creator"], *(part["author"] for part in [*parts, *issue["changelog"]["histories"]])]

    issues = json.loads(file.read_text())["issues"]
    return sum((each or {}).get("accountId") == account_id for issue in issues for each in ids(issue))
