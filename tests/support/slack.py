"""Makes Slack exports as Slack makes them: a ZIP file with lists and a folder of days for each conversation."""

from __future__ import annotations

import json
import random
import zipfile
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

BEGIN = 1767600000  # 5 January 2026, 8:00 UTC
Message = dict[str, Any]


class Workspace:
    """Accounts, conversations and messages; `write` makes the export of them as they are then."""

    def __init__(self) -> None:
        self.users: list[dict[str, Any]] = [{"id": "USLACKBOT", "name": "slackbot", "profile": {}}]
        self.lists: dict[str, list[dict[str, Any]]] = {
            name: [] for name in ("channels.json", "groups.json", "mpims.json", "dms.json")
        }
        self.messages: dict[str, list[Any]] = defaultdict(list)
        self._ts = BEGIN

    def user(self, number: int, email: str | None, **fields: Any) -> str:
        user = f"U{number:08}"
        profile = {"real_name": f"Real Name {number}", **({"email": email} if email else {})}
        self.users.append(
            {"id": user, "team_id": "T1", "deleted": False, "is_bot": False, "profile": profile, **fields}
        )
        return user

    def conversation(self, listed: str, conversation: str, name: str = "", members: tuple[str, ...] = ()) -> str:
        """Its folder."""
        entry = {"id": conversation, "created": BEGIN, "members": list(members)}
        self.lists[listed].append({**entry, "name": name} if name else entry)
        return name or conversation

    def say(self, folder: str, user: str, text: str, **fields: Any) -> Message:
        self._ts += 61
        message = {"type": "message", "user": user, "text": text, "ts": f"{self._ts}.{len(self.messages):06}", **fields}
        self.messages[folder].append(message)
        return message

    def write(self, file: Path, *, users: str = "users.json", below: str = "") -> Path:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as export:
            export.writestr(users, json.dumps(self.users))
            for name, entries in self.lists.items():
                export.writestr(below + name, json.dumps(entries))
            for folder, messages in self.messages.items():
                days: dict[str, list[Any]] = defaultdict(list)
                for message in messages:
                    days[_day(message)].append(message)
                for day, of_day in days.items():
                    export.writestr(f"{below}{folder}/{day}.json", json.dumps(of_day, indent=1))
        return file


def _day(message: Any) -> str:
    ts = message.get("ts") if isinstance(message, dict) else None
    return f"{datetime.fromtimestamp(float(ts) if isinstance(ts, str) else BEGIN, UTC):%Y-%m-%d}"


def company(people: int, messages: int, seed: int = 7) -> tuple[Workspace, list[str]]:
    """A workspace of so many people (`p0@example.com`, …) with edits, deletions, mentions, bots and outsiders."""
    chance = random.Random(seed)
    space = Workspace()
    users = [space.user(number, f"p{number}@example.com") for number in range(people)]
    bot = space.user(9_000_001, None, is_bot=True)
    folders = [space.conversation("channels.json", f"C{n:08}", f"room-{n}") for n in range(max(2, people // 10))]
    folders += [space.conversation("groups.json", f"G{n:08}", f"secret-{n}") for n in range(3)]
    folders += [space.conversation("dms.json", f"D{n:08}", members=(users[n], users[n + 1])) for n in range(people - 1)]
    folders.append(space.conversation("mpims.json", "G99999999", "mpdm-p0--p1--p2-1", tuple(users[:3])))
    for number in range(messages):
        folder, author = chance.choice(folders), chance.choice(users)
        kind = chance.random()
        if kind < 0.05:
            space.say(folder, bot, "build failed", subtype="bot_message", bot_id="B1")
        elif kind < 0.08:
            space.say(folder, author, f"<@{author}> has joined the channel", subtype="channel_join")
        elif kind < 0.10:
            space.say(folder, "U_ELSEWHERE", "hello from another company")
        elif kind < 0.14:
            said = space.say(folder, author, f"edited {number}")
            said["edited"] = {"user": author, "ts": f"{float(said['ts']) + 60:.6f}"}
        elif kind < 0.16:
            space.say(folder, "USLACKBOT", "This message was deleted.", subtype="tombstone", hidden=True)
        else:
            mention = f" <@{chance.choice(users)}>" if chance.random() < 0.2 else ""
            space.say(folder, author, f"message {number}{mention}")
    return space, users


def written_by(file: Path) -> Counter[str]:
    """Messages of each account in an export, counted without any code of ours."""
    counted: Counter[str] = Counter()
    with zipfile.ZipFile(file) as export:
        for name in export.namelist():
            if "/20" in name:
                for message in json.loads(export.read(name)):
                    if message.get("subtype") is None:
                        counted[message["user"]] += 1
    return counted
