"""Policy violations concerning a person's captures: what happened, when it was found, what the person can do."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from api_client import Listing
from api_client.models import Violation
from dashboard.language import t, tn
from dashboard.moments import UTC_ZONE, Zone, moment_words
from dashboard.paging import draw_more
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from law import limits
from law.regimes import regime

SHOWN = 3


def draw_no_violation() -> None:
    """That none is known, and what that rests on."""
    st.markdown(f":material/task_alt: {t('No use of your data without permission is known.')}")
    st.caption(t(limits.VIOLATIONS))


def draw_violations(violations: Listing[Violation], visitor: Visitor) -> None:
    """`violations`: at least one."""
    with st.container(border=True, key="violations"):
        st.header(violations_title(violations), anchor=False)
        shown: Sequence[Violation] = violations
        if len(violations) > SHOWN and not st.toggle(t("Show all {n}", n=len(violations)), key="violations_all"):
            shown = violations[:SHOWN]
        for violation in shown:
            st.warning(inert(in_own_zone(violation, visitor.zone), 800), icon=":material/report:")
            found = moment_words(violation.found_at, visitor.zone)
            st.caption(t("Found on {time} ({zone}).", time=found, zone=visitor.zone.label))
        if len(shown) == len(violations):
            draw_more(violations, "violations")
        st.markdown(
            t(
                "The privacy officer sees this too and has to act on it. You don't have to do anything. If nothing "
                "happens, you can ask them or your works council, or complain to {regulator}.",
                regulator=t(regime(visitor.own.employee.regime).regulator),
            )
        )
        st.caption(f"{t(limits.VIOLATIONS)} {t(limits.BEFORE_OBJECTION)}")


def in_own_zone(violation: Violation, zone: Zone) -> str:
    """Its words, in which the API has the time of the run in UTC."""
    if violation.started_at is None:
        return violation.words
    began = UTC_ZONE.local(violation.started_at)
    in_utc = t("{day}, {time} UTC", day=began.date(), time=f"{began:%H:%M}")
    return violation.words.replace(in_utc, f"{moment_words(violation.started_at, zone)} ({zone.label})")


def violations_title(violations: Listing[Violation]) -> str:
    return tn(
        "Use of your data without permission was reported ({n} violation)",
        "Use of your data without permission was reported ({n} violations)",
        violations.total,
    )
