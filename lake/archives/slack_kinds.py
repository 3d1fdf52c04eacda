"""The kinds of Slack's messages: what people write, and what is of bots or of Slack itself."""

from __future__ import annotations

import re

from lake.archives.items import Unattributed

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
