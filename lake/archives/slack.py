"""The archive `slack`: the export of a workspace, as Slack's own ZIP file.

| entry | becomes |
|---|---|
| message, reply, broadcast reply, /me, file | `message` of its author, at its time |
| file whose content is in the export | a record of its own (`lake.archives.slack_files`) |
| edited message | its newest text; an older one is replaced |
| message that somebody else edited | a record of its author without words, and one of the editor that says so |
| edited message of an account that isn't known | a record without words in place of ours, if there is one |
| deleted message (`slack_kinds.GONE`, `GONE_WORDS`) | a record without words in place of ours |
| mention, message that is quoted or answered | their name and words aren't kept; whom it is about is told apart |
| reaction, huddle | left out, counted for each person |
| message of a bot, of Slack or of an unknown kind, account without a person | left out, counted in all |

A day is a list of messages, or an object that has it as `messages`. A message is identified by its conversation and
`ts`, so exports that overlap store it once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import clock
from lake.archives.items import DELETED, EDITED, Concerns, Item, Of, Parts, Role, Skipped, Unattributed, Withdrawn
from lake.archives.json_files import an_object, beginning, entries, objects, text
from lake.archives.slack_files import Attachments, is_attachment, is_gone
from lake.archives.slack_kinds import (
    BOT,
    GONE,
    GONE_WORDS,
    SLACKBOT,
    edited_at,
    moment_of,
    of_no_person,
    ts_of,
)
from lake.archives.slack_text import attached, files, mentioned, quoted, quotes, words
from lake.archives.slack_workspace import Account, Conversation, Workspace
from lake.archives.zips import opened_zip
from lake.connectors.records import InvalidRecord, LeftOut, Quarantined, Record, content_of, identity

APPLICATION, SIGNAL = "Slack", "message"
PLACES = ("item", "messages.item")
EMPTY_DAY = re.compile(rb'\s*(?:\[|\{[^\[\]]*"messages"\s*:\s*\[\s*\])')
LARGEST_EMPTY = 4096
STRANGER = "message of an account that isn't in users.json, such as one of another company"
NAMELESS = "message of an account whose e-mail address isn't known"
OF_MESSAGE = ("user", "bot_id", "ts", "thread_ts")
"""What stays of a message when it is edited."""
BY_UNKNOWN = "edited by an account that isn't known"


class Slack:
    """Reads one export."""

    name = "slack"
    version = 1
    may_be_complete = False

    def read(self, location: str, people: Mapping[str, str]) -> Iterator[Item]:
        """Every message and reaction. Raises InvalidSource."""
        with opened_zip(Path(location), is_attachment) as file:
            workspace = Workspace(file, people)
            for broken in workspace.quarantined:
                yield Unattributed("entry of a list", broken)
            yield from map(Skipped, workspace.skipped)
            attachments = Attachments(Path(location), file)
            for conversation, name, member in workspace.days():
                reading = _Reading(workspace.accounts, conversation, name, attachments)
                entry = None
                with file.reading(member) as content:
                    for entry in entries(content, name, PLACES):
                        yield from reading.items(entry)
                if entry is None:
                    with file.reading(member) as content:
                        if not EMPTY_DAY.match(beginning(content, LARGEST_EMPTY)):
                            yield Skipped(name)


class _Reading:
    """Reads the messages of one conversation and day."""

    def __init__(
        self, accounts: Mapping[str, Account], conversation: Conversation, name: str, attachments: Attachments
    ) -> None:
        self._accounts, self._conversation, self._name = accounts, conversation, name
        self._attachments = attachments

    def items(self, entry: tuple[int, Any] | Quarantined) -> Iterator[Item]:
        if isinstance(entry, Quarantined):
            yield Unattributed("message", entry)
            return
        line, value = entry
        try:
            message = an_object(value)
            yield from self._message(line, message)
            yield from self._acts(line, message)
        except InvalidRecord as error:
            yield Unattributed("message", Quarantined(line, str(error), file=self._name))

    def _message(self, line: int, event: dict[str, Any]) -> Iterator[Item]:
        [before] = objects([event.get("previous_message")]) or [{}]
        message, changed = event, ""
        if text(event.get("subtype")) == "message_changed":
            message, changed = _completed(an_object(event.get("message")), before), ts_of(event)
        if _is_gone(message):
            yield from self._deleted(line, message, before)
            return
        edited = edited_at(message, before, changed)
        by_another = bool(edited) and self._is_by_another(message)
        written = self._written(line, message, edited, by_another)
        yield written
        yield from self._files(line, message, written, edited)
        if by_another and isinstance(written, Of):
            yield from self._edit(line, message, edited, written.person)

    def _written(self, line: int, message: dict[str, Any], edited: str, by_another: bool) -> Item:
        author = _author(message)
        by_bot = not author and bool(text(message.get("bot_id")))
        if other := of_no_person(text(message.get("type")), text(message.get("subtype")), by_bot=by_bot):
            return other
        whose = self._person(author)
        if isinstance(whose, Unattributed):
            if whose.what == BOT or not edited:
                return whose
            content = content_of(action=_action(message), element=BY_UNKNOWN, edited=edited)
            return Withdrawn(self._record(line, message, content, edited), whose.what)
        content = content_of(
            action=_action(message),
            message="" if by_another else words(message),
            files=files(message),
            element=EDITED if by_another else _counted(quotes(message)),
            title=self._conversation.title,
            edited=edited,
        )
        return Of(whose, self._record(line, message, content, edited), self._concerns(whose, message, by_another))

    def _is_by_another(self, message: dict[str, Any]) -> bool:
        """Whether somebody else than its author edited it. One person may have two accounts."""
        author, editor = _author(message), _editor(message)
        if not editor or editor == author:
            return False
        whose = self._person(editor)
        return isinstance(whose, Unattributed) or whose != self._person(author)

    def _edit(self, line: int, message: dict[str, Any], edited: str, author: str) -> Iterator[Item]:
        """What somebody did who edited the message of someone else."""
        editor = self._person(_editor(message))
        if isinstance(editor, str):
            ts = ts_of(message)
            content = content_of(action="edited a message of someone else", title=self._conversation.title)
            record = replace(
                self._record(line, {"ts": ts}, content, ""),
                captured_at=clock.naive(datetime.fromisoformat(edited)),
                session=f"slack-edit/{self._conversation.id}/{ts}/{edited}",
                identity=identity("slack", "edit", self._conversation.id, ts, edited),
            )
            yield Of(editor, record, ((author, Role.EDITED),))

    def _concerns(self, author: str, message: dict[str, Any], by_another: bool) -> Concerns:
        """Others whom the message mentions, quotes or answers; those whom we can't name are left out. `by_another`: its
        words aren't its author's."""
        [root] = objects([message.get("root")]) or [{}]
        answered = text(message.get("parent_user_id")) or text(root.get("user"))
        named: list[tuple[str, Role]] = []
        if not by_another:
            named += [(user, Role.MENTIONED) for user in mentioned(message)]
            named += [(user, Role.QUOTED) for user in quoted(message)]
        named += [(answered, Role.ANSWERED)] if answered else []
        found = ((self._person(user), role) for user, role in named)
        return tuple(dict.fromkeys((who, role) for who, role in found if isinstance(who, str) and who != author))

    def _files(self, line: int, message: dict[str, Any], written: Item, edited: str) -> Iterator[Item]:
        """The files of a message that have their content in the export; and which it has no longer."""
        listed = attached(message)
        if edited or any(is_gone(file) for file in listed):
            there = frozenset(text(file.get("id")) for file in listed if not is_gone(file))
            yield Parts(self._record(line, message, {"action": DELETED}, DELETED), there)
        if isinstance(written, Of) and isinstance(written.item, Record):
            for file in listed:
                item = self._attachments.item(written.person, _author(message), file, written.item)
                if item is not None:
                    yield item

    def _deleted(self, line: int, message: dict[str, Any], before: dict[str, Any]) -> Iterator[Item]:
        """A message that is deleted, with its files. `before`: as it was, if that is said."""
        ts = ts_of(message, "deleted_ts" if text(message.get("subtype")) == "message_deleted" else "ts")
        record = self._record(line, {"ts": ts or ts_of(before)}, {"action": DELETED}, DELETED)
        whose = self._person(_author(before)) if _author(before) else None
        yield Of(whose, record) if isinstance(whose, str) else Withdrawn(record)
        yield Parts(record)

    def _acts(self, line: int, message: dict[str, Any]) -> Iterator[Item]:
        """What people did that has no words of theirs: counted for each of them, at the time of the message."""
        [room] = objects([message.get("room")]) or [{}]
        acts = [
            ("reaction", text(each.get("name")), user)
            for each in objects(message.get("reactions"))
            for user in _texts(each.get("users"))
        ]
        acts += [
            ("huddle", "", user) for user in _texts(room.get("participant_history")) + _texts(room.get("participants"))
        ]
        for what, name, user in dict.fromkeys(acts):
            if isinstance(whose := self._person(user), str):
                ts = ts_of(message)
                known = identity("slack", self._conversation.id, ts, what, name, user)
                yield Of(whose, LeftOut(line, APPLICATION, what, moment_of(ts), known))

    def _person(self, user: str) -> str | Unattributed:
        account = self._accounts.get(user)
        if account is None:
            return Unattributed(STRANGER)
        if account.bot:
            return Unattributed(BOT)
        return account.email or Unattributed(NAMELESS)

    def _record(self, line: int, message: dict[str, Any], content: dict[str, str], edition: str) -> Record:
        """A version of a message. Raises InvalidRecord."""
        ts = ts_of(message)
        return Record(
            line=line,
            captured_at=moment_of(ts),
            signal=SIGNAL,
            application=APPLICATION,
            session=f"slack/{self._conversation.id}/{ts}",
            identity=identity("slack", self._conversation.id, ts, edition),
            content=content,
        )


def _author(message: dict[str, Any]) -> str:
    """The account that wrote it; in a comment of a file, and in old messages of files, it is further inside."""
    for each in (message, message.get("comment"), message.get("file")):
        if isinstance(each, dict) and (user := text(each.get("user"))):
            return user
    return ""


def _action(message: dict[str, Any]) -> str:
    thread = ts_of(message, "thread_ts")
    if text(message.get("subtype")) in ("thread_broadcast", "reply_broadcast"):
        return "reply, also sent to the channel"
    return "reply" if thread and thread != ts_of(message) else "message"


def _editor(message: dict[str, Any]) -> str:
    edited = message.get("edited")
    return text(edited.get("user")) if isinstance(edited, dict) else ""


def _is_gone(message: dict[str, Any]) -> bool:
    subtype = text(message.get("subtype"))
    by_slackbot = not subtype and _author(message) == SLACKBOT
    return subtype in GONE or (by_slackbot and text(message.get("text")).strip() == GONE_WORDS)


def _completed(message: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """A changed message: what it doesn't say of whose and which it is, the message as it was says."""
    said = {name: value for name, value in message.items() if value is not None}
    return {name: before[name] for name in OF_MESSAGE if name in before} | said


def _counted(number: int) -> str:
    return "" if not number else "quotes a message" if number == 1 else f"quotes {number} messages"


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
