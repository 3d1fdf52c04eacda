"""Notices of capture policies on Overview: one that wasn't read yet as a card, and the policies that need consent."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from api_client.errors import Conflict, GovernanceError
from api_client.models.recording import Notice
from api_client.recording import Recordings
from dashboard.language import t, tn
from dashboard.moments import moment_words
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from languages import mark

UNREACHABLE = mark(
    "What you were told about recording can't be shown now, because a part of this app isn't responding."
)
NO_EFFECT = mark("Clicking it only records that you read this. It isn't consent, and recording doesn't depend on it.")
GIVING = mark(
    "From then on records may be stored under this policy, and those that are stored may be used for training. "
    "You can withdraw your consent here at any time."
)
WITHDRAWING = mark(
    "From then on nothing more is stored under this policy, and no new dataset has records of yours under it. What is "
    "stored stays until you have it deleted, and models that were trained before keep what they learned."
)
MOST_CHARACTERS = 5_000
CLICKED = "_notice_clicked"


def draw_notices(visitor: Visitor) -> None:
    """Draws nothing if everything was read and nothing needs consent."""
    try:
        with visitor.governance() as governance:
            found = _act(governance.recording)
    except GovernanceError:
        st.caption(t(UNREACHABLE))
        return
    current = [notice for notice in found if notice.current]
    unread = [notice for notice in current if notice.read_at is None and not notice.consented]
    unread.sort(key=lambda notice: not notice.needs_consent)  # first what waits for an answer
    if unread:
        _draw_card(unread[0], len(unread) - 1, visitor)
    settled = [notice for notice in current if notice.needs_consent and notice not in unread]
    if settled:
        with st.expander(_summary(settled), key="settled_notices"):
            for notice in settled:
                _draw_consent(notice, visitor)


def _draw_card(notice: Notice, more: int, visitor: Visitor) -> None:
    with st.container(border=True):
        st.markdown(t("**What your employer records: {name}**", name=inert(notice.name, 120)))
        st.caption(_told(notice, visitor))
        _draw_text(notice)
        if notice.needs_consent:
            st.markdown(t("Nothing is stored under this policy unless you consent."))
        with st.container(horizontal=True):
            if notice.needs_consent:
                _consent_button(notice)
            _button(t("I have read this"), "notice_read", t(NO_EFFECT), notice, _read)
        if more:
            st.caption(tn("{n} more notice after this one.", "{n} more notices after this one.", more))


def _draw_consent(notice: Notice, visitor: Visitor) -> None:
    name = inert(notice.name, 120)
    if notice.consented:
        since = moment_words(notice.consents[0].given_at, visitor.zone)
        st.markdown(t("**{name}:** you consented on {time} ({zone}).", name=name, time=since, zone=visitor.zone.label))
        _button(t("Withdraw my consent"), f"withdraw_{notice.notice}", t(WITHDRAWING), notice, _withdraw)
    else:
        st.markdown(t("**{name}:** you don't consent, so nothing is stored under this policy.", name=name))
        _draw_text(notice)
        _consent_button(notice)


def _draw_text(notice: Notice) -> None:
    st.text((notice.translation or notice.text)[:MOST_CHARACTERS])
    if not notice.translation:
        return
    st.caption(t("Translated by this app, except for your employer's own words. What you confirm is the English text."))
    with st.expander(t("The English text"), type="compact", key=f"english_{notice.notice}"):
        st.text(notice.text[:MOST_CHARACTERS])


def _consent_button(notice: Notice) -> None:
    _button(t("I consent"), f"consent_{notice.notice}", t(GIVING), notice, _consent)


def _button(
    label: str, key: str, explained: str, notice: Notice, action: Callable[[Recordings, Notice], object]
) -> None:
    st.button(label, key=key, help=explained, on_click=_remember, args=(action, notice))


def _remember(action: Callable[[Recordings, Notice], object], notice: Notice) -> None:
    st.session_state[CLICKED] = action, notice


def _act(recording: Recordings) -> tuple[Notice, ...]:
    """Do what was clicked. Raises GovernanceError."""
    if CLICKED in st.session_state:
        action, notice = st.session_state.pop(CLICKED)
        try:
            action(recording, notice)
        except Conflict:
            st.warning(t("This notice has changed. Nothing was recorded. Please read it again."))
    return recording.notices()


def _read(recording: Recordings, notice: Notice) -> None:
    recording.acknowledge(notice.notice, notice.sha256)


def _consent(recording: Recordings, notice: Notice) -> None:
    recording.consent(notice.notice, notice.sha256)


def _withdraw(recording: Recordings, notice: Notice) -> None:
    recording.withdraw_consent(notice.notice)


def _summary(notices: list[Notice]) -> str:
    given = sum(notice.consented for notice in notices)
    of = tn("{n} policy", "{n} policies", len(notices))
    return t("Your consent: given for {n} of {policies}", n=given, policies=of)


def _told(notice: Notice, visitor: Visitor) -> str:
    if notice.announced_at is None:
        return t("In force before this app kept notices. Nothing here shows whether you were told.")
    if notice.announced_by:
        return t(
            "Your employer says that it told people on {day}: {how}.",
            day=notice.announced_at.date(),
            how=inert(notice.announced_by, 200),
        )
    announced = moment_words(notice.announced_at, visitor.zone)
    return t("Announced here on {time} ({zone}).", time=announced, zone=visitor.zone.label)
