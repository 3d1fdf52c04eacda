"""The entries of Jira's JSON: issues, comments, worklogs, attachments and changes, each of its author.

Words that somebody else has edited since are nobody's: the author has a record without them, and whoever edited a
comment has one that says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import clock
from lake.archives.items import DELETED, EDITED, Item, Of, Role, Withdrawn, iso
from lake.archives.jira_accounts import concerned, id_of, person
from lake.archives.jira_text import mentioned, words
from lake.archives.json_files import an_object, objects, text
from lake.connectors.records import InvalidRecord, Record, content_of, identity, moment

APPLICATION, SIGNAL = "Jira", "ticket"
KEPT = frozenset(("status", "priority", "resolution", "issuetype", "fix version", "sprint", "duedate", "story points"))
"""Fields whose old and new values are kept: they hold neither words nor names of people."""
MOST_FIELDS = 50


class Entries:
    """Reads entries of one file. `people`: e-mail addresses by account. `deleted`: they were deleted."""

    def __init__(self, people: Mapping[str, str], *, deleted: bool = False) -> None:
        self._people, self._deleted = people, deleted

    def issue(self, line: int, value: Any) -> Iterator[Item]:
        """An issue and all that it contains. Raises InvalidRecord."""
        issue = an_object(value)
        fields = an_object(issue.get("fields"))
        key, number = text(issue.get("key")), _number(issue)
        [changelog] = objects([issue.get("changelog")]) or [{}]
        histories = objects(changelog.get("histories")) or objects(changelog.get("values"))
        creator = fields.get("creator") or fields.get("reporter")
        subject, description = words(fields.get("summary")), words(fields.get("description"))
        others = _edited_by_others(histories, creator)
        said = content_of(
            action="created an issue",
            subject="" if "summary" in others else subject,
            text="" if "description" in others else description,
            title=key,
            element=", ".join(f"{field} {EDITED}" for field in sorted(others)),
            as_of=iso(_at(fields.get("updated") or fields.get("created"))),
        )
        edition = said.get("subject", ""), said.get("text", ""), said.get("element", "")
        named = [(fields.get("assignee"), Role.ASSIGNED), (fields.get("reporter"), Role.REPORTER)]
        named += _mentions(fields.get("summary"), *([] if "description" in others else [fields.get("description")]))
        yield self._of(creator, line, fields.get("created"), said, "issue", number, *edition, named=named)
        for each in _listed(fields.get("comment"), "comments"):
            yield from self.comment(line, each, key)
        for each in _listed(fields.get("worklog"), "worklogs"):
            yield self.worklog(line, each, key)
        for each in objects(fields.get("attachment")):
            yield self.attachment(line, each, key)
        for each in histories:
            yield self.change(line, each, key)

    def comment(self, line: int, value: Any, key: str = "") -> Iterator[Item]:
        """Raises InvalidRecord."""
        comment = an_object(value)
        author, editor = comment.get("author"), comment.get("updateAuthor")
        created, updated = comment.get("created"), comment.get("updated") or comment.get("created")
        edited = _at(updated) > _at(created)
        by_another = edited and bool(id_of(editor)) and id_of(editor) != id_of(author)
        edition = iso(_at(updated)) if edited else ""
        said = content_of(
            action="commented",
            text="" if by_another else words(comment.get("body")),
            title=key,
            element=EDITED if by_another else "",
            edited=edition,
        )
        number = _number(comment)
        named = [] if by_another else _mentions(comment.get("body"))
        yield self._of(author, line, created, said, "comment", number, edition, named=named)
        if by_another:
            changed = content_of(action="edited a comment of someone else", title=key)
            edited_of = [(author, Role.EDITED)]  # of the comment
            yield self._of(editor, line, updated, changed, "comment-edit", f"{number}/{edition}", named=edited_of)

    def worklog(self, line: int, value: Any, key: str = "") -> Item:
        """Raises InvalidRecord."""
        worklog = an_object(value)
        created, updated = worklog.get("created"), worklog.get("updated") or worklog.get("created")
        edition = iso(_at(updated)) if _at(updated) > _at(created) else ""
        author, editor = worklog.get("author"), worklog.get("updateAuthor")
        by_another = bool(edition and id_of(editor)) and id_of(editor) != id_of(author)
        seconds = worklog.get("timeSpentSeconds")
        said = content_of(
            action="logged work",
            text="" if by_another else words(worklog.get("comment")),
            title=key,
            element=EDITED if by_another else "",
            spent=f"{seconds // 60} min" if isinstance(seconds, int) and not isinstance(seconds, bool) else "",
            edited=edition,
        )
        named = [] if by_another else _mentions(worklog.get("comment"))
        return self._of(author, line, created, said, "worklog", _number(worklog), edition, named=named)

    def attachment(self, line: int, value: dict[str, Any], key: str = "") -> Item:
        """Its name, type and size. Raises InvalidRecord."""
        size, kind = value.get("size"), text(value.get("mimeType"))
        known = [kind] if kind else []
        known += [f"{size:,} bytes"] if isinstance(size, int) and not isinstance(size, bool) else []
        name = text(value.get("filename")) or "file"
        said = content_of(action="attached", files=f"{name} ({', '.join(known)})" if known else name, title=key)
        return self._of(value.get("author"), line, value.get("created"), said, "attachment", _number(value))

    def change(self, line: int, value: Any, key: str = "") -> Item:
        """An entry of a changelog. Raises InvalidRecord."""
        history = an_object(value)
        items = objects(history.get("items"))[:MOST_FIELDS]
        said = content_of(
            action="changed " + (", ".join(dict.fromkeys(text(item.get("field")) or "a field" for item in items))),
            change="\n".join(
                f"{text(item.get('field'))}: {text(item.get('fromString'))} → {text(item.get('toString'))}"
                for item in items
                if text(item.get("field")).casefold() in KEPT
            ),
            title=key,
        )
        author, created, number = history.get("author"), history.get("created"), _number(history)
        named = [(text(each.get("to")), Role.ASSIGNED) for each in items if text(each.get("field")) == "assignee"]
        return self._of(author, line, created, said, "change", number, named=named)

    def _of(
        self,
        account: Any,
        line: int,
        at: Any,
        said: dict[str, str],
        kind: str,
        number: str,
        *edition: str,
        named: Iterable[tuple[Any, Role]] = (),
    ) -> Item:
        """A version of an entry of an account. `named`: other accounts, and how it concerns them."""
        whose = person(account, self._people)
        session = f"jira/{kind}/{number}"
        if self._deleted:
            said, edition, named = {"action": DELETED}, (DELETED,), ()
        elif not isinstance(whose, str):
            return replace(whose, session=session)
        record = Record(
            line=line,
            captured_at=_at(at),
            signal=SIGNAL,
            application=APPLICATION,
            session=session,
            identity=identity("jira", kind, number, iso(_at(at)), *edition),
            content=said,
        )
        if not isinstance(whose, str):
            return Withdrawn(record)
        return Of(whose, record, concerned(named, account, self._people))


def _edited_by_others(histories: list[dict[str, Any]], creator: Any) -> set[str]:
    """Which of summary and description somebody else than the creator has edited, as far as the changelog says."""
    return {
        text(item.get("field"))
        for history in histories
        if id_of(history.get("author")) != id_of(creator)
        for item in objects(history.get("items"))
    } & {"summary", "description"}


def _mentions(*values: Any) -> list[tuple[Any, Role]]:
    return [(account, Role.MENTIONED) for value in values for account in mentioned(value)]


def _listed(value: Any, name: str) -> list[dict[str, Any]]:
    return objects(value.get(name)) if isinstance(value, dict) else []


def _number(value: dict[str, Any]) -> str:
    """Its id. Raises InvalidRecord."""
    number = value.get("id")
    if isinstance(number, bool) or not isinstance(number, str | int) or number == "":
        raise InvalidRecord("it has no id")
    return str(number)


def _at(value: Any) -> datetime:
    """A time as text, or in milliseconds since 1970; as naive UTC. Raises InvalidRecord."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 15:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**14:
        return clock.naive(datetime.fromtimestamp(value / 1000, UTC))
    return moment(value)
