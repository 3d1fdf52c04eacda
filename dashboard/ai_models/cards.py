"""A card for each model version: what it has of the person, its status, what is promised, and how to check that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

import pandas as pd
import streamlit as st

from api_client.models import OwnModel, TrainedOn
from dashboard.ai_models import story
from dashboard.ai_models.story import keeps
from dashboard.charts import lineage
from dashboard.charts.drawing import draw_chart
from dashboard.language import listed, t, tn
from dashboard.scopes import addresses
from dashboard.scopes.addresses import Parts
from dashboard.scopes.selection import open_request
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from dashboard.verification.elsewhere import draw_elsewhere
from dashboard.verification.receipt_panel import Checked, check, draw_checked
from dashboard.wording import EVIDENCE_MEANING, NOT_LEARNED, SIGNALS, signal_words
from lake.rules.scope import Scope
from languages import mark

BADGES = {"proven": "orange", "possible": "violet", "unknown": "gray", "made_before": "gray", "none": "green"}
SHOWN = 6
KIND, ALL = "models_kind", "models_all"
_OPEN = "model_opened"
_CHECKED = "proofs_checked"


def draw_models(visitor: Visitor, models: Sequence[OwnModel]) -> None:
    """Draws the cards: first models that still have withdrawn captures, last (together) those without any data."""
    having = sorted(
        (model for model in models if model.evidence not in NOT_LEARNED), key=lambda model: not keeps(model)
    )
    kinds = _kinds(having)
    parts = _parts(kinds)
    addresses.follow(parts)
    having = _of_a_kind(having, kinds)
    shown = having
    if len(having) > SHOWN and not st.toggle(t("Show all {n}", n=len(having)), key=ALL):
        shown = having[:SHOWN]
    addresses.keep(parts)
    addresses.draw_left_out()
    for model in shown:
        _card(visitor, model)
    if older := [model for model in models if model.evidence == "made_before"]:
        _older(visitor, older)
    if clean := [model for model in models if model.evidence == "none"]:
        _without(visitor, clean)


def _kinds(models: list[OwnModel]) -> list[str]:
    """What they learned from."""
    learned = {kind.signal for model in models for kind in model.kinds}
    return [signal for signal in SIGNALS if signal in learned]


def _parts(kinds: list[str]) -> Parts:
    return {
        "kind": addresses.choice_part(KIND, mark("Which models learned from"), kinds),
        "all": addresses.switch_part(ALL, mark("all models"), usually=False, other="yes"),
    }


def _of_a_kind(models: list[OwnModel], kinds: list[str]) -> list[OwnModel]:
    """Those that learned from the kind that the person chooses, and those of which nobody knows."""
    if len(kinds) < 2:
        return models
    chosen = st.pills(
        t("Which models learned from"),
        kinds,
        format_func=lambda kind: t("my {kind}", kind=signal_words(kind)),
        key=KIND,
    )
    if chosen is None:
        return models
    learned = [model for model in models if any(kind.signal == chosen for kind in model.kinds)]
    unknown = [model for model in models if not model.kinds]
    words = tn(
        "{n} model version learned from your {kind}, going by what the runs reported.",
        "{n} model versions learned from your {kind}, going by what the runs reported.",
        len(learned),
        kind=signal_words(chosen),
    )
    if unknown:
        rest = tn(
            "Of {n} more, nobody recorded the kinds: they stay listed.",
            "Of {n} more, nobody recorded the kinds: they stay listed.",
            len(unknown),
        )
        words = f"{words} {rest}"
    st.caption(words)
    if st.button(t("Stop training on my {kind}…", kind=signal_words(chosen)), icon=":material/block:", key="stop_kind"):
        open_request("objection", Scope(signals=(chosen,)))
    return learned + unknown


def _card(visitor: Visitor, model: OwnModel) -> None:
    key = str(model.model_version)
    with st.container(border=True, key=f"model-{key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header(inert(story.name(model), 80), anchor=False, width="content")
            st.badge(
                story.evidence_words(model),
                color=BADGES.get(model.evidence, "gray"),  # type: ignore[arg-type]
                help=t(EVIDENCE_MEANING[model.evidence]) if model.evidence in EVIDENCE_MEANING else None,
            )
            st.badge(story.state_words(model), color=story.state_colour(model))  # type: ignore[arg-type]
            if model.overdue:
                st.badge(t("Overdue"), color="red", icon=":material/alarm:")
        st.markdown(story.words(model))
        for said in (story.promise(model), story.what(model)):
            if said:
                st.markdown(said)
        st.caption(story.about(model))
        if model.trained_on:
            with st.expander(
                t("What it was trained on: check it yourself"),
                icon=":material/fact_check:",
                type="compact",
                key=f"readings-{key}",
            ):
                _readings(visitor, model)
        if model.kinds and st.button(
            t("Stop training on {kinds}…", kinds=listed([signal_words(kind.signal) for kind in model.kinds], 3)),
            icon=":material/block:",
            key=f"stop-{key}",
        ):
            open_request("objection", Scope(signals=tuple(kind.signal for kind in model.kinds)))
        if model.captures and st.toggle(t("Show days and kinds"), key=f"{_OPEN}-{key}"):
            _which(visitor, model.model_version)


def _older(visitor: Visitor, models: Sequence[OwnModel]) -> None:
    said = tn(
        "{n} model version was finished before your first record here: {names}.",
        "{n} model versions were finished before your first record here: {names}.",
        len(models),
        names=_names(models),
    )
    words = f"{said} {t(EVIDENCE_MEANING['made_before'])}"
    title, detail = t("Older than your records"), t("What their runs reported")
    _together(visitor, models, "models-older", title, words, detail, "schedule")


def _without(visitor: Visitor, models: Sequence[OwnModel]) -> None:
    said = tn(
        "{n} model version has none of your data: {names}.",
        "{n} model versions have none of your data: {names}.",
        len(models),
        names=_names(models),
    )
    how = t("That goes by what their training runs reported and what was entered in this register.")
    title, detail = t("None of your data in them"), t("How we know: check it yourself")
    _together(visitor, models, "models-without", title, f"{said} {how}", detail, "fact_check")


def _names(models: Sequence[OwnModel]) -> str:
    return listed([inert(story.name(model), 60) for model in models], 12)


def _together(
    visitor: Visitor, models: Sequence[OwnModel], key: str, title: str, words: str, detail: str, icon: str
) -> None:
    """One card for several model versions; `words` is Markdown, the title of the `detail` and its icon aren't."""
    with st.container(border=True, key=key):
        st.header(title, anchor=False)
        st.markdown(words)
        with st.expander(detail, icon=f":material/{icon}:", type="compact", key=f"readings-{key}"):
            for model in models:
                st.markdown(f"**{inert(story.name(model), 80)}.** {inert(model.words, 800)}")
                _readings(visitor, model)


def _readings(visitor: Visitor, model: OwnModel) -> None:
    lines = [story.reading(read) for read in model.trained_on]
    if (left := model.trained_on_total - len(lines)) > 0:
        where = f"/v1/me/models/{model.model_version}/datasets"
        lines.append(
            tn(
                "and {n} more, which is not more certain. The API lists all of them at `{where}`.",
                "and {n} more, none of them more certain. The API lists all of them at `{where}`.",
                left,
                where=where,
            )
        )
    st.markdown("\n".join(f"- {line}" for line in lines))
    proofs = {read.dataset_version: read for read in model.trained_on if read.dataset_version and read.manifest_root}
    for number, (dataset, read) in enumerate(proofs.items()):
        _proof(visitor, dataset, read, f"{model.model_version}-{number}")
    if proofs:
        st.caption(
            t(
                "The proof says which of your records are in the dataset, or that none are. To check it without us, "
                "save the proof, the list of all leaves, and [the verifier](/verifier.py), a single file you can read. "
                "Then run:"
            )
        )
        draw_elsewhere(visitor, "proof.json --leaves leaves.json")
    else:
        st.caption(t("Nobody recorded what was read here, so there is nothing to check."))


def _proof(visitor: Visitor, dataset: UUID, read: TrainedOn, key: str) -> None:
    what = f"{read.dataset} {read.version}".strip()
    with st.container(horizontal=True):
        named = inert(what, 60)
        st.link_button(
            t("Save the proof for {dataset}", dataset=named), f"/membership/{dataset}", icon=":material/download:"
        )
        st.link_button(
            t("Save the leaves of {dataset}", dataset=named),
            f"/membership/{dataset}/leaves",
            icon=":material/account_tree:",
        )
        here = st.button(
            t("Check {dataset} here", dataset=named), icon=":material/fact_check:", key=f"check-proof-{key}"
        )
    results: dict[UUID, Checked] = st.session_state.setdefault(_CHECKED, {})
    if here:
        with st.spinner(t("Checking every hash…")), visitor.governance() as governance:
            results[dataset] = check(governance.membership(dataset), json.loads(governance.leaves(dataset)))
    if dataset in results:
        draw_checked(results[dataset], "proof", visitor)


def _which(visitor: Visitor, model_version: UUID) -> None:
    with visitor.at_once() as own:
        slices = own.model_slices(model_version)
    if slices["day"].isna().any():
        st.caption(t(story.ERASED))
        slices = slices.dropna(subset=["day"])
    if slices.empty:
        return
    slices["day"] = pd.to_datetime(slices["day"])
    by_application = slices.groupby("application")["events"].sum().sort_values(ascending=False)
    named = [t("{kind} ({n})", kind=inert(str(name), 40), n=int(events)) for name, events in by_application.items()]
    sentence = t("Your records came from {applications}.", applications=listed(named, 6))
    st.caption(sentence)
    draw_chart(lineage.slices(slices), sentence, lambda: lineage.slices_table(slices), name=f"slices-{model_version}")
