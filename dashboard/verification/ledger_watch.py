"""Checks once a visit that the ledger has only grown since the person's last visit.

The API stores the head that the person saw last. A consistency proof has to lead from it to the current head, and the
verifier checks that proof. If it fails, the stored head is kept as evidence, and every page shows a warning for the
rest of the visit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

import verifier
from api_client import GovernanceClient
from api_client.errors import GovernanceError, NotFound
from dashboard.language import t, tn
from dashboard.moments import Zone, moment_words
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from languages import mark
from law.regimes import regime

WHAT_IT_IS = mark(
    "Every request, decision and deletion leaves a sealed fingerprint in one list, in order. Anybody can read the "
    "list, but what a fingerprint means is known only to your employer's system and to those who have the receipt. "
    "It grows at fixed times by a fixed number, most of it padding, so its size doesn't say when somebody asks for "
    "something. What you saw last is kept on the server. To check the list without trusting it, keep a receipt."
)
_WATCHED = "ledger_watched"


@dataclass(frozen=True)
class Watched:
    """The result of the comparison. `fault`: how the ledger was changed, or None."""

    size: int
    root: str = ""
    since: datetime | None = None
    grown: int = 0
    fault: str | None = None


def compare(
    checkpoint: str, key: str, *, seen: tuple[int, str, datetime | None] | None, proof: Sequence[str]
) -> Watched:
    """Checks the current head's signature, and that it continues the head seen before (size, root as hex, when)."""
    try:
        head = verifier.Checkpoint.parse(checkpoint)
        if not head.signed_by(verifier.Key.parse(key)):
            return Watched(head.size, fault=verifier.FAULTS["checkpoint signature"])
        if seen is None:
            return Watched(head.size, head.root.hex())
        size, root, since = seen
        if size > head.size:
            return Watched(head.size, since=since, fault=verifier.FAULTS["ledger shrank"])
        hashes = [bytes.fromhex(each) for each in proof]
        if not verifier.consistent(size, head.size, bytes.fromhex(root), head.root, hashes):
            return Watched(head.size, since=since, fault=verifier.FAULTS["older checkpoint"])
        return Watched(head.size, head.root.hex(), since, head.size - size)
    except (verifier.Unreadable, verifier.Refused, ValueError) as error:
        return Watched(0, fault=str(error))


def draw_watch(governance: GovernanceClient, zone: Zone) -> None:
    """Draws the line that all is well. The first call of a visit compares."""
    watched = st.session_state.get(_WATCHED)
    if not isinstance(watched, Watched):
        watched = _look(governance)
        if watched is None:
            return
        st.session_state[_WATCHED] = watched
        if watched.fault:
            st.rerun()
    if watched.fault is None:
        st.caption(f":material/lock_clock: {quiet_line(watched, zone)}", help=t(WHAT_IT_IS))


def draw_alarm(visitor: Visitor) -> None:
    """Draws the warning, on every page, if the ledger was changed."""
    watched = st.session_state.get(_WATCHED)
    if isinstance(watched, Watched) and watched.fault:
        changed = (
            t(
                "The record of requests was changed since your last visit on {time}. It must only ever grow.",
                time=moment_words(watched.since, visitor.zone),
            )
            if watched.since
            else t("The record of requests was changed. It must only ever grow.")
        )
        keep = t(
            "Keep every receipt you have saved, and tell someone you trust: your works council, or {regulator}.",
            regulator=t(regime(visitor.own.employee.regime).regulator),
        )
        st.error(f"**{changed}** {inert(watched.fault, 400)} {keep}", icon=":material/gpp_bad:")


def quiet_line(watched: Watched, zone: Zone) -> str:
    """The line if all is well."""
    if watched.since is None:
        return tn(
            "The public record of requests has {n} entry. From now on, we check it each time you visit.",
            "The public record of requests has {n} entries. From now on, we check it each time you visit.",
            watched.size,
        )
    when = moment_words(watched.since, zone)
    if not watched.grown:
        return tn(
            "The record of requests is unchanged since your last visit on {time}; it has {n} entry.",
            "The record of requests is unchanged since your last visit on {time}; it has {n} entries.",
            watched.size,
            time=when,
        )
    return tn(
        "The record of requests has only grown since your last visit on {time}: {n} entry more, and no earlier entry "
        "changed.",
        "The record of requests has only grown since your last visit on {time}: {n} entries more, and no earlier entry "
        "changed.",
        watched.grown,
        time=when,
    )


def _look(governance: GovernanceClient) -> Watched | None:
    """Compares, and stores the current head if all is well. None if there is no ledger yet."""
    try:
        view = governance.ledger.mine()
        key = governance.ledger.key()
    except NotFound:
        return None
    seen = (view.seen.size, view.seen.root, view.seen_at) if view.seen else None
    watched = compare(view.checkpoint, key, seen=seen, proof=view.consistency)
    if watched.fault is None:
        try:
            governance.ledger.remember(watched.size, watched.root)
        except GovernanceError:
            return watched  # the next visit compares with the older head
    return watched
