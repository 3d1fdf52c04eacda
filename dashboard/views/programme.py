"""Programme: the whole company, for everybody in it: how much is held, what publishing it cost, what attacks found."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from api_client.models import AttackResult, Programme
from dashboard import states, theme
from dashboard.language import current, t, tn
from dashboard.releases.panel import (
    draw_certain,
    draw_lost,
    draw_numbers,
    draw_protection,
    draw_state,
    draw_tables,
    newest,
)
from dashboard.releases.wording import ATTACKS, DESIGNS, YEARS, budget_words, lost_words, spent_so_far, total_words
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.tables import draw_table
from dashboard.text import inert, plain


def show(visitor: Visitor) -> None:
    st.title(t("The programme"), anchor=False)
    with states.guarded("programme"), visitor.governance() as governance:
        programme = governance.programme()
        if not programme.releases and any(one.period for one in programme.lost):
            states.empty(t("What was published is lost"), lost_words(programme), icon=":material/event_upcoming:")
        elif not programme.releases:
            states.empty(
                t("Nothing has been published yet"),
                t(
                    "The first numbers about the whole company are published automatically, four weeks after capturing "
                    "began."
                ),
                icon=":material/event_upcoming:",
            )
        else:
            _answer(programme)
            draw_lost(programme)
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
    if newest(programme):
        theme.answer(
            tn(
                "The company has {n} person. The same rules apply to all of them; numbers are below.",
                "The company has {n} people. The same rules apply to all of them; numbers are below.",
                latest.people,
            )
        )
        st.caption(t("Everybody in the company sees this page."))
    else:
        theme.answer(
            tn(
                "The company has {n} person: too few to publish numbers about them.",
                "The company has {n} people: too few to publish numbers about them.",
                latest.people,
            )
        )
        st.caption(t("Everybody in the company sees this page. What applies to everybody is below."))


def _releases(programme: Programme) -> None:
    latest = programme.releases[0]
    year_epsilon = spent_so_far(programme)
    newest_at = max([latest.published_at, *(one.published_at for one in programme.lost if one.period)])
    spent = min(1.0, year_epsilon / latest.allowed_epsilon)
    st.header(t("What was published, and what it cost"), anchor=False)
    st.progress(spent, text=budget_words(spent))
    st.caption(
        t(
            "{releases} so far. Those of the year up to {day} cost epsilon {epsilon} of {allowed} in total, at delta "
            "{delta}: the most they may reveal about any one person. {years} years together may reveal {total}. The "
            "digest is in the ledger, so a later change would show.",
            releases=tn("{n} release", "{n} releases", len(programme.releases)),
            day=newest_at.date(),
            epsilon=current().number(year_epsilon, 2),
            allowed=latest.allowed_epsilon,
            delta=current().number(latest.delta, 6),
            years=YEARS,
            total=total_words(latest.allowed_epsilon),
        )
    )
    draw_table(
        pd.DataFrame(
            {
                t("As of"): [release.as_of for release in programme.releases],
                t("People"): [release.people for release in programme.releases],
                t("Epsilon, this release alone"): [release.epsilon for release in programme.releases],
                t("Epsilon, with those of the 365 days before"): [
                    release.year_epsilon for release in programme.releases
                ],
                t("SHA-256"): [plain(release.digest, 64) for release in programme.releases],
            }
        ),
        t("Every release, with what it may reveal and its digest"),
        name="releases",
    )


def _attacks(attacks: tuple[AttackResult, ...]) -> None:
    st.header(t("What attacks found"), anchor=False)
    if not attacks:
        st.caption(t("No attack was tried on these releases."))
        return
    found = sum(attack.people for attack in attacks if attack.design == "ours")
    usual = sum(attack.broken > 0 for attack in attacks if attack.design == "naive")
    st.caption(
        " ".join(
            (
                t("Before publishing, we attack releases of made-up companies with your company's teams."),
                tn("With our design, {n} person was identified.", "With our design, {n} people were identified.", found)
                if found
                else t("With our design, no one was identified."),
                tn(
                    "{n} attack broke the usual design (live filters with a minimum group size), which is included to "
                    "show that the attacks work.",
                    "{n} attacks broke the usual design (live filters with a minimum group size), which is included to "
                    "show that the attacks work.",
                    usual,
                ),
            )
        )
    )
    measured = [attack for attack in attacks if attack.design == "ours" and attack.epsilon_claimed is not None]
    for attack in measured:
        st.caption(
            t(
                "Epsilon claimed for a year: {claimed}. Lower bound found by the best attack: {found}. {words}",
                claimed=current().number(attack.epsilon_claimed or 0, 2),
                found=current().number(attack.epsilon_found or 0, 2),
                words=inert(attack.words, 400),
            )
        )
    by_design = {(attack.attack, attack.design): attack for attack in attacks}
    tried = sorted({attack.attack for attack in attacks}, key=lambda name: ([*ATTACKS, name].index(name), name))
    draw_table(
        pd.DataFrame(
            {
                t("Attack"): [t(ATTACKS[name]) if name in ATTACKS else plain(name, 60) for name in tried],
                **{
                    t("People identified: {design}", design=t(words)): [
                        current().number(one.people) if (one := by_design.get((name, design))) else t("not tried")
                        for name in tried
                    ]
                    for design, words in DESIGNS.items()
                },
                t("What was tried, and the result with our design"): [
                    plain(_result(by_design, name), 400) for name in tried
                ],
            }
        ),
        t("What each attack found, by design"),
        name="attacks",
    )


def _result(by_design: dict[tuple[str, str], AttackResult], name: str) -> str:
    """The result of an attack on our releases, or on the usual design if ours was not attacked."""
    return next(one.words for design in DESIGNS if (one := by_design.get((name, design))))


show(identity.visitor())
