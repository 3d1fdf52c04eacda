"""People whom the HR system gives another sign-in id, for the privacy officer to decide: the same person, or not?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import streamlit as st

from api_client import GovernanceClient
from api_client.models import LinkedPerson, OfficerLink
from dashboard import done
from dashboard.language import t, tn
from dashboard.moments import Zone, moment_words
from dashboard.officer.changing import carry_out
from dashboard.paging import draw_more, gathered
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert, plain
from languages import mark

SAME, OTHER = "same", "other"
EFFECTS = {
    SAME: mark(
        "They sign in with the new id from now on, and see all data that was captured about the known person. The old "
        "id no longer works. This can't be undone from here."
    ),
    OTHER: mark(
        "The new person starts without any data. The known person is marked as left, and keeps the rights to their "
        "data under the old id. This can't be undone from here."
    ),
}
MOST_AT_ONCE = 100
SEVERAL = {SAME: mark("They are the same people"), OTHER: mark("They are other people")}
BUTTONS = {SAME: mark("It is the same person"), OTHER: mark("They are two people")}


def draw_links(visitor: Visitor, governance: GovernanceClient) -> None:
    """Draws nothing if there is nothing to decide."""
    links = gathered(governance.officer.links, "officer_links")
    if not links:
        return
    st.header(t("Sign-in changes"), anchor=False)
    st.markdown(
        tn(
            "{n} person has another sign-in id in the HR system's file than before.",
            "{n} people have another sign-in id in the HR system's file than before.",
            links.total or len(links),
        )
        + " "
        + t(
            "An address can pass to someone else, so ask HR who it is. Until you decide, the new id can't sign in, and "
            "nothing new is captured about the known person."
        )
    )
    others = [link for link in links if not link.own]
    if len(others) > 1:
        _draw_several(governance, others)
    for link in links:
        _card(visitor.zone, governance, link)
    draw_more(links, "officer_links")


def _draw_several(governance: GovernanceClient, links: Sequence[OfficerLink]) -> None:
    """One decision about several: after a change of the identity provider, all of them may be the same people."""
    by_key = {link.proposal: link for link in links}
    with st.expander(t("Decide several at once"), icon=":material/checklist:", key="several_links"):
        chosen = st.multiselect(
            t("People"),
            list(by_key),
            format_func=lambda key: f"{plain(by_key[key].proposed.email, 100)}: {plain(by_key[key].known.name, 60)}",
            max_selections=MOST_AT_ONCE,
            key="links_chosen",
        )
        with st.container(horizontal=True):
            for decision, label in SEVERAL.items():
                with st.popover(f"{t(label)}…", disabled=not chosen):
                    st.markdown(t(EFFECTS[decision]))
                    if st.button(t(label), type="primary", key=f"{decision}-several"):
                        _decide_several(governance, chosen, decision)


def _decide_several(governance: GovernanceClient, chosen: Sequence[UUID], decision: str) -> None:
    decided = governance.officer.decide_links(chosen, decision)
    for left in decided.left_open:
        st.error(inert(left.reason, 300), icon=":material/info:")
    if not decided.left_open:
        said = t("Decided: {n}. The ledger has each decision.", n=len(decided.decided))
        done.say(said)
        st.rerun()


def _card(zone: Zone, governance: GovernanceClient, link: OfficerLink) -> None:
    with st.container(border=True, key=f"link-{link.proposal}"):
        st.subheader(inert(link.proposed.email, 100), anchor=False)
        known = t("Known here: {person}", person=_person(link.known))
        proposed = t("In the HR system's file: {person}", person=_person(link.proposed))
        st.markdown(f"- {known}\n- {proposed}")
        found = moment_words(link.proposed_at, zone)
        st.caption(t("Found on {time} ({zone}).", time=found, zone=zone.label))
        if link.own:
            st.info(t("This is about you. Another privacy officer has to decide."), icon=":material/info:")
            return
        with st.container(horizontal=True):
            for decision, label in BUTTONS.items():
                with st.popover(f"{t(label)}…"):
                    st.markdown(t(EFFECTS[decision]))
                    if st.button(t(label), type="primary", key=f"{decision}-{link.proposal}"):
                        carry_out(
                            partial(governance.officer.decide_link, link.proposal, decision),
                            t("Decided. It is in the ledger."),
                        )


def _person(person: LinkedPerson) -> str:
    where = ", ".join(inert(part, 60) for part in (person.department, person.team) if part)
    return t(
        "**{name}**, {where}; sign-in id {id}", name=inert(person.name, 60), where=where, id=inert(person.sub, 100)
    )
