"""“What this shows about you”: the inferences of `shown`, each with how sure it is and why."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard.language import t
from dashboard.moments import Zone
from dashboard.story import shown
from dashboard.story.shown import Shown
from dashboard.story.stretches import stretches_of
from lake.rules.scope import Scope
from law import limits
from queries import Own
from queries.records import MAX_LIMIT

WRITTEN = ("message", "ticket")


def shown_by(own: Own, scope: Scope, zone: Zone) -> list[Shown]:
    """What the day of this scope shows, and the days that are held beside it. Nothing of it is kept."""
    assert scope.from_at is not None
    minutes, pace = own.minutes(scope), own.pace(scope)
    page = own.records(replace(scope, signals=WRITTEN), limit=MAX_LIMIT)
    day = zone.local(scope.from_at).date()
    mentions = sum(each.records for each in own.indirect() if each.day == day)
    return [
        shown.usual_hours(own.slices(zone.info), zone),
        shown.breaks(stretches_of(minutes)),
        shown.speed(minutes),
        shown.people(page.records, mentions, more=page.next is not None),
        shown.typing_rhythm(pace),
        shown.pointer_dynamics(pace),
    ]


def draw_shown(found: list[Shown]) -> None:
    st.header(t("What this shows about you"), anchor=False)
    st.write(t("What somebody who has these records could work out:"))
    for one in found:
        with st.container(border=True):
            st.subheader(one.title, anchor=False)
            st.markdown(one.what)
            st.caption(f"**{t(one.sure)}.** {one.why}")
    st.info(
        t(
            "This was computed when you opened this page, from your own records. Open Book writes it to no file and "
            "gives it to nobody: not to your employer, and not through its API."
        )
        + " "
        + t(limits.TECHNICAL_ACCESS),
        icon=":material/lock:",
    )
