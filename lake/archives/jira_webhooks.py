"""Bodies of Jira's webhooks: what they say was deleted. One object, a list, or an object in each line.

`jira:issue_deleted`, `comment_deleted`, `worklog_deleted` and `attachment_deleted` withdraw our copies. A deletion of
an issue also withdraws the comments, worklogs and attachments that its body lists; it doesn't say which others there
were.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from lake.archives.items import Item, Unattributed
from lake.archives.jira_entries import Entries
from lake.archives.json_files import an_object, beginning, text, values_at
from lake.connectors.records import InvalidRecord, Quarantined

START = re.compile(rb'[\s\[]*\{[^{}\[\]]{0,4000}"webhookEvent"\s*:')
"""At the beginning of a file: an object whose first values hold no objects, one of them being the event."""
PEEKED = 8192
LARGEST = 32 << 20
OTHER = "webhook that isn't about a deletion"


def is_webhooks(file: BinaryIO) -> bool:
    """By its beginning."""
    return START.match(beginning(file, PEEKED)) is not None


def webhook_items(file: BinaryIO, people: Mapping[str, str], name: str) -> Iterator[Item]:
    """Deletions; what isn't one is counted."""
    deleted = Entries(people, deleted=True)
    place = "item" if beginning(file, PEEKED).lstrip().startswith(b"[") else ""
    for found in values_at(file, (place,), name, LARGEST, several=True):
        if isinstance(found, Quarantined):
            yield Unattributed("webhook", found)
            continue
        _, line, value = found
        try:
            yield from list(_deletions(deleted, line, value))
        except InvalidRecord as error:
            yield Unattributed("webhook", Quarantined(line, str(error), file=name))


def _deletions(deleted: Entries, line: int, value: Any) -> Iterator[Item]:
    """Raises InvalidRecord."""
    body = an_object(value)
    match text(body.get("webhookEvent")).removeprefix("jira:"):
        case "issue_deleted":
            yield from deleted.issue(line, body.get("issue"))
        case "comment_deleted":
            yield from deleted.comment(line, body.get("comment"))
        case "worklog_deleted":
            yield deleted.worklog(line, body.get("worklog"))
        case "attachment_deleted":
            yield deleted.attachment(line, an_object(body.get("attachment")))
        case _:
            yield Unattributed(OTHER)
