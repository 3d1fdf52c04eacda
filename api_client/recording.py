"""Pausing the recording of your work: `GovernanceClient.recording`."""

from __future__ import annotations

from typing import Any

from api_client.decoding import decode
from api_client.models.recording import Recording
from api_client.sending import Sender, json_of

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

    def _send(self, method: str, path: str, **content: Any) -> Recording:
        return decode(Recording, json_of(self._sender.send(method, path, **content)))
