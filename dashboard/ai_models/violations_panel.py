"""What must not have happened with a person's captures, said calmly: what, when it was found, and what they can do."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from api_client import Listing
from api_client.models import Violation
from dashboard.moments import Zone, moment_words
from dashboard.more import draw_more
from dashboard.text import inert
from dashboard.wording import count

SHOWN = 3


def draw_violations(violations: Listing[Violation], zone: Zone) -> None:
    """Nothing where there is none."""
    if not violations:
        return
    with st.container(border=True, key="violations"):
        st.header(violations_title(violations), anchor=False)
        shown: Sequence[Violation] = violations
        if len(violations) > SHOWN and not st.toggle(f"Show all {len(violations)}", key="violations_all"):
            shown = violations[:SHOWN]
        for violation in shown:
            st.warning(inert(violation.words, 800), icon=":material/report:")
            st.caption(f"Found on {moment_words(violation.found_at, zone)} ({zone.label}).")
        if len(shown) == len(violations):
            draw_more(violations, "violations", "of these")
        st.markdown(
            "The privacy officer sees this, too, and has to see to it. You need not do anything. If nothing happens, "
            "you may ask them, your works council, or complain to the data protection authority."
        )


def violations_title(violations: Listing[Violation]) -> str:
    runs = count(violations.total, "training or job", "trainings or jobs")
    return f"{runs} read something of yours that {'it' if violations.total == 1 else 'they'} must not have read"
