"""What a privacy officer can ask of the governance API: `GovernanceClient.officer`.

For anybody else each call raises Forbidden, whether what it asks for exists or not. Whoever's requests or holds are
looked at finds that in their access log.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

from api_client.decoding import decode
from api_client.listing import USUAL_PAGE, Listing, fetch_page
from api_client.models import Health, OfficerHold, OfficerModel, OfficerRequest, OfficerViolation, Scope
from api_client.sending import Sender, json_of


class Officer:
    """The calls of a privacy officer. See `GovernanceClient` for the errors that every call may raise."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def requests(self, *, open_only: bool = True, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[OfficerRequest]:
        """Everybody's requests, the one due first at the top; those that have ended, too, unless `open_only`."""
        wanted = {"open": "true" if open_only else "false"}
        return fetch_page(self._sender, OfficerRequest, "/v1/officer/requests", offset=offset, limit=limit, **wanted)

    def health(self) -> Health:
        """How the parts of Open Book are, and what is to be done about them."""
        return decode(Health, json_of(self._sender.send("GET", "/v1/officer/health")))

    def decide(self, request_id: UUID | str, decision: str, reason: str | None = None) -> OfficerRequest:
        """Decide about a request: "approve", or "deny" or "extend" for a `reason` from the list in docs/api.md.

        Not sent again by itself when no answer comes: look at the request first. Raises Conflict where it can't be
        decided so (any more).
        """
        body: dict[str, Any] = {"decision": decision} | ({"reason": reason} if reason is not None else {})
        path = f"/v1/requests/{quote(str(request_id), safe='')}/decision"
        return decode(OfficerRequest, json_of(self._sender.send("POST", path, repeatable=False, json=body)))

    def holds(self, *, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[OfficerHold]:
        """The legal holds: those in force first, then the lifted ones; of each the newest first."""
        return fetch_page(self._sender, OfficerHold, "/v1/holds", offset=offset, limit=limit)

    def place_hold(
        self, employee: str, *, case: str, exception: str, review_on: date, scope: Scope | None = None
    ) -> OfficerHold:
        """Keep captures of an employee, named by e-mail address, from being deleted.

        `case` is a reference (never a description), `exception` a code from the list in docs/api.md. Not sent again
        by itself when no answer comes: look at the holds first. Raises Invalid.
        """
        body = {
            "employee": employee,
            "scope": (scope or Scope()).as_json(),
            "case": case,
            "exception": exception,
            "review_on": review_on.isoformat(),
        }
        return decode(OfficerHold, json_of(self._sender.send("POST", "/v1/holds", repeatable=False, json=body)))

    def lift_hold(self, hold: UUID | str) -> OfficerHold:
        """Lift a hold; erasures that it withheld go on by themselves. Lifting it again changes nothing."""
        path = f"/v1/holds/{quote(str(hold), safe='')}"
        return decode(OfficerHold, json_of(self._sender.send("DELETE", path)))

    def models(self, *, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[OfficerModel]:
        """The model versions: of how many people each has captures that were withdrawn since, and what is planned."""
        return fetch_page(self._sender, OfficerModel, "/v1/officer/models", offset=offset, limit=limit)

    def plan_model(self, model_version: UUID | str, plan: str, by: date | None = None) -> OfficerModel:
        """Plan what becomes of a model version: "retrain", "exclude" or "retire" `by` a day that people are promised,
        or "none". The same again changes nothing. Raises NotFound, Invalid."""
        body = {"plan": plan} | ({} if by is None else {"by": by.isoformat()})
        path = f"/v1/officer/models/{quote(str(model_version), safe='')}/plan"
        return decode(OfficerModel, json_of(self._sender.send("PUT", path, json=body)))

    def violations(self, *, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[OfficerViolation]:
        """Runs that read what they must not have read, newest first: of how many people, not of whom."""
        return fetch_page(self._sender, OfficerViolation, "/v1/officer/violations", offset=offset, limit=limit)
