"""Programs that asked to train on a dataset, for the privacy officer to approve."""

from __future__ import annotations

import streamlit as st

from api_client import GovernanceClient
from api_client.models import TrainingExport
from dashboard.language import t, tn
from dashboard.moments import Zone, moment_words
from dashboard.officer.changing import carry_out
from dashboard.paging import draw_more, gathered
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert


def draw_training(visitor: Visitor, governance: GovernanceClient) -> None:
    """Draws nothing if no program has asked."""
    exports = gathered(governance.officer.training_exports, "training_exports")
    if not exports:
        return
    st.header(t("Training on records"), anchor=False)
    st.markdown(
        t(
            "These programs asked for the records of a dataset. Each person in it sees under Who looked when a "
            "program reads theirs. An approval is for this program and this version, with pictures or without, and "
            "ends by itself."
        )
    )
    for export in exports:
        _card(visitor.zone, governance, export)
    draw_more(exports, "training_exports")


def _card(zone: Zone, governance: GovernanceClient, export: TrainingExport) -> None:
    with st.container(border=True, key=f"training-{export.export}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(f"{inert(export.dataset, 60)} {inert(export.version, 40)}", anchor=False, width="content")
            if export.pictures:
                st.badge(t("With pictures of the screen"), icon=":material/image:", color="violet")
            if export.approved:
                st.badge(t("Approved"), color="green")
            else:
                undecided = export.approved_at is None
                st.badge(t("Needs your decision") if undecided else t("Approval ended"), color="orange")
        st.markdown(
            t(
                "**{program}** asked on {time} ({zone}) for {records} of {people}. Purpose: {purpose}.",
                program=inert(export.program, 60),
                time=moment_words(export.asked_at, zone),
                zone=zone.label,
                records=tn("{n} record", "{n} records", export.records),
                people=tn("{n} person", "{n} people", export.people),
                purpose=inert(export.purpose, 200) if export.purpose else t("none was declared"),
            )
        )
        if export.approved and export.ends_at is not None:
            ends = moment_words(export.ends_at, zone)
            st.caption(t("Approved until {time} ({zone}).", time=ends, zone=zone.label))
            if st.button(t("End the approval"), key=f"training-end-{export.export}"):
                carry_out(lambda: governance.officer.end_training(export.export), t("The approval has ended."))
            return
        with st.popover(t("Approve…"), icon=":material/check:"):
            st.markdown(
                t("The program can read these records from now on, until the approval ends. The ledger has it.")
            )
            if export.pictures:
                st.markdown(
                    t(
                        "It also gets pictures of people's screens, of records whose policy permits that. Names of the "
                        "directory and contact details are painted over where they are recognised; faces and other "
                        "names are not looked for."
                    )
                )
            if st.button(t("Approve it"), type="primary", key=f"training-approve-{export.export}"):
                carry_out(lambda: governance.officer.approve_training(export.export), t("Approved."))
