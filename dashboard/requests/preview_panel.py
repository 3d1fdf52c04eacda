"""What a request would do, before it is submitted: how much, which days, what would be kept and why, which models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import pandas as pd
import streamlit as st

from api_client.models import Copy, Preview, Withheld
from dashboard import theme
from dashboard.charts.activity import days_table
from dashboard.charts.covered import covered, covered_sentence
from dashboard.charts.drawing import draw_chart, offer_table
from dashboard.language import listed, t, tn
from dashboard.moments import Zone, day_words, days_away
from dashboard.requests.wording import KINDS, because, covered_words
from dashboard.scopes.selection import Draft
from dashboard.sign_in.identity import Visitor
from dashboard.tables import draw_table
from dashboard.text import inert, plain
from dashboard.wording import LEARNED_STAYS, signal_words
from languages import mark
from queries import Lineage

PICTURE_HEIGHT = 220

AFTERWARDS = {
    "erasure": (mark("Deleting the records keeps them out of all future training."), LEARNED_STAYS),
    "objection": (mark("All future training leaves it out."), LEARNED_STAYS),
    "restriction": (mark("Until you end this, no training uses it."), LEARNED_STAYS),
    "rectification": (mark("Your note doesn't change any model."),),
}
"""What a request means for models, in sentences that are marked; follows the list of models that learned from it."""


@dataclass(frozen=True)
class Previewed:
    """A draft and what it would do."""

    draft: Draft
    preview: Preview | None
    """None if it can't be counted right now, for the reason in `unknown`."""
    unknown: str = ""
    in_force_since: datetime | None = None
    """When the same request was filed that is in force already."""
    idempotency_key: str = field(default_factory=lambda: str(uuid4()))


def draw_preview(previewed: Previewed, visitor: Visitor) -> None:
    preview, kind = previewed.preview, previewed.draft.type
    what = covered_words(kind, previewed.draft.scope, visitor.zone)
    st.subheader(t("What this covers"), anchor=False)
    if previewed.in_force_since:
        st.info(
            t(
                "The same request has been in force since {day}. You don't need to submit it again.",
                day=visitor.zone.local(previewed.in_force_since).date(),
            ),
            icon=":material/task_alt:",
        )
    if preview is None:
        st.warning(
            t(
                "What this covers can't be counted right now ({what}). {why} You can submit it anyway: it is saved, "
                "and handled as soon as your records can be read.",
                what=what,
                why=previewed.unknown,
            ),
            icon=":material/cloud_off:",
        )
        return
    if not preview.events:
        st.info(
            t("This covers nothing that is in this register about you now ({what}).", what=what),
            icon=":material/info:",
        )
    else:
        theme.answer(tn(*KINDS[kind].covers, preview.events), key="answer_preview")
        st.caption(t("Covers {what}, as of now. This is only a preview.", what=what))
        if preview.by:
            _picture(preview)
    for part in preview.withheld:
        st.warning(_withheld_words(part, kind), icon=":material/gavel:")
    if preview.copies_removed and preview.events:
        st.warning(copies_words(preview.copies_removed, visitor.zone), icon=":material/folder_off:")
    if kind in AFTERWARDS and preview.events:
        _models(preview, visitor, kind)


def _picture(preview: Preview) -> None:
    """A bar chart by day, a table by application and kind, and a sentence below."""
    days = pd.DataFrame(
        {"day": pd.to_datetime([each.day for each in preview.days]), "events": [each.events for each in preview.days]}
    )
    parts = pd.DataFrame(
        {
            "application": [plain(part.application, 60) for part in preview.by],
            "signal": [part.signal for part in preview.by],
            "events": [part.events for part in preview.by],
        }
    ).sort_values("events", ascending=False)
    sentence = covered_sentence(days, parts)
    if len(days) > 1:
        # Reserves the chart's space while it loads, so that the buttons below don't move under a click.
        with st.container(height=PICTURE_HEIGHT, border=False):
            draw_chart(covered(days), sentence, None)
        offer_table(lambda: days_table(days, t("Day")), sentence, name="covered")
    st.caption(sentence)
    draw_table(
        pd.DataFrame(
            {
                t("Application"): parts["application"],
                t("What"): [signal_words(signal) for signal in parts["signal"]],
                t("Records"): parts["events"],
            }
        ),
        sentence,
        name="preview",
        bar=t("Records"),
    )


def copies_words(copies: Sequence[Copy], zone: Zone) -> str:
    """That these copies can't be downloaded after the deletion, whatever it covers."""
    days = [day_words(day) for day in sorted({zone.local(copy.written_at).date() for copy in copies})]
    return tn(
        "**Your copy of {days} can't be downloaded after this**: a deletion removes every earlier copy. If "
        "you want to keep it, download first. Afterwards you can get a new copy of what is left.",
        "**Your copies of {days} can't be downloaded after this**: a deletion removes every earlier copy. "
        "If you want to keep them, download first. Afterwards you can get a new copy of what is left.",
        len(copies),
        days=listed(days, 8),
    )


def _withheld_words(part: Withheld, kind: str) -> str:
    words = [
        tn(
            "**{n} record would stay**, because {why}.",
            "**{n} records would stay**, because {why}.",
            part.events,
            why=because(part.reason, part.exception),
        )
    ]
    if part.review_on:
        words.append(t("This will be reviewed on {day} ({when}).", day=part.review_on, when=days_away(part.review_on)))
    if kind == "erasure":
        words.append(t("Submit anyway: once the hold is lifted, they are deleted automatically."))
    return " ".join(words)


def _models(preview: Preview, visitor: Visitor, kind: str) -> None:
    """Which models learned from it or may have; draws nothing if none can have."""
    with visitor.at_once() as own:
        lineage = own.lineage()
    readings, certain = _proven(lineage)
    used: dict[str, list[int]] = {}
    waiting, made = set(), set()
    for use in preview.models:
        name = f"{use.model or ''} {use.model_version or ''}".strip()
        if use.model is None:
            if use.events:
                waiting.add(inert(f"{use.dataset} {use.version}", 80))
        elif use.dataset is None:
            if name in certain:
                made.add(inert(name, 80))
        elif use.events and (name, use.dataset, use.version) in readings:
            used.setdefault(inert(name, 80), []).append(use.events)
    unproven = any(each.evidence in ("possible", "unknown") for each in lineage.reached.values())
    words = []
    if used:
        models = [_trained_on(name, events) for name, events in sorted(used.items())]
        words.append(t("These were trained on some of it: {models}.", models=listed(models, 8)))
    if made:
        words.append(t("Built from one of those: {models}.", models=listed(sorted(made), 8)))
    if preview.models_left_out:
        left_out = sum(preview.models_left_out.values())
        words.append(tn("{n} more was too; see Models.", "{n} more were too; see Models.", left_out))
    if unproven:
        words.append(
            t("Others may have been; see Models.")
            if used
            else t("Some models may have been trained on it; see Models.")
        )
    if waiting:
        datasets = listed(sorted(waiting), 4)
        words.append(t("Also in a dataset that no model has been trained on yet: {datasets}.", datasets=datasets))
    if words:
        words += [t(sentence) for sentence in AFTERWARDS[kind]]
        st.info(" ".join(words), icon=":material/model_training:")


def _proven(lineage: Lineage) -> tuple[set[tuple[str, str, str]], set[str]]:
    """(model, dataset, its version) of each reading that is proven, and the models that certainly have something."""
    graph = lineage.graph
    readings = {
        (model.name, graph.datasets[reading.dataset].dataset, graph.datasets[reading.dataset].version)
        for key, model in graph.models.items()
        for reading in graph.readings.get(key, ())
        if reading.dataset is not None and lineage.evidence(reading) == "proven"
    }
    return readings, {model.name for key, model in graph.models.items() if lineage.reached[key].evidence == "proven"}


def _trained_on(model: str, events: list[int]) -> str:
    """`events`: of the request's records, those in each dataset that it read; nobody knows here how many of them two
    datasets have in common."""
    if len(events) > 1:
        return t("{model} (on at least {n} of them)", model=model, n=max(events))
    return tn("{model} (on {n} of them)", "{model} (on {n} of them)", events[0], model=model)
