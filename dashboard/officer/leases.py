"""Programs that may read records as files for some hours, for the privacy officer to see and to end."""

from __future__ import annotations

import streamlit as st

from api_client import GovernanceClient
from api_client.models import TrainingLease
from dashboard.language import t
from dashboard.moments import Zone, moment_words
from dashboard.officer.changing import carry_out
from dashboard.paging import draw_more, gathered
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert


def draw_leases(visitor: Visitor, governance: GovernanceClient) -> None:
    """Draws nothing if no program has files now."""
    leases = gathered(governance.officer.leases, "leases")
    standing = [lease for lease in leases if lease.state != "ended"]
    if not standing:
        return
    st.header(t("Files for training"), anchor=False)
    st.markdown(
        t(
            "These programs may read the records of a dataset as files. The files are deleted at the time below, and "
            "before as soon as a record in them may no longer be used. Copies that a program made elsewhere are not."
        )
    )
    for lease in standing:
        _card(visitor.zone, governance, lease)
    draw_more(leases, "leases")


def _card(zone: Zone, governance: GovernanceClient, lease: TrainingLease) -> None:
    with st.container(border=True, key=f"lease-{lease.lease}"):
        st.subheader(f"{inert(lease.dataset, 60)} {inert(lease.version, 40)}", anchor=False)
        st.markdown(
            t(
                "**{program}** asked on {time}, for files until {until} ({zone}).",
                program=inert(lease.program, 60),
                time=moment_words(lease.asked_at, zone),
                until=moment_words(lease.until, zone),
                zone=zone.label,
            )
        )
        if st.button(t("Delete the files now"), key=f"lease-end-{lease.lease}"):
            carry_out(lambda: governance.officer.end_lease(lease.lease), t("The files are deleted."))
