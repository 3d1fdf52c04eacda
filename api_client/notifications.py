"""What you were told, and how you want to be told: `GovernanceClient.notifications`."""

from __future__ import annotations

from collections.abc import Collection

from api_client.decoding import decode
from api_client.listing import USUAL_PAGE, Listing, fetch_page
from api_client.models.notifications import Notification, NotificationChoice
from api_client.sending import Sender, json_of

PATH = "/v1/me/notifications"


class Notifications:
    """See `GovernanceClient` for the errors that every call may raise."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def page(self, *, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[Notification]:
        """What you were told in the last 90 days, the newest first."""
        return fetch_page(self._sender, Notification, PATH, offset=offset, limit=limit)

    def see(self, newest: int) -> None:
        """Mark what you were told as seen, up to the one with this id."""
        self._sender.send("PUT", f"{PATH}/seen", json={"newest": newest})

    def choice(self) -> NotificationChoice:
        """How you are told."""
        return decode(NotificationChoice, json_of(self._sender.send("GET", f"{PATH}/settings")))

    def choose(
        self,
        app: Collection[str],
        mail: Collection[str],
        language: str | None = None,
        chat: Collection[str] | None = None,
    ) -> NotificationChoice:
        """Choose what you are told about in the app, what by e-mail or in Slack or Teams, and in which language.
        `language`, `chat` None: as before."""
        in_chat = None if chat is None else sorted(chat)
        body = {"app": sorted(app), "mail": sorted(mail), "language": language, "chat": in_chat}
        return decode(NotificationChoice, json_of(self._sender.send("PUT", f"{PATH}/settings", json=body)))

    def connect_chat(self, webhook: str) -> NotificationChoice:
        """Be told in Slack or Teams, too. The webhook gets a first message now. Raises Invalid if it doesn't take
        it, or isn't of a host that the installation allows; nothing is changed then."""
        answer = self._sender.send("PUT", f"{PATH}/chat", json={"webhook": webhook})
        return decode(NotificationChoice, json_of(answer))

    def disconnect_chat(self) -> NotificationChoice:
        """Be told in Slack or Teams no more. Safe to repeat."""
        return decode(NotificationChoice, json_of(self._sender.send("DELETE", f"{PATH}/chat")))
