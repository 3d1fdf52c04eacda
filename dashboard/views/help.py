"""Help: the tour, how to complain, what the words on the pages mean, and how to keep and print a view."""

from __future__ import annotations

import streamlit as st

from dashboard import tour
from dashboard.language import t
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from dashboard.wording import EVIDENCE, EVIDENCE_MEANING
from languages import mark
from law.reasons import USUAL_CONTACT
from law.regimes import regime
from settings import settings

TERMS = {
    mark("Record"): mark(
        "One thing that was recorded of your work, for example a click, some typed text, a message or a page visited: "
        "when, in which application, and its content."
    ),
    mark("Register"): mark(
        "What this app shows: all records that were put into it. It can't show what was recorded and never put in."
    ),
    mark("Kind"): mark("What a record is: typed text, a click, a message, a screenshot and so on."),
    mark("Policy"): mark(
        "What may be recorded in which applications, for what purpose, on what legal basis, and for how many days."
    ),
    mark("Masked"): mark("A part, such as a password or a card number, was removed before the record was stored."),
    mark("Dataset"): mark("A fixed collection of records that was put together to train models."),
    mark("Model version"): mark("One state of an AI model. Each later training makes another version."),
    mark("Legal hold"): mark(
        "Records that must not be deleted for now, for a case and an exception in law that are named. It has a day on "
        "which it is reviewed."
    ),
    mark("Freeze"): mark("Records are kept, as evidence for example, but must not be used."),
    mark("Receipt"): mark(
        "A signed statement of what a request did. Anybody can check it without this app, and see if it was changed."
    ),
    mark("Ledger"): mark(
        "An append-only log that proves when something was entered. By itself it reveals nothing about anybody."
    ),
    mark("Published statistics"): mark(
        "What managers see about other people: shares of many people, with noise, published on fixed days. Never "
        "records."
    ),
}


def show(visitor: Visitor) -> None:
    st.title(t("Help"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(t("Take the one-minute tour"), icon=":material/tour:", type="primary", key="tour_start"):
            tour.start()
            st.switch_page("views/overview.py")
        st.caption(t("It shows five pages. You can end it at any time."), width="content")
    _complaint(visitor)
    st.header(t("Keep a view, or print it"), anchor=False)
    st.markdown(
        t(
            "To find what you chose on Captured, Models or Requests again, give it a name there under “Saved views”. "
            "It is also in the page's address, so a bookmark in your browser keeps it, too. The address can have names "
            "of applications and times, and no content; whoever else opens it sees only their own records. To print a "
            "page, use your browser's print function: menus, buttons and closed sections are left out. On Captured, "
            "choose “Show as cards” and show as many records as you want on paper."
        )
    )
    st.header(t("What the words mean"), anchor=False)
    st.markdown("\n".join(f"- **{t(term)}**: {t(meaning)}" for term, meaning in TERMS.items()))
    st.header(t("How certain it is that a model used your records"), anchor=False)
    st.markdown("\n".join(f"- **{t(EVIDENCE[name])}**: {t(meaning)}" for name, meaning in EVIDENCE_MEANING.items()))


def _complaint(visitor: Visitor) -> None:
    rules = regime(visitor.employee.regime)
    named = settings().appeal_contact
    contact = t(USUAL_CONTACT) if named == USUAL_CONTACT else inert(named, 200)
    st.header(t("How to complain"), anchor=False)
    st.markdown(
        "\n".join(
            (
                t("1. **Your employer**: contact {contact}.", contact=contact),
                t("2. **Your works council or staff representatives**, if your workplace has them."),
                t(
                    "3. **Outside your company**: you can complain to {authority}. {terms}",
                    authority=inert(settings().supervisory_authority, 300) or t(rules.authority),
                    terms=t(rules.appeal_terms),
                ),
            )
        )
    )
    st.caption(
        t(
            "You need nobody's permission, and can begin with any of the three. A request in this app has to be "
            "answered within {deadline}; you can complain without one.",
            deadline=t(rules.deadline_words),
        )
    )
    with st.container(horizontal=True):
        st.page_link("views/requests.py", label=t("Your requests and their receipts"), icon=":material/inbox:")
        st.page_link("views/access.py", label=t("Who looked"), icon=":material/visibility:")


show(identity.visitor())
