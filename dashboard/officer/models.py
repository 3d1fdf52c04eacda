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
from dashboard.language import listed
from dashboard.moments import Zone, day_words, days_away, moment_words
from dashboard.officer.changing import carry_out
from dashboard.officer.wording import PLANNED, PLANS
from dashboard.paging import draw_more, gathered
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from dashboard.wording import count

SHOWN = 6
LONGEST_PLAN = timedelta(days=730)


def draw_models(visitor: Visitor, governance: GovernanceClient) -> None:
    _violations(gathered(governance.officer.violations, "officer_violations"), visitor.zone)
    st.header("Models", anchor=False)
    models = gathered(governance.officer.models, "officer_models")
    st.markdown(models_sentence(models))
    concerned = [model for model in models if needs_attention(model)]
    shown = concerned
    if len(concerned) > SHOWN and not st.toggle(f"Show all {len(concerned)}", key="officer_models_all"):
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
        return "No model is known yet."
    having = [model for model in models if model.people and model.retired_at is None]
    if not having:
        return (
            "No model in use is proven to have learned from records that someone had deleted or kept out of training."
        )
    unplanned = sum(model.plan is None and model.newer is None for model in having)
    overdue = sum(is_overdue(model) for model in models)
    words = (
        f"{count(len(having), 'model version', 'model versions')} in use "
        f"{'is' if len(having) == 1 else 'are'} proven to have learned from records that someone had deleted or kept "
        "out of training."
    )
    of = f"{unplanned} of them" if len(having) > 1 else "it"
    words += f" Nothing is planned for {of}." if unplanned else ""
    return words + (f" **{count(overdue, 'promise is', 'promises are')} overdue.**" if overdue else "")


def is_overdue(model: OfficerModel) -> bool:
    """A promised date has passed, and nothing shows that the promise was kept."""
    return model.plan is not None and model.plan.overdue and model.newer is None and model.retired_at is None


def _violations(violations: Listing[OfficerViolation], zone: Zone) -> None:
    st.header("Policy violations", anchor=False)
    if not violations:
        states.empty("Nothing was found", "No run was found that read withdrawn records, or read for another purpose.")
        return
    shown: Sequence[OfficerViolation] = violations
    if len(violations) > SHOWN and not st.toggle(f"Show all {len(violations)}", key="officer_violations_all"):
        shown = violations[:SHOWN]
    for violation in shown:
        st.warning(inert(violation.words, 800), icon=":material/report:")
        st.caption(
            f"Found on {moment_words(violation.found_at, zone)} ({zone.label}). Run {inert(str(violation.run), 40)}. "
            "The people affected see this too."
        )
    if len(shown) == len(violations):
        draw_more(violations, "officer_violations")


def _card(zone: Zone, governance: GovernanceClient, model: OfficerModel) -> None:
    with st.container(border=True, key=f"officer-model-{model.model_version}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(inert(f"{model.model} {model.version}", 80), anchor=False, width="content")
            if is_overdue(model):
                st.badge("Overdue", color="red", icon=":material/alarm:")
            if model.newer:
                st.badge("Retrained", color="green")
        st.markdown(_concerns(model))
        st.markdown(_planned(model.plan, zone))
        places = listed([inert(place, 60) for place in model.places], 6, model.places_total)
        where = f" In use at {places}." if places else ""
        owner = inert(model.owner, 120) if model.owner else "not stated"
        st.caption(f"Owner: {owner}. Released on {day_words(model.released_at.date())}.{where}")
        if model.own:
            st.info(
                "It learned from records that you withdrew yourself. Another privacy officer has to plan for it.",
                icon=":material/info:",
            )
            return
        with st.popover("Set what happens to this model…", icon=":material/event:"):
            _plan(governance, model)


def _concerns(model: OfficerModel) -> str:
    people = count(model.people, "person", "people")
    said = (
        f"Learned from records of **{people}** that they had deleted or kept out of training." if model.people else ""
    )
    if model.maybe:
        such = "such records of others" if said else "records that someone had deleted or kept out of training"
        said += f" Part of what it was built from is unknown, so it may have learned from {such}."
    if model.newer:
        said += f" {inert(model.newer, 80)} was retrained without any of them, going by what its runs reported."
    return said.strip() or "Learned from no withdrawn records."


def _planned(plan: ModelPlan | None, zone: Zone) -> str:
    if plan is None:
        return "Nothing is planned."
    said = PLANNED.get(plan.plan, inert(plan.plan, 40))
    if plan.by:
        said += f" by **{day_words(plan.by)}** ({days_away(plan.by)})"
    if plan.first_by and plan.by and plan.first_by != plan.by:
        said += f", originally by {day_words(plan.first_by)}"
    when = f"{moment_words(plan.made_at, zone)} ({zone.label})"
    entry = "in the ledger soon" if plan.ledger_entry is None else f"entry {plan.ledger_entry} of the ledger"
    return f"{said}. Planned on {when}, {entry}."


def _plan(governance: GovernanceClient, model: OfficerModel) -> None:
    key = str(model.model_version)
    st.markdown(
        "Everybody whose records it learned from sees what is planned, and when. The ledger keeps every change."
    )
    plan = st.radio("What should happen?", list(PLANS), index=None, format_func=PLANS.__getitem__, key=f"plan-{key}")
    by = None
    if plan and plan != "none":
        by = st.date_input(
            "By",
            value=clock.today() + timedelta(days=30),
            min_value=clock.today() + timedelta(days=1),
            max_value=clock.today() + LONGEST_PLAN,
            format="YYYY-MM-DD",
            key=f"plan-by-{key}",
        )
    if st.button("Publish this plan", type="primary", disabled=plan is None, key=f"plan-save-{key}") and plan:
        carry_out(
            lambda: governance.officer.plan_model(model.model_version, plan, by),
            "Planned. The people affected can see it.",
            "Nothing was planned.",
        )
