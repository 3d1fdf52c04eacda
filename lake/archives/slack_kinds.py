"""What a Slack message is, and when it is from.

Of kinds, there is what people write, and what is of bots or of Slack itself. Times, `1767600061.000100`, are seconds
since 1970, and also tell the messages of a conversation apart; some tools write them as numbers of JSON.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from lake.archives.items import Unattributed, iso
from lake.archives.json_files import text
from lake.archives.slack_text import words
from lake.connectors.records import InvalidRecord

OF_PEOPLE = frozenset(
    ("", "me_message", "thread_broadcast", "reply_broadcast", "file_share", "file_comment", "file_mention")
)
"""Subtypes of what people write."""
TOMBSTONE = "tombstone"
GONE = ("message_deleted", TOMBSTONE)
"""What is left of a deleted message; of the first message of a thread, also as what it was changed into."""
GONE_WORDS = "This message was deleted."
SLACKBOT = "USLACKBOT"
OF_SLACK = frozenset((
    "app_conversation_join", "app_conversation_leave", "assistant_app_thread", "bot_add", "bot_disable", "bot_enable",
    "bot_remove", "channel_archive", "channel_canvas_updated", "channel_convert_to_private",
    "channel_convert_to_public", "channel_join", "channel_leave", "channel_name", "channel_posting_permissions",
    "channel_purpose", "channel_topic", "channel_unarchive", "document_mention", "ekm_access_denied",
    "group_archive", "group_close", "group_join", "group_leave", "group_name", "group_open", "group_purpose",
    "group_topic", "group_unarchive", "huddle_thread", "joiner_notification", "joiner_notification_for_inviter",
    "list_record_comment", "message_replied", "pinned_item", "reminder_add", "reminder_delete", "sh_room_created",
    "sh_room_shared", "slackbot_response", "tabbed_canvas_updated", "unpinned_item",
))  # fmt: skip
"""Subtypes of what Slack writes, also in somebody's name."""
BOT, SYSTEM = "message of a bot", "system message"
UNKNOWN = "message of a kind that isn't known, so that it may not be its author's words"
PLAIN = re.compile(r"[a-z_]{1,40}")


def of_no_person(kind: str, subtype: str, *, by_bot: bool) -> Unattributed | None:
    """What a message is that isn't one of a person; None if it is. `kind`: its `type`."""
    if subtype == "bot_message" or by_bot:
        return Unattributed(BOT)
    if kind not in ("message", "") or subtype in OF_SLACK:
        return Unattributed(SYSTEM)
    if subtype not in OF_PEOPLE:
        return Unattributed(f"{UNKNOWN}: {subtype}" if PLAIN.fullmatch(subtype) else UNKNOWN)
    return None


TS = re.compile(r"(\d{1,11})(?:\.(\d{1,6}))?")
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (naive UTC)
NEVER = 10**11


def ts_of(message: dict[str, Any], name: str = "ts") -> str:
    """As Slack writes it; empty if there is none."""
    value = message.get(name)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and 0 <= value < NEVER:
        return f"{value:.6f}"
    return text(value)


def moment_of(ts: str) -> datetime:
    """Naive UTC. Raises InvalidRecord."""
    if (found := TS.fullmatch(ts)) is None:
        raise InvalidRecord("the time can't be read")
    try:
        return EPOCH + timedelta(seconds=int(found[1]), microseconds=int((found[2] or "").ljust(6, "0")))
    except OverflowError as error:
        raise InvalidRecord("the time can't be read") from error


def edited_at(message: dict[str, Any], before: dict[str, Any], changed: str) -> str:
    """When it was edited, as text that sorts; empty if it wasn't. `before`, `changed`: of the event that says so, if
    there is one, the message as it was and the time. If no time is said, an edit is no older than its message."""
    edited = message.get("edited")
    if isinstance(edited, dict) and TS.fullmatch(ts := ts_of(edited)):
        return iso(moment_of(ts))
    if edited or (changed and words(message) != words(before)):
        return iso(moment_of(changed or ts_of(message)))
    return ""
