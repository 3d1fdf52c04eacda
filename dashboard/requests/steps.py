"""A request's history as a list from top to bottom: what happened when, and what comes next.

It is an ordered list for screen readers, drawn as a line with dots (styled in `theme.py`).
"""

from __future__ import annotations

import streamlit as st

from api_client.models import Request
from dashboard.language import t
from dashboard.moments import Zone, days_away, moment_words
from dashboard.requests.story import due_words
from dashboard.requests.wording import STATES
from dashboard.text import markup

TONES = {"completed": "good", "partially_completed": "partly", "denied": "bad", "failed": "bad"}


def draw_steps(request: Request, zone: Zone) -> None:
    st.html(steps(request, zone))
    st.caption(t("Times in {zone}. Request number {number}.", zone=zone.label, number=request.id))


def steps(request: Request, zone: Zone) -> str:
    """The list as HTML. A state is named once; later entries in the same state follow under it."""
    items = []
    state = None
    for step in request.history:
        reached = step.state != state
        state = step.state
        head = f"<strong>{markup(t(STATES.get(state, state)))}</strong> " if reached else ""
        tone = TONES.get(state, "plain") if reached else "note"
        note = step.note or ""
        items.append(
            f'<li class="{tone}"><time datetime="{step.at.isoformat()}">{moment_words(step.at, zone)}</time>'
            f"<div>{head}{markup(t(note), 600)}</div></li>"
        )
    if not request.ended:
        by = t("By {day}", day=due_words(request, zone))
        latest = t("You get an answer by then at the latest ({when}).", when=days_away(request.due_on, request.zone))
        items.append(
            f'<li class="ahead"><time datetime="{request.due_on.isoformat()}">{markup(by)}</time>'
            f"<div>{markup(latest)}</div></li>"
        )
    label = markup(t("What happened so far"))
    return f'<ol class="steps" aria-label="{label}">{"".join(items)}</ol>'
