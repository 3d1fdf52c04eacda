"""Why a privacy officer decides: codes with fixed texts, so no personal data can be written there.

An approval needs no reason. An extension and a denial name one, and a denial says how to appeal.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from languages import mark
from law.regimes import regime
from settings import settings


class Decision(StrEnum):
    APPROVE = "approve"
    DENY = "deny"
    EXTEND = "extend"


class Reason(StrEnum):
    COMPLEX = "complex"
    MANY_REQUESTS = "many_requests"
    MANIFESTLY_UNFOUNDED = "manifestly_unfounded"
    EXCESSIVE = "excessive"
    IDENTITY_NOT_CONFIRMED = "identity_not_confirmed"
    LEGAL_OBLIGATION = "legal_obligation"
    LEGAL_CLAIMS = "legal_claims"
    OTHERS_RIGHTS = "others_rights"


class NoteReason(StrEnum):
    """Why a note is read without its writer's consent."""

    DECISION = "decision"
    LEGAL_CASE = "legal_case"


NOTE_WORDS: dict[NoteReason, str] = {
    NoteReason.DECISION: mark("your request can't be decided without it"),
    NoteReason.LEGAL_CASE: mark("it is needed in a legal case"),
}
"""They follow the word "because"."""

REASONS: dict[Decision, tuple[Reason, ...]] = {
    Decision.APPROVE: (),
    Decision.EXTEND: (Reason.COMPLEX, Reason.MANY_REQUESTS),
    Decision.DENY: (
        Reason.MANIFESTLY_UNFOUNDED,
        Reason.EXCESSIVE,
        Reason.IDENTITY_NOT_CONFIRMED,
        Reason.LEGAL_OBLIGATION,
        Reason.LEGAL_CLAIMS,
        Reason.OTHERS_RIGHTS,
    ),
}
"""Which reasons fit which decision."""

SENTENCES: dict[Reason, str] = {
    Reason.COMPLEX: mark(
        "This takes longer than the first deadline, because what was asked for is complex and takes longer to do "
        "properly."
    ),
    Reason.MANY_REQUESTS: mark(
        "This takes longer than the first deadline, because more requests, from everyone together, have to be answered "
        "than the first deadline allows."
    ),
    Reason.MANIFESTLY_UNFOUNDED: mark("This request was denied, because it is manifestly unfounded."),
    Reason.EXCESSIVE: mark(
        "This request was denied, because it is manifestly excessive, for example because it repeats earlier requests "
        "of the same person."
    ),
    Reason.IDENTITY_NOT_CONFIRMED: mark(
        "This request was denied, because it could not be confirmed who it comes from."
    ),
    Reason.LEGAL_OBLIGATION: mark(
        "This request was denied, because a law requires your employer to continue as before."
    ),
    Reason.LEGAL_CLAIMS: mark(
        "This request was denied, because it concerns what is needed to establish, exercise or defend legal claims."
    ),
    Reason.OTHERS_RIGHTS: mark(
        "This request was denied, because it would adversely affect the rights and freedoms of others."
    ),
}
APPROVED = mark("A privacy officer approved this request.")


def words_of(reason: Reason | None) -> str:
    """The decision as a sentence, which is marked: for the person who filed the request, and for the officer who
    chooses it. No reason: it was approved."""
    return APPROVED if reason is None else SENTENCES[reason]


USUAL_CONTACT = mark("your company's data protection officer")
"""The default of `OPENBOOK_APPEAL_CONTACT`."""


def appeal(key: str, t: Callable[..., str] = str.format) -> str:
    """How to appeal a denial, by the key of the regime; `t` translates."""
    rules = regime(key)
    contact = settings().appeal_contact
    return t(
        "You can have this reviewed: contact {contact}. You can also complain to {authority}. {terms}",
        contact=t(USUAL_CONTACT) if contact == USUAL_CONTACT else contact,
        authority=settings().supervisory_authority or t(rules.authority),
        terms=t(rules.appeal_terms),
    )
