"""Who and what is in a Slack export: accounts, conversations, and the files of their days.

    users.json, org_users.json      the accounts (the second in exports of an Enterprise Grid organisation)
    channels.json                   public channels; the folder of one has its name
    groups.json                     private channels; likewise
    mpims.json                      messages of several people; likewise
    dms.json                        direct messages; the folder has their id
    NAME/2026-01-31.json            the messages of a day, or 2026-01-31-1.json, a part of them

The workspaces of an organisation have the same files below `teams/NAME/`. Every list is read wherever it is, and
applies to the folders beside it. A conversation keeps its id when it is
renamed. One that no list has is known by its folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from lake.archives.json_files import entries, objects, text
from lake.archives.slack_files import is_attachment
from lake.archives.zips import Member, SafeZip
from lake.connectors.records import InvalidSource, Quarantined

USERS = ("users.json", "org_users.json")
LISTS = {"channels.json": "", "groups.json": "private channel ", "mpims.json": "", "dms.json": ""}
TITLES = {"mpims.json": "Group message", "dms.json": "Direct message"}
"""Their names have the names of people."""
OTHERS = frozenset((
    "canvases.json", "canvas_in_the_conversation.json", "file_conversations.json", "huddle_transcripts.json",
    "integration_logs.json", "lists.json",
))  # fmt: skip
"""Files of exports that have no messages."""
DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ _-]?(?:\d{1,4}|\(\d{1,4}\)))?\.json")
"""A large day may be in parts, and a copy of one have a number behind it."""
LIST_PLACES = ("item", "members.item", "channels.item")
"""In a list as the export has it, or as the API answers it."""
ID = re.compile(r"[A-Z0-9]{3,30}")


@dataclass(frozen=True)
class Account:
    """`email`: in small letters; empty if the export doesn't say it."""

    email: str
    bot: bool


@dataclass(frozen=True)
class Conversation:
    """`id` stays when it is renamed. `title` is content."""

    id: str
    title: str


class Workspace:
    """The lists of an export. Raises InvalidSource if it is none."""

    def __init__(self, file: SafeZip, people: Mapping[str, str]) -> None:
        self._file = file
        self.accounts: dict[str, Account] = {}
        self.quarantined: list[Quarantined] = []
        self._conversations: dict[tuple[str, str], Conversation] = {}
        every = [(PurePosixPath(member.filename), member) for member in file.members]
        paths = [(path, member) for path, member in every if not is_attachment(path)]
        lists = [(path, member) for path, member in paths if _kind(path) in (*USERS, *LISTS)]
        if not any(_kind(path) in USERS for path, _ in lists):
            raise InvalidSource(
                "This is not an export of a Slack workspace: it has no users.json or org_users.json. Nothing was"
                " changed. Check the format name, and use the ZIP file as Slack made it."
            )
        for path, member in lists:
            for entry in self._entries(member):
                if _kind(path) in USERS:
                    self._add_account(entry, people)
                else:
                    self._add_conversation(path, entry)
        days = [(path, member) for path, member in paths if DAY.fullmatch(_kind(path)) and len(path.parts) > 1]
        self._days = sorted(days, key=lambda each: (_kind(each[0]), str(each[0])))
        read = {member.filename for _, member in (*lists, *days)}
        self.skipped = [
            f"{self._shown(path)}{path.name}" for path, member in paths if member.filename not in read and _is_odd(path)
        ]
        """Files of which it isn't known what they have."""

    def days(self) -> Iterator[tuple[Conversation, str, Member]]:
        """(conversation, name of the file for people, file) of each day, the oldest first."""
        for number, (path, member) in enumerate(self._days, start=1):
            folder = path.parent
            known = self._conversations.get((str(folder.parent), folder.name))
            shown = self._shown(path) or f"folder {number}/"
            yield known or Conversation(folder.name, _title(folder.name)), f"{shown}{path.name}", member

    def _shown(self, path: PurePosixPath) -> str:
        """The folder of a file, as the id of its conversation; empty if that isn't known."""
        known = self._conversations.get((str(path.parent.parent), path.parent.name))
        folder = known.id if known else path.parent.name
        return f"{folder}/" if known or ID.fullmatch(folder) else ""

    def _entries(self, member: Member) -> Iterator[dict[str, Any]]:
        name = PurePosixPath(member.filename).name
        with self._file.reading(member) as content:
            for entry in entries(content, name, LIST_PLACES):
                if isinstance(entry, Quarantined):
                    self.quarantined.append(entry)
                elif isinstance(entry[1], dict):
                    yield entry[1]
                else:
                    self.quarantined.append(Quarantined(entry[0], "not an object", file=name))

    def _add_account(self, entry: dict[str, Any], people: Mapping[str, str]) -> None:
        account = text(entry.get("id"))
        [profile] = objects([entry.get("profile")]) or [{}]
        email = people.get(account) or text(profile.get("email"))
        bot = entry.get("is_bot") is True or account == "USLACKBOT"
        if account and not (account in self.accounts and not email):
            self.accounts[account] = Account(email.strip().lower(), bot)

    def _add_conversation(self, path: PurePosixPath, entry: dict[str, Any]) -> None:
        conversation, name = text(entry.get("id")), text(entry.get("name"))
        if conversation:
            title = TITLES.get(_kind(path)) or f"{LISTS[_kind(path)]}#{name or conversation}"
            for folder in filter(None, (name, conversation)):
                self._conversations.setdefault((str(path.parent), folder), Conversation(conversation, title))


def _kind(path: PurePosixPath) -> str:
    """By its name, in small letters."""
    return path.name.lower()


def _is_odd(path: PurePosixPath) -> bool:
    """Whether it might have messages, as a file of JSON that an export hasn't at this place."""
    hidden = path.name.startswith(".") or "__MACOSX" in path.parts
    return ".json" in _kind(path) and _kind(path) not in OTHERS and not hidden


def _title(folder: str) -> str:
    return "Conversation" if folder.startswith("mpdm-") or ID.fullmatch(folder) else f"#{folder}"
