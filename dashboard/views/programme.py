"""Programme: the whole company, for everybody in it: how much is held, what publishing it cost, what attacks found."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from api_client.models import AttackResult, Programme
from dashboard import states, theme
from dashboard.moments import day_words
from dashboard.releases.panel import (
    draw_certain,
    draw_numbers,
    draw_protection,
    draw_state,
    draw_tables,
    newest,
)
from dashboard.releases.wording import ATTACKS, DESIGNS, YEARS, budget_words, total_words
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.tables import draw_table
from dashboard.text import inert, plain
from dashboard.wording import count


def show(visitor: Visitor) -> None:
    st.title("The programme", anchor=False)
    with states.guarded("programme"), visitor.governance() as governance:
        programme = governance.programme()
        if not programme.releases:
            states.empty(
                "Nothing has been published yet",
                "The first numbers about the whole company are published automatically, four weeks after capturing "
                "began.",
                icon=":material/event_upcoming:",
            )
        else:
            _answer(programme)
            draw_certain(programme)
            if newest(programme):
                draw_numbers(programme, company=True)
            draw_tables(programme, company=True)
            _releases(programme)
            _attacks(programme.attacks)
        draw_state(programme, visitor.zone)
        draw_protection(programme.releases)


def _answer(programme: Programme) -> None:
    latest = programme.releases[0]
    everybody = count(latest.people, "person", "people")
    if newest(programme):
        theme.answer(f"The company has {everybody}. The same rules apply to all of them; numbers are below.")
        st.caption("Everybody in the company sees this page.")
    else:
        theme.answer(f"The company has {everybody}: too few to publish numbers about them.")
        st.caption("Everybody in the company sees this page. What applies to everybody is below.")


def _releases(programme: Programme) -> None:
    latest = programme.releases[0]
    spent = min(1.0, latest.year_epsilon / latest.allowed_epsilon)
    st.header("What was published, and what it cost", anchor=False)
    st.progress(spent, text=budget_words(spent))
    st.caption(
        f"{count(len(programme.releases), 'release')} so far. Those of the year up to "
        f"{day_words(latest.published_at.date())} cost epsilon {latest.year_epsilon:.2f} of "
        f"{latest.allowed_epsilon:g} in total, at delta {latest.delta:f}: the most they may reveal about any one "
        f"person. {YEARS} years together may reveal {total_words(latest.allowed_epsilon)}. "
        "The digest is in the ledger, so a later change would show."
    )
    draw_table(
        pd.DataFrame(
            {
                "As of": [release.as_of for release in programme.releases],
                "People": [release.people for release in programme.releases],
                "Epsilon, this release alone": [release.epsilon for release in programme.releases],
                "Epsilon, with those of the 365 days before": [release.year_epsilon for release in programme.releases],
                "SHA-256": [plain(release.digest, 64) for release in programme.releases],
            }
        ),
        "Every release, with what it may reveal and its digest",
        name="releases",
    )


def _attacks(attacks: tuple[AttackResult, ...]) -> None:
    st.header("What attacks found", anchor=False)
    if not attacks:
        st.caption("No attack was tried on these releases.")
        return
    found = sum(attack.people for attack in attacks if attack.design == "ours")
    usual = sum(attack.broken > 0 for attack in attacks if attack.design == "naive")
    st.caption(
        f"Before publishing, we attack releases of made-up companies with your company's teams. With our design, "
        f"{'no one was' if not found else count(found, 'person was', 'people were')} identified. "
        f"{count(usual, 'attack')} broke the usual design (live filters with a minimum group size), which is included "
        "to show that the attacks work."
    )
    measured = [attack for attack in attacks if attack.design == "ours" and attack.epsilon_claimed is not None]
    for attack in measured:
        st.caption(
            f"Epsilon claimed for a year: {attack.epsilon_claimed:.2f}. Lower bound found by the best attack: "
            f"{attack.epsilon_found or 0:.2f}. {inert(attack.words, 400)}"
        )
    by_design = {(attack.attack, attack.design): attack for attack in attacks}
    tried = sorted({attack.attack for attack in attacks}, key=lambda name: ([*ATTACKS, name].index(name), name))
    draw_table(
        pd.DataFrame(
            {
                "Attack": [ATTACKS.get(name, plain(name, 60)) for name in tried],
                **{
                    f"People identified: {words}": [
                        f"{one.people:,}" if (one := by_design.get((name, design))) else "not tried" for name in tried
                    ]
                    for design, words in DESIGNS.items()
                },
                "What was tried, and the result with our design": [
                    plain(_result(by_design, name), 400) for name in tried
                ],
            }
        ),
        "What each attack found, by design",
        name="attacks",
    )


def _result(by_design: dict[tuple[str, str], AttackResult], name: str) -> str:
    """The result of an attack on our releases, or on the usual design if ours was not attacked."""
    return next(one.words for design in DESIGNS if (one := by_design.get((name, design))))


show(identity.visitor())
