"""Requests about ticked records: exactly the record for one; for several, the span of time, kinds and applications that
has them all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from dashboard.language import t, tn
from dashboard.scopes.selection import open_request
from dashboard.sign_in.identity import Visitor
from lake.rules.scope import Scope
from languages import mark
from queries import Record

REQUESTS = (
    ("erasure", mark("Delete the ticked…"), ":material/delete:"),
    ("export", mark("Get a copy of the ticked"), ":material/download:"),
    ("objection", mark("Keep the ticked out of training…"), ":material/model_training:"),
)


def draw_ticked(ticked: Sequence[Record], visitor: Visitor, place: str) -> None:
    """What can be asked about them, and how many other records that covers. `place`: unique on the page."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"{place}_requests"):
        st.markdown(t("**{n}** ticked", n=len(ticked)), width="content")
        chosen = [
            kind
            for kind, words, icon in REQUESTS
            if st.button(t(words), icon=icon, disabled=not ticked, key=f"{place}-{kind}")
        ]
    if not ticked:
        return
    scope = covering(ticked)
    if len(ticked) > 1:
        with visitor.at_once() as own:
            covered = own.count(scope)
        if covered > len(ticked):
            st.warning(
                t(
                    "A request covers one span of time: from the first to the last that you ticked there are {records} "
                    "of these kinds, {n} more than you ticked. You see what it covers before you submit it. To ask for "
                    "single records, tick one at a time.",
                    records=tn("{n} record", "{n} records", covered),
                    n=covered - len(ticked),
                ),
                icon=":material/info:",
            )
    if chosen:
        open_request(chosen[0], scope)


def covering(records: Sequence[Record]) -> Scope:
    """The smallest scope of a request that has all of these records, at least one: it may have others between them."""
    times = [record.captured_at for record in records]
    return Scope(
        tuple(sorted({record.signal for record in records})),
        tuple(sorted({record.application for record in records})),
        min(times),
        max(times) + datetime.resolution,
    )
