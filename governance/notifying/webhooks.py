"""Messages to incoming webhooks of Slack or Teams: one text, and nothing of the answer but whether it was taken."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import orjson

import outgoing

LARGEST, SILENCE, SECONDS = 1 << 16, 10.0, 15.0
CARDS = (".logic.azure.com", ".powerplatform.com")
"""Hosts of Teams' workflows, which take an Adaptive Card; Slack and older webhooks of Teams take a text."""
GONE = frozenset({403, 404, 410})
"""What both answer for a webhook that was removed."""
NO_ANSWER = 0


def post(url: str, text: str) -> int:
    """The status of the answer; `NO_ANSWER` if none came in time."""
    body = orjson.dumps(_card(text) if host_of(url).endswith(CARDS) else {"text": text})
    headers = {"Content-Type": "application/json"}
    try:
        with outgoing.call("POST", url, headers, body, largest=LARGEST, silence=SILENCE, seconds=SECONDS) as answer:
            return answer.status
    except outgoing.CallFailed:
        return NO_ANSWER


def is_taken(status: int) -> bool:
    return 200 <= status < 300


def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _card(text: str) -> dict[str, Any]:
    lines = [{"type": "TextBlock", "text": line, "wrap": True} for line in text.splitlines()]
    content = {"type": "AdaptiveCard", "version": "1.4", "body": lines}
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": content}],
    }
