"""The form of a new request: what, how much of it, a preview, and for a deletion an explicit last step.

A preview is of one exact draft: whoever changes the draft sees a new preview before they can file. It also
carries the idempotency key, so that filing it twice, by a double click or a retry, files one request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from uuid import uuid4

import pandas as pd
import streamlit as st

import clock
from api_client import GovernanceClient
from api_client import Scope as RequestScope
from api_client.models import AffectedModel, Preview
from dashboard import look, selection
from dashboard.filters import applications_of, signals_of
from dashboard.identity import Visitor
from dashboard.moments import Zone, day_words
from dashboard.selection import Draft
from dashboard.text import inert, plain
from dashboard.wording import LEARNED_STAYS, count, listed, scope_words, signal_words
from lake.scope import Scope

KINDS = {"export": ":material/download: A copy", "erasure": ":material/delete: Deletion"}
HOW_MUCH = {"selection": "What I selected", "everything": "Everything", "some": "Only some of it"}
_LOOKED = "request_preview"


@dataclass(frozen=True)
class Looked:
    """A draft with what it would do."""

    draft: Draft
    preview: Preview
    idempotency_key: str = field(default_factory=lambda: str(uuid4()))


def draw_form(visitor: Visitor, governance: GovernanceClient) -> None:
    """Draws the form; files the request at its end."""
    begun = selection.draft()
    key = selection.form_key()
    st.header("New request", anchor=False)
    kind = st.segmented_control(
        "What do you want?",
        list(KINDS),
        format_func=KINDS.__getitem__,
        default=begun.type if begun else None,
        key=f"kind-{key}",
    )
    if kind is None:
        st.caption("A copy comes as one ZIP file. A deletion is for good. You see what it covers before you decide.")
        return
    scope = _choose_scope(visitor, begun.scope if begun else None, key)
    if scope is None:
        st.session_state.pop(_LOOKED, None)
        return
    written = Draft(kind, scope)
    looked = st.session_state.get(_LOOKED)
    if looked is None or looked.draft != written:
        if not st.button("Show what this covers", type="primary", icon=":material/visibility:") and begun != written:
            return
        with st.spinner("Looking it up…"):
            st.session_state[_LOOKED] = Looked(written, governance.preview(kind, _as_request_scope(scope)))
        st.rerun()
    _draw_preview(looked, visitor)
    _last_step(looked, governance)


def _choose_scope(visitor: Visitor, begun: Scope | None, key: str) -> Scope | None:
    options = [option for option in HOW_MUCH if begun is not None or option != "selection"]
    how_much = st.radio(
        "How much of it?", options, format_func=HOW_MUCH.__getitem__, horizontal=True, key=f"how_much-{key}"
    )
    if how_much == "selection" and begun is not None:
        st.caption(f"That is {scope_words(begun, visitor.zone)}.")
        return begun
    if how_much == "everything":
        return Scope()
    return _choose_some(visitor, key)


def _choose_some(visitor: Visitor, key: str) -> Scope | None:
    """What is chosen; None, with the reason on screen, while that is nothing or a period that ends before it begins.

    An empty choice must never stand for everything: a deletion would take far more than the person meant."""
    days = visitor.own.captures_per_day()
    from_key, until_key = f"from-{key}", f"until-{key}"
    applications_column, signals_column = st.columns(2)
    with applications_column:
        applications = st.multiselect(
            "Applications", applications_of(days), placeholder="All applications", key=f"applications-{key}"
        )
    with signals_column:
        signals = st.multiselect(
            "What", signals_of(days), format_func=signal_words, placeholder="All kinds", key=f"signals-{key}"
        )
    from_column, until_column = st.columns(2)
    with from_column:
        from_at = _moment_input("From", from_key, visitor.zone)
    with until_column:
        until_at = _moment_input("Until", until_key, visitor.zone)
    with st.container(horizontal=True):
        for words, back in (
            ("Last 15 minutes", timedelta(minutes=15)),
            ("Last hour", timedelta(hours=1)),
            ("Today", None),
        ):
            st.button(words, type="tertiary", on_click=_set_period, args=(visitor.zone, from_key, until_key, back))
    if not (applications or signals or from_at or until_at):
        st.info("Choose at least one application, kind or time.", icon=":material/info:")
        return None
    if from_at and until_at and from_at >= until_at:
        st.warning("“From” must be before “until”. Change one of them to see what this covers.")
        return None
    return Scope(
        tuple(signals) or None,
        tuple(applications) or None,
        visitor.zone.utc(from_at) if from_at else None,
        visitor.zone.utc(until_at) if until_at else None,
    )


def _moment_input(label: str, key: str, zone: Zone) -> datetime | None:
    return st.datetime_input(
        f"{label} ({zone.label})",
        value=None,
        min_value=datetime(2000, 1, 1),  # noqa: DTZ001 (local time, naive)
        max_value=zone.local(clock.now()) + timedelta(days=1),
        step=timedelta(minutes=1),
        format="YYYY-MM-DD",
        key=key,
    )


def _set_period(zone: Zone, from_key: str, until_key: str, back: timedelta | None) -> None:
    """Fills in a period that ends with now; `back` None: it begins with today."""
    now = zone.local(clock.now()).replace(second=0, microsecond=0)
    st.session_state[from_key] = now - back if back else datetime.combine(now.date(), time())
    st.session_state[until_key] = None


def _draw_preview(looked: Looked, visitor: Visitor) -> None:
    preview, erasure = looked.preview, looked.draft.type == "erasure"
    what = scope_words(looked.draft.scope, visitor.zone)
    if not preview.events:
        st.info(f"Nothing that is held about you now falls under {what}.", icon=":material/info:")
    else:
        look.answer(
            f"{count(preview.events, 'capture')} would be {'deleted for good' if erasure else 'in your copy'}",
            key="answer_preview",
        )
        st.caption(f"Of {what}, as it stands now.")
        st.dataframe(
            pd.DataFrame(
                {
                    "application": [plain(part.application, 60) for part in preview.by],
                    "what": [signal_words(part.signal) for part in preview.by],
                    "events": [part.events for part in preview.by],
                    "first_day": [part.first_day for part in preview.by],
                    "last_day": [part.last_day for part in preview.by],
                }
            ).sort_values("events", ascending=False),
            hide_index=True,
            height="auto" if len(preview.by) <= 8 else 300,
            column_config={
                "application": st.column_config.TextColumn("Application"),
                "what": st.column_config.TextColumn("What"),
                "events": st.column_config.NumberColumn("Captures", format="localized"),
                "first_day": st.column_config.DateColumn("From", format="D MMM YYYY"),
                "last_day": st.column_config.DateColumn("To", format="D MMM YYYY"),
            },
        )
    for withheld in preview.withheld:
        review = f" It is looked at again on {day_words(withheld.review_on)}." if withheld.review_on else ""
        st.warning(
            f"{count(withheld.events, 'capture')} would stay, because: {inert(withheld.reason, 200)} "
            f"({inert(withheld.exception, 80)}).{review}",
            icon=":material/gavel:",
        )
    if erasure and preview.events and (said := _models_words(preview, visitor)):
        st.info(said, icon=":material/model_training:")


def _models_words(preview: Preview, visitor: Visitor) -> str:
    """Which models learned from it, those of which that is not known included; empty where none can have."""
    names = sorted({_model_name(use) for use in preview.models})
    unproven = bool(visitor.own.models()["evidence"].isin(["possible", "unknown"]).any())
    words = []
    if names:
        words.append(f"These were trained on some of it: {listed(names, 8)}.")
    if unproven:
        words.append(
            f"{'Others' if names else 'Some models'} may have been{'' if names else ' trained on it'}; see Models."
        )
    if words:
        words.append(f"Deleting the captures keeps them out of every later training. {LEARNED_STAYS}")
    return " ".join(words)


def _model_name(use: AffectedModel) -> str:
    if use.model:
        return inert(f"{use.model} {use.model_version or ''}", 80)
    return inert(f"data set {use.dataset} {use.version}", 80)


def _last_step(looked: Looked, governance: GovernanceClient) -> None:
    erasure = looked.draft.type == "erasure"
    ready = looked.preview.events > 0 or not erasure
    if erasure and ready:
        ready = st.checkbox(
            "I understand that this can't be undone, by anybody.", key=f"understood-{looked.idempotency_key}"
        )
    label = f"Delete {count(looked.preview.events, 'capture')}" if erasure else "Ask for this copy"
    with st.container(horizontal=True):
        file = st.button(label, type="primary", disabled=not ready, key=f"file-{looked.idempotency_key}")
        st.button("Cancel", on_click=_forget, key=f"cancel-{looked.idempotency_key}")
    if file:
        with st.spinner("Filing it…"):
            governance.file_request(
                looked.draft.type,
                _as_request_scope(looked.draft.scope),
                idempotency_key=looked.idempotency_key,
            )
        _forget()
        st.toast("Filed. You can follow it below.", icon=":material/check:")
        st.rerun()


def _forget() -> None:
    st.session_state.pop(_LOOKED, None)
    selection.drop_draft()


def _as_request_scope(scope: Scope) -> RequestScope:
    return RequestScope(scope.signals, scope.applications, scope.from_at, scope.until_at)
