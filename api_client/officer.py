"""A privacy officer's calls to the governance API: `GovernanceClient.officer`.

For anyone else each call raises Forbidden, whether the requested object exists or not. People whose requests or holds
are viewed see that in their access log.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

from api_client.decoding import decode
from api_client.listing import USUAL_PAGE, Listing, fetch_page
from api_client.models import (
    Health,
    Letter,
    LetterInForce,
    LinkDecisions,
    NoteOpening,
    OfficerHold,
    OfficerLink,
    OfficerModel,
    OfficerRequest,
    OfficerViolation,
    Scope,
    TrainingExport,
    TrainingLease,
)
from api_client.sending import Sender, json_of


class Officer:
    """A privacy officer's calls. See `GovernanceClient` for the errors that every call may raise."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def requests(self, *, open_only: bool = True, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[OfficerRequest]:
        """Everyone's requests, the one due first at the top; including ended ones unless `open_only`."""
        wanted = {"open": "true" if open_only else "false"}
        return fetch_page(self._sender, OfficerRequest, "/v1/officer/requests", offset=offset, limit=limit, **wanted)

    def health(self) -> Health:
        """The health of Open Book's parts, and what to do about problems."""
        return decode(Health, json_of(self._sender.send("GET", "/v1/officer/health")))

    def note(self, request_id: UUID | str) -> str:
        """The note of a rectification that waits for a decision, if `note_shared`, or that two officers opened. Its
        writer sees that it was read.

        Raises Conflict otherwise.
        """
        path = f"/v1/officer/requests/{quote(str(request_id), safe='')}/note"
        return str(json_of(self._sender.send("GET", path))["note"])

    def ask_for_note(self, request_id: UUID | str, reason: str, hours: int) -> NoteOpening:
        """Ask to read a note whose writer didn't allow it: `reason` "decision" or "legal_case". Another officer has to
        approve.

        Raises Conflict if that was asked for already, or there is no note.
        """
        path = f"/v1/officer/requests/{quote(str(request_id), safe='')}/note/openings"
        body = {"reason": reason, "hours": hours}
        return decode(NoteOpening, json_of(self._sender.send("POST", path, repeatable=False, json=body)))

    def approve_note(self, opening: UUID | str) -> NoteOpening:
        """Let the officer who asked, and yourself, read the note until the hours are over. Raises Forbidden for who
        asked, Conflict if it has ended.
        """
        path = f"/v1/officer/note-openings/{quote(str(opening), safe='')}/approval"
        return decode(NoteOpening, json_of(self._sender.send("POST", path)))

    def decide(self, request_id: UUID | str, decision: str, reason: str | None = None) -> OfficerRequest:
        """Decide a request: "approve", or "deny" or "extend" for a `reason` from the list in docs/api.md.

        Not repeated automatically if no answer arrives: check the request first. Raises Conflict if that decision is
        not possible (any more).
        """
        body: dict[str, Any] = {"decision": decision} | ({"reason": reason} if reason is not None else {})
        path = f"/v1/requests/{quote(str(request_id), safe='')}/decision"
        return decode(OfficerRequest, json_of(self._sender.send("POST", path, repeatable=False, json=body)))

    def holds(self, *, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[OfficerHold]:
        """The legal holds: those in force, then lifted ones; newest first within each group."""
        return fetch_page(self._sender, OfficerHold, "/v1/holds", offset=offset, limit=limit)

    def place_hold(
        self, employee: str, *, case: str, exception: str, review_on: date, scope: Scope | None
    ) -> OfficerHold:
        """Keep records of an employee, named by e-mail address, from being deleted. `scope`: which; None: all.

        `case` is a reference (never a description), `exception` a code from the list in docs/api.md. Not repeated
        automatically if no answer arrives: check the holds first. Raises Invalid.
        """
        body = {
            "employee": employee,
            **({"everything": True} if scope is None else {"scope": scope.as_json()}),
            "case": case,
            "exception": exception,
            "review_on": review_on.isoformat(),
        }
        return decode(OfficerHold, json_of(self._sender.send("POST", "/v1/holds", repeatable=False, json=body)))

    def lift_hold(self, hold: UUID | str) -> OfficerHold:
        """Lift a hold; erasures that it withheld continue automatically. Lifting it again changes nothing."""
        path = f"/v1/holds/{quote(str(hold), safe='')}"
        return decode(OfficerHold, json_of(self._sender.send("DELETE", path)))

    def links(self, *, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[OfficerLink]:
        """People whose address has another `sub` in the HR system's file, and no decision yet; the oldest first."""
        return fetch_page(self._sender, OfficerLink, "/v1/officer/links", offset=offset, limit=limit)

    def decide_link(self, proposal: UUID | str, decision: str) -> None:
        """Decide who has the new `sub`: the "same" person, who keeps their data, or an "other" one, who gets none.

        Raises NotFound if it is decided already, Conflict if another decision was recorded but not carried out.
        """
        path = f"/v1/officer/links/{quote(str(proposal), safe='')}/decision"
        self._sender.send("POST", path, json={"decision": decision})

    def decide_links(self, proposals: Iterable[UUID], decision: str) -> LinkDecisions:
        """The same decision about up to 100 proposals; `left_open` says which were not decided, and why."""
        body = {"proposals": [str(proposal) for proposal in proposals], "decision": decision}
        return decode(LinkDecisions, json_of(self._sender.send("POST", "/v1/officer/links/decisions", json=body)))

    def letters(self, *, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[LetterInForce]:
        """The letters whose codes open something now, the one that ends first at the top."""
        return fetch_page(self._sender, LetterInForce, "/v1/officer/letters", offset=offset, limit=limit)

    def make_letter(self, employee: str, days: int = 30) -> Letter:
        """A code for somebody who has left, by their e-mail address; an earlier one ends. Not repeated automatically.

        Raises NotFound if nobody has that address, Conflict if the person works here.
        """
        body = {"employee": employee, "days": days}
        return decode(Letter, json_of(self._sender.send("POST", "/v1/officer/letters", repeatable=False, json=body)))

    def end_letter(self, letter: UUID | str) -> None:
        """End a letter, and every sign-in with its code. Raises NotFound if it has ended already."""
        self._sender.send("DELETE", f"/v1/officer/letters/{quote(str(letter), safe='')}", repeatable=False)

    def training_exports(self, *, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[TrainingExport]:
        """Which programs asked for the records of which dataset versions, where that needs your approval."""
        return fetch_page(self._sender, TrainingExport, "/v1/officer/training-exports", offset=offset, limit=limit)

    def approve_training(self, export: UUID | str) -> TrainingExport:
        """Let the program read the records until `ends_at`; again changes nothing. Raises NotFound, Conflict."""
        return decode(TrainingExport, json_of(self._sender.send("PUT", _training(export))))

    def end_training(self, export: UUID | str) -> TrainingExport:
        """End an approval now; again changes nothing. Raises NotFound."""
        return decode(TrainingExport, json_of(self._sender.send("DELETE", _training(export))))

    def leases(self, *, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[TrainingLease]:
        """What programs may read as files for some hours, first what has not ended."""
        return fetch_page(self._sender, TrainingLease, "/v1/officer/leases", offset=offset, limit=limit)

    def end_lease(self, lease: UUID | str) -> TrainingLease:
        """End a lease now: its files are deleted; again changes nothing. Raises NotFound."""
        path = f"/v1/officer/leases/{quote(str(lease), safe='')}"
        return decode(TrainingLease, json_of(self._sender.send("DELETE", path)))

    def models(self, *, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[OfficerModel]:
        """The model versions: how many people's withdrawn records each has, and what is planned."""
        return fetch_page(self._sender, OfficerModel, "/v1/officer/models", offset=offset, limit=limit)

    def plan_model(self, model_version: UUID | str, plan: str, by: date | None = None) -> OfficerModel:
        """Plan what happens to a model version: "retrain", "exclude" or "retire" `by` a date that people are promised,
        or "none". Repeating the same plan changes nothing. Raises NotFound, Invalid.
        """
        body = {"plan": plan} | ({} if by is None else {"by": by.isoformat()})
        path = f"/v1/officer/models/{quote(str(model_version), safe='')}/plan"
        return decode(OfficerModel, json_of(self._sender.send("PUT", path, json=body)))

    def violations(self, *, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[OfficerViolation]:
        """Runs that used data without permission, newest first: how many people are affected, not who."""
        return fetch_page(self._sender, OfficerViolation, "/v1/officer/violations", offset=offset, limit=limit)


def _training(export: UUID | str) -> str:
    return f"/v1/officer/training-exports/{quote(str(export), safe='')}/approval"
