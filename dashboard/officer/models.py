"""Models for the privacy officer: policy violations, models that contain withdrawn captures, and plans.

People are counted here, never named. A plan's date is a promise to everybody affected, and it is in the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

import clock
from api_client import GovernanceClient, Listing
from api_client.models import ModelPlan, OfficerModel, OfficerViolation
from dashboard import states
from dashboard.language import listed, t, tn
from dashboard.moments import Zone, days_away, moment_words
from dashboard.officer.changing import carry_out
from dashboard.officer.wording import PLANNED, PLANS
from dashboard.paging import draw_more, gathered
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert

SHOWN = 6
LONGEST_PLAN = timedelta(days=730)


def draw_models(visitor: Visitor, governance: GovernanceClient) -> None:
    _violations(gathered(governance.officer.violations, "officer_violations"), visitor.zone)
    st.header(t("Models"), anchor=False)
    models = gathered(governance.officer.models, "officer_models")
    st.markdown(models_sentence(models))
    concerned = [model for model in models if needs_attention(model)]
    shown = concerned
    if len(concerned) > SHOWN and not st.toggle(t("Show all {n}", n=len(concerned)), key="officer_models_all"):
        shown = concerned[:SHOWN]
    for model in shown:
        _card(visitor.zone, governance, model)
    draw_more(models, "officer_models")


def needs_attention(model: OfficerModel) -> bool:
    """In use, and it contains or may contain withdrawn captures, or something is promised for it."""
    return model.retired_at is None and (model.people > 0 or model.maybe or model.plan is not None)


def models_sentence(models: Sequence[OfficerModel]) -> str:
    """How many models contain withdrawn captures, and how many plans are missing or overdue."""
    if not models:
        return t("No model is known yet.")
    having = [model for model in models if model.people and model.retired_at is None]
    if not having:
        return t(
            "No model in use is proven to have learned from records that someone had deleted or kept out of training."
        )
    unplanned = sum(model.plan is None and model.newer is None for model in having)
    overdue = sum(is_overdue(model) for model in models)
    words = [
        tn(
            "{n} model version in use is proven to have learned from records that someone had deleted or kept out of "
            "training.",
            "{n} model versions in use are proven to have learned from records that someone had deleted or kept out "
            "of training.",
            len(having),
        )
    ]
    if unplanned and len(having) == 1:
        words.append(t("Nothing is planned for it."))
    elif unplanned:
        words.append(tn("Nothing is planned for {n} of them.", "Nothing is planned for {n} of them.", unplanned))
    if overdue:
        words.append(tn("**{n} promise is overdue.**", "**{n} promises are overdue.**", overdue))
    return " ".join(words)


def is_overdue(model: OfficerModel) -> bool:
    """A promised date has passed, and nothing shows that the promise was kept."""
    return model.plan is not None and model.plan.overdue and model.newer is None and model.retired_at is None


def _violations(violations: Listing[OfficerViolation], zone: Zone) -> None:
    st.header(t("Policy violations"), anchor=False)
    if not violations:
        states.empty(
            t("Nothing was found"), t("No run was found that read withdrawn records, or read for another purpose.")
        )
        return
    shown: Sequence[OfficerViolation] = violations
    if len(violations) > SHOWN and not st.toggle(t("Show all {n}", n=len(violations)), key="officer_violations_all"):
        shown = violations[:SHOWN]
    for violation in shown:
        st.warning(inert(violation.words, 800), icon=":material/report:")
        st.caption(
            t(
                "Found on {time} ({zone}). Run {run}. The people affected see this too.",
                time=moment_words(violation.found_at, zone),
                zone=zone.label,
                run=inert(str(violation.run), 40),
            )
        )
    if len(shown) == len(violations):
        draw_more(violations, "officer_violations")


def _card(zone: Zone, governance: GovernanceClient, model: OfficerModel) -> None:
    with st.container(border=True, key=f"officer-model-{model.model_version}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(inert(f"{model.model} {model.version}", 80), anchor=False, width="content")
            if is_overdue(model):
                st.badge(t("Overdue"), color="red", icon=":material/alarm:")
            if model.newer:
                st.badge(t("Retrained"), color="green")
        st.markdown(_concerns(model))
        st.markdown(_planned(model.plan, zone))
        places = listed([inert(place, 60) for place in model.places], 6, model.places_total)
        owner = inert(model.owner, 120) if model.owner else t("not stated")
        said = [
            t("Owner: {owner}.", owner=owner),
            t("Released on {day}.", day=model.released_at.date()),
            *([t("In use at {places}.", places=places)] if places else []),
        ]
        st.caption(" ".join(said))
        if model.own:
            st.info(
                t("It learned from records that you withdrew yourself. Another privacy officer has to plan for it."),
                icon=":material/info:",
            )
            return
        with st.popover(t("Set what happens to this model…"), icon=":material/event:"):
            _plan(governance, model)


def _concerns(model: OfficerModel) -> str:
    said = []
    if model.people:
        said.append(
            tn(
                "Learned from records of **{n} person** that they had deleted or kept out of training.",
                "Learned from records of **{n} people** that they had deleted or kept out of training.",
                model.people,
            )
        )
    if model.maybe:
        said.append(
            t("It may have learned from such records of others, too: not all of what went into it is certain.")
            if model.people
            else t(
                "It may have learned from records that someone had deleted or kept out of training: not all of what "
                "went into it is certain."
            )
        )
    if model.newer:
        newer = inert(model.newer, 80)
        said.append(t("{model} was retrained without any of them, going by what its runs reported.", model=newer))
    return " ".join(said) or t("Learned from no withdrawn records.")


def _planned(plan: ModelPlan | None, zone: Zone) -> str:
    if plan is None:
        return t("Nothing is planned.")
    said = t(PLANNED[plan.plan]) if plan.plan in PLANNED else inert(plan.plan, 40)
    if plan.by:
        said = t("{plan} by **{day}** ({when})", plan=said, day=plan.by, when=days_away(plan.by))
        if plan.first_by and plan.first_by != plan.by:
            said = t("{plan}, originally by {day}", plan=said, day=plan.first_by)
    time = f"{moment_words(plan.made_at, zone)} ({zone.label})"
    made = (
        t("Planned on {time}, in the ledger soon.", time=time)
        if plan.ledger_entry is None
        else t("Planned on {time}, entry {entry} of the ledger.", time=time, entry=str(plan.ledger_entry))
    )
    return f"{said}. {made}"


def _plan(governance: GovernanceClient, model: OfficerModel) -> None:
    key = str(model.model_version)
    st.markdown(
        t("Everybody whose records it learned from sees what is planned, and when. The ledger keeps every change.")
    )
    plan = st.radio(
        t("What should happen?"), list(PLANS), index=None, format_func=lambda code: t(PLANS[code]), key=f"plan-{key}"
    )
    by = None
    if plan and plan != "none":
        by = st.date_input(
            t("By"),
            value=clock.today() + timedelta(days=30),
            min_value=clock.today() + timedelta(days=1),
            max_value=clock.today() + LONGEST_PLAN,
            format="YYYY-MM-DD",
            key=f"plan-by-{key}",
        )
    if st.button(t("Publish this plan"), type="primary", disabled=plan is None, key=f"plan-save-{key}") and plan:
        carry_out(
            lambda: governance.officer.plan_model(model.model_version, plan, by),
            t("Planned. The people affected can see it."),
            t("Nothing was planned."),
        )
