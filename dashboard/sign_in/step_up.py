"""Signing in once more before a step that needs a recent sign-in: there and back, to what the person was about to do.

What they were about to do is noted in their session (`sessions.want`), sealed as the rest of it. The sign-in that
follows asks the provider for a recent one, and leads back there, if it is the same person's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import clock
from dashboard.sign_in import sessions
from dashboard.sign_in.sessions import Session
from settings import settings

WANTED_SECONDS = 900
"""How long it is remembered what somebody was about to do."""


def ask(reference: str, place: str, draft: Mapping[str, Any] | None = None) -> None:
    """Make the next sign-in of this session a recent one, which leads to `place`, an address of ours.

    `draft`: what the person has filled in there, as JSON. Raises ValueError if it is too large.
    """
    until = clock.now().timestamp() + WANTED_SECONDS
    sessions.want(reference, {"place": place, "draft": draft, "until": until})


def wanted_by(session: Session | None) -> Mapping[str, Any] | None:
    """What its person was about to do, if that is not too long ago."""
    wanted = session.wanted if session else None
    return wanted if wanted and clock.now().timestamp() < wanted["until"] else None


def parameters(session: Session | None) -> dict[str, str]:
    """What to ask the identity provider for (OpenID Connect Core, 3.1.2.1).

    With `prompt`, because otherwise Streamlit asks for a choice of accounts, which some providers take for a sign-in.
    """
    if wanted_by(session) is None:
        return {}
    configured = settings()
    max_age = {"max_age": str(configured.step_up_minutes * 60)} if configured.step_up_minutes else {}
    return (
        {"prompt": "login"}
        | max_age
        | ({"acr_values": " ".join(configured.step_up_acrs)} if configured.step_up_acrs else {})
    )


def take_draft(reference: object) -> Mapping[str, Any] | None:
    """What the person had filled in before they signed in again; returned once."""
    session = sessions.read(reference)
    wanted = wanted_by(session)
    if session is None or wanted is None or wanted["draft"] is None:
        return None
    sessions.want(session.reference, None)
    return dict(wanted["draft"])
