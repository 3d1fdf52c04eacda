"""Views of the dashboard that you saved: `GovernanceClient.views`."""

from __future__ import annotations

from uuid import UUID, uuid4

from api_client.decoding import decode
from api_client.models.saved_views import SavedView
from api_client.sending import Sender, json_of

PATH = "/v1/me/views"


class SavedViews:
    """See `GovernanceClient` for the errors that every call may raise."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def all(self) -> tuple[SavedView, ...]:
        """By name; at most 50."""
        return tuple(decode(SavedView, each) for each in json_of(self._sender.send("GET", PATH)))

    def save(self, name: str, page: str, query: str, *, view: UUID | str | None = None) -> SavedView:
        """Save what `query` (as in an address, without `?`) selects on a page: as a new view, or in place of `view`.
        Raises Conflict if another view has the name, or there are 50, and Invalid."""
        body = {"name": name, "page": page, "query": query}
        return decode(SavedView, json_of(self._sender.send("PUT", f"{PATH}/{view or uuid4()}", json=body)))

    def delete(self, view: UUID | str) -> None:
        """It may be gone already."""
        self._sender.send("DELETE", f"{PATH}/{view}")
