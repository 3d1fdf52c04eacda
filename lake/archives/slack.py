"""The archive `slack`: the export of a workspace, as Slack's own ZIP file.

| entry | becomes |
|---|---|
| message, reply, broadcast reply, /me, file | `message` of its author, at its time |
| file whose content is in the export | a record of its own (`lake.archives.slack_files`) |
| edited message | its newest text; an older one is replaced |
| deleted message (`message_deleted`, `tombstone`) | a record without words in place of ours |
| mention, message that is quoted or answered | their name and words aren't kept; whom it is about is told apart |
| reaction, huddle | left out, counted for each person |
| message of a bot, system message, account without a person | left out, counted in all |

A message is identified by its conversation and `ts`, so exports that overlap store it once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lake.archives.items import DELETED, Concerns, Item, Of, Parts, Role, Unattributed, Withdrawn, iso
from lake.archives.json_files import an_object, entries, objects, text
from lake.archives.slack_files import Attachments, is_attachment, is_gone
from lake.archives.slack_text import attached, files, mentioned, quoted, quotes, words
from lake.archives.slack_workspace import Account, Conversation, Workspace
from lake.archives.zips import opened_zip
from lake.connectors.records import InvalidRecord, LeftOut, Quarantined, Record, content_of, identity

APPLICATION, SIGNAL = "Slack", "message"
TS = re.compile(r"(\d{1,11})(?:\.(\d{1,6}))?")
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (naive UTC)
OF_PEOPLE = frozenset(
    ("", "me_message", "thread_broadcast", "reply_broadcast", "file_share", "file_comment", "file_mention")
)
"""Subtypes of what people write; the others are messages of bots or of Slack itself."""
TOMBSTONE = "tombstone"
GONE = ("message_deleted", TOMBSTONE)
"""What is left of a deleted message; of the first message of a thread, also as what it was changed into."""
BOT, SYSTEM = "message of a bot", "system message"
STRANGER = "message of an account that isn't in users.json, such as one of another company"
NAMELESS = "message of an account whose e-mail address isn't known"


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
            attachments = Attachments(Path(location), file)
            for conversation, name, member in workspace.days():
                reading = _Reading(workspace.accounts, conversation, name, attachments)
                with file.reading(member) as content:
                    for entry in entries(content, name=name):
                        yield from reading.items(entry)


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

    def _message(self, line: int, message: dict[str, Any]) -> Iterator[Item]:
        [before] = objects([message.get("previous_message")]) or [{}]
        if text(message.get("subtype")) == "message_changed":
            message = an_object(message.get("message"))
        if text(message.get("subtype")) in GONE:
            yield from self._deleted(line, message, before)
        else:
            written = self._written(line, message)
            yield written
            yield from self._files(line, message, written)

    def _written(self, line: int, message: dict[str, Any]) -> Item:
        subtype = text(message.get("subtype"))
        if subtype == "bot_message" or (not _author(message) and text(message.get("bot_id"))):
            return Unattributed(BOT)
        if subtype not in OF_PEOPLE or text(message.get("type")) not in ("message", ""):
            return Unattributed(SYSTEM)
        if isinstance(whose := self._person(_author(message)), Unattributed):
            return whose
        edited = _edited_at(message)
        content = content_of(
            action=_action(message),
            message=words(message),
            files=files(message),
            element=_counted(quotes(message)),
            title=self._conversation.title,
            edited=edited,
        )
        return Of(whose, self._record(line, message, content, edited), self._concerns(whose, message))

    def _concerns(self, author: str, message: dict[str, Any]) -> Concerns:
        """Others whom the message mentions, quotes or answers; those whom we can't name are left out."""
        [root] = objects([message.get("root")]) or [{}]
        answered = text(message.get("parent_user_id")) or text(root.get("user"))
        named = [(user, Role.MENTIONED) for user in mentioned(message)]
        named += [(user, Role.QUOTED) for user in quoted(message)]
        named += [(answered, Role.ANSWERED)] if answered else []
        found = ((self._person(user), role) for user, role in named)
        return tuple(dict.fromkeys((who, role) for who, role in found if isinstance(who, str) and who != author))

    def _files(self, line: int, message: dict[str, Any], written: Item) -> Iterator[Item]:
        """The files of a message that have their content in the export; and which it has no longer."""
        listed = attached(message)
        if _edited_at(message) or any(is_gone(file) for file in listed):
            there = frozenset(text(file.get("id")) for file in listed if not is_gone(file))
            yield Parts(self._record(line, message, {"action": DELETED}, DELETED), there)
        if isinstance(written, Of) and isinstance(written.item, Record):
            for file in listed:
                item = self._attachments.item(written.person, _author(message), file, written.item)
                if item is not None:
                    yield item

    def _deleted(self, line: int, message: dict[str, Any], before: dict[str, Any]) -> Iterator[Item]:
        """A message that is deleted, with its files. `before`: as it was, if that is said."""
        of = message if text(message.get("subtype")) == TOMBSTONE else {"ts": message.get("deleted_ts")}
        record = self._record(line, of if of.get("ts") else before, {"action": DELETED}, DELETED)
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
                ts = text(message.get("ts"))
                known = identity("slack", self._conversation.id, ts, what, name, user)
                yield Of(whose, LeftOut(line, APPLICATION, what, _moment(ts), known))

    def _person(self, user: str) -> str | Unattributed:
        account = self._accounts.get(user)
        if account is None:
            return Unattributed(STRANGER)
        if account.bot:
            return Unattributed(BOT)
        return account.email or Unattributed(NAMELESS)

    def _record(self, line: int, message: dict[str, Any], content: dict[str, str], edition: str) -> Record:
        """A version of a message. Raises InvalidRecord."""
        ts = text(message.get("ts"))
        return Record(
            line=line,
            captured_at=_moment(ts),
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
    thread = text(message.get("thread_ts"))
    if text(message.get("subtype")) in ("thread_broadcast", "reply_broadcast"):
        return "reply, also sent to the channel"
    return "reply" if thread and thread != message.get("ts") else "message"


def _edited_at(message: dict[str, Any]) -> str:
    edited = message.get("edited")
    return iso(_moment(text(edited.get("ts")))) if isinstance(edited, dict) else ""


def _moment(ts: str) -> datetime:
    """Raises InvalidRecord."""
    if (found := TS.fullmatch(ts)) is None:
        raise InvalidRecord("the time can't be read")
    try:
        return EPOCH + timedelta(seconds=int(found[1]), microseconds=int((found[2] or "").ljust(6, "0")))
    except OverflowError as error:
        raise InvalidRecord("the time can't be read") from error


def _counted(number: int) -> str:
    return "" if not number else "quotes a message" if number == 1 else f"quotes {number} messages"


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
