"""The receipt of a request, and the panel that checks it.

The check here uses the same file that anybody can run elsewhere (`verifier.py`). It says what is proven
and what is not, one line each, and this panel adds nothing to that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import streamlit as st

import verifier
from api_client.models import Request
from dashboard.language import listed, t
from dashboard.moments import Zone, moment_words
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from dashboard.verification.elsewhere import draw_elsewhere
from languages import mark
from law.regimes import regime

_CHECKED = "receipts_checked"

What = Literal["receipt", "proof"]
FAILED: dict[What, str] = {
    "receipt": mark("This receipt does not check out."),
    "proof": mark("This proof does not check out."),
}
PASSED: dict[What, str] = {
    "receipt": mark("**The receipt checks out.** It was checked just now, line by line."),
    "proof": mark("**The proof checks out.** It was checked just now, line by line."),
}


@dataclass(frozen=True)
class Checked:
    """The verifier's result. `refused`: why the document was rejected, or None."""

    proven: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    refused: str | None = None


def check(document: bytes, leaves: dict[str, Any] | None = None) -> Checked:
    """What a receipt, or a proof with the `leaves` of its manifest, proves by itself, without a key or checkpoint from
    another source."""
    try:
        verdict = verifier.verify(document, verifier.Trust(leaves=leaves))
    except (verifier.Refused, verifier.Unreadable) as error:
        return Checked(refused=str(error))
    return Checked(tuple(verdict.proven), tuple(verdict.unproven))


def draw_acknowledgement(request: Request) -> None:
    """Offer the proof that the request was filed. It is there from the first second; its proof follows."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        address = f"/acknowledgement/{request.id}"
        st.link_button(t("Save the proof that you asked"), address, icon=":material/download:", type="tertiary")
        st.caption(
            t(
                "Signed: what you asked for, when, and by when you must get an answer. The public ledger takes it in "
                "at a fixed time: save it again later, and it also proves that."
            )
        )


def draw_receipts(visitor: Visitor, request: Request) -> None:
    if not request.receipts:
        return
    newest, *earlier = sorted(request.receipts, key=lambda receipt: -receipt.number)
    with st.expander(
        t("Receipt: check it yourself"), icon=":material/verified:", type="compact", key=f"receipt-{request.id}"
    ):
        st.markdown(
            t(
                "A signed statement of what was done. Keep it: it can be checked without us, on any computer, years "
                "from now. It shows what your employer's system signed; that what it says is true is your employer's "
                "word."
            )
        )
        with st.container(horizontal=True):
            st.link_button(t("Save the receipt"), _address(request.id, newest.number), icon=":material/download:")
            st.link_button(t("Read it"), _page(request.id, newest.number), icon=":material/description:")
            here = st.button(t("Check it here"), icon=":material/fact_check:", key=f"check-{request.id}")
        results = st.session_state.setdefault(_CHECKED, {})
        key = f"{request.id}/{newest.number}"
        if here:
            with st.spinner(t("Checking every signature and proof…")), visitor.governance() as governance:
                results[key] = check(governance.receipt(request.id, newest.number))
        if key in results:
            draw_checked(results[key], "receipt", visitor)
        st.markdown(
            t(
                "**Check it without us.** Save the receipt and [the verifier](/verifier.py), a single file you can "
                "read, on any computer with Python. Then run:"
            )
        )
        draw_elsewhere(visitor, "receipt.json")
        if earlier:
            _earlier(request.id, [(each.number, moment_words(each.issued_at, visitor.zone)) for each in earlier])
        signed = t(
            "Signed on {time} ({zone}).", time=moment_words(newest.issued_at, visitor.zone), zone=visitor.zone.label
        )
        st.caption(f"{signed} {_waits(newest.in_ledger_from, visitor.zone)}".strip())


def _waits(in_ledger_from: datetime | None, zone: Zone) -> str:
    """The words about a receipt that waits for its batch."""
    if in_ledger_from is None:
        return ""
    return t(
        "It will be in the public ledger from {time} ({zone}). Save it again after that: then it also proves that it "
        "is there.",
        time=moment_words(in_ledger_from, zone),
        zone=zone.label,
    )


def draw_checked(checked: Checked, what: What, visitor: Visitor) -> None:
    if checked.refused is not None:
        show = t(
            "Save it as it is, and show it to someone you trust: your works council, or {regulator}.",
            regulator=t(regime(visitor.own.employee.regime).regulator),
        )
        st.error(f"**{t(FAILED[what])}** {inert(checked.refused, 600)} {show}", icon=":material/gpp_bad:")
        return
    st.success(t(PASSED[what]), icon=":material/verified_user:")
    for title, lines in ((t("Proven"), checked.proven), (t("Not proven"), checked.unproven)):
        st.markdown("\n".join([f"**{title}**", *(f"- {inert(line, 400)}" for line in lines)]))


def _earlier(request_id: UUID, receipts: list[tuple[int, str]]) -> None:
    links = [
        t(
            "{time} ([read]({page}), [save]({file}))",
            time=when,
            page=_page(request_id, number),
            file=_address(request_id, number),
        )
        for number, when in receipts
    ]
    st.caption(t("Earlier receipts of this request: {receipts}.", receipts=listed(links, len(links))))


def _address(request_id: UUID, number: int) -> str:
    return f"/receipt/{request_id}?number={number}"


def _page(request_id: UUID, number: int) -> str:
    return f"/receipt/{request_id}/page?number={number}"
