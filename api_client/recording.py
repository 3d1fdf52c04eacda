"""What you were told about recording, pausing it, and which recorders run: `GovernanceClient.recording`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from api_client.decoding import decode
from api_client.models.recording import Notice, PauseHours, Recorders, Recording
from api_client.sending import Sender, json_of

NOTICES = "/v1/me/notices"
PAUSE = "/v1/me/pause"


class Recordings:
    """See `GovernanceClient` for the errors that every call may raise."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def state(self) -> Recording:
        """Whether a pause is in force, and your pauses so far."""
        return self._send("GET", "/v1/me/recording")

    def pause(self, minutes: int | None = None) -> Recording:
        """Pause for so many minutes from now, or until tomorrow. Raises Forbidden if pauses aren't allowed."""
        return self._send("PUT", PAUSE, json={"until": "tomorrow"} if minutes is None else {"minutes": minutes})

    def resume(self) -> Recording:
        """End the pause."""
        return self._send("DELETE", PAUSE)

    def set_hours(self, hours: Iterable[PauseHours]) -> Recording:
        """Pause in these hours every week, instead of those set before. Raises Forbidden if they aren't allowed, and
        Invalid if they overlap or are too many."""
        wanted = [{"days": list(each.days), "begins": each.begins, "ends": each.ends} for each in hours]
        return self._send("PUT", f"{PAUSE}/hours", json={"hours": wanted})

    def recorders(self) -> Recorders:
        """Which recorders say that they run for you."""
        return decode(Recorders, json_of(self._sender.send("GET", "/v1/me/recorders")))

    def notices(self) -> tuple[Notice, ...]:
        """What you were told about capture policies: the newest 100, the newest first."""
        return decode(tuple[Notice, ...], json_of(self._sender.send("GET", NOTICES, params={"limit": 100})))

    def acknowledge(self, notice: UUID, sha256: str) -> Notice:
        """Say that you read a notice with this text. Raises Conflict if it has another one."""
        path = f"{NOTICES}/{notice}/acknowledgement"
        return decode(Notice, json_of(self._sender.send("PUT", path, json={"sha256": sha256})))

    def consent(self, notice: UUID, sha256: str) -> Notice:
        """Consent to a notice with this text. Raises Conflict if it has another one, or needs no consent."""
        path = f"{NOTICES}/{notice}/consent"
        return decode(Notice, json_of(self._sender.send("PUT", path, json={"sha256": sha256})))

    def withdraw_consent(self, notice: UUID) -> Notice:
        """Withdraw your consent to the policy of a notice."""
        return decode(Notice, json_of(self._sender.send("DELETE", f"{NOTICES}/{notice}/consent")))

    def _send(self, method: str, path: str, **content: Any) -> Recording:
        return decode(Recording, json_of(self._sender.send(method, path, **content)))
