"""What a request would do, before it is submitted: how much, which days, what would be kept and why, which models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import pandas as pd
import streamlit as st

from api_client.models import Copy, Preview, Withheld
from dashboard import theme
from dashboard.charts.activity import days_table
from dashboard.charts.covered import covered, covered_sentence
from dashboard.charts.drawing import draw_chart, offer_table
from dashboard.language import listed
from dashboard.moments import Zone, day_words, days_away
from dashboard.requests.wording import KINDS, because
from dashboard.scopes.selection import Draft
from dashboard.sign_in.identity import Visitor
from dashboard.tables import draw_table
from dashboard.text import inert, plain
from dashboard.wording import LEARNED_STAYS, count, scope_words, signal_words

PICTURE_HEIGHT = 220

AFTERWARDS = {
    "erasure": f"Deleting the records keeps them out of all future training. {LEARNED_STAYS}",
    "objection": f"All future training leaves it out. {LEARNED_STAYS}",
    "restriction": f"Until you end this, no training uses it. {LEARNED_STAYS}",
    "rectification": "Your note doesn't change any model.",
}
"""What a request means for models; follows the list of models that learned from it."""


@dataclass(frozen=True)
class Previewed:
    """A draft and what it would do."""

    draft: Draft
    preview: Preview | None
    """None if it can't be counted right now, for the reason in `unknown`."""
    unknown: str = ""
    idempotency_key: str = field(default_factory=lambda: str(uuid4()))


def draw_preview(previewed: Previewed, visitor: Visitor) -> None:
    preview, kind = previewed.preview, previewed.draft.type
    what = scope_words(previewed.draft.scope, visitor.zone)
    st.subheader("What this covers", anchor=False)
    if preview is None:
        st.warning(
            f"What this covers can't be counted right now ({what}). {previewed.unknown} You can submit it anyway: "
            "it is saved, and handled as soon as your records can be read.",
            icon=":material/cloud_off:",
        )
        return
    if not preview.events:
        st.info(f"This covers nothing that is in this register about you now ({what}).", icon=":material/info:")
    else:
        records = count(preview.events, "record")
        theme.answer(KINDS[kind].covers.format(records=records), key="answer_preview")
        st.caption(f"Covers {what}, as of now. This is only a preview.")
        _picture(preview)
    for part in preview.withheld:
        st.warning(_withheld_words(part, kind), icon=":material/gavel:")
    if preview.copies_removed and preview.events:
        st.warning(copies_words(preview.copies_removed, visitor.zone), icon=":material/folder_off:")
    if kind != "export" and preview.events:
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
        offer_table(days_table(days, "Day (UTC)"), sentence, name="covered")
    st.caption(f"{sentence} Days are UTC days.")
    draw_table(
        pd.DataFrame(
            {
                "Application": parts["application"],
                "What": [signal_words(signal) for signal in parts["signal"]],
                "Records": parts["events"],
            }
        ),
        sentence,
        name="preview",
        bar="Records",
    )


def copies_words(copies: Sequence[Copy], zone: Zone) -> str:
    """That these copies can't be downloaded after the deletion, whatever it covers."""
    days = [day_words(day) for day in sorted({zone.local(copy.written_at).date() for copy in copies})]
    one = len(copies) == 1
    return (
        f"**Your {'copy' if one else 'copies'} of {listed(days, 8)} can't be downloaded after this**, because "
        f"{'it has' if one else 'they have'} the records as they were before. If you want to keep "
        f"{'it' if one else 'them'}, download first. Afterwards you can get a new copy of what is left."
    )


def _withheld_words(part: Withheld, kind: str) -> str:
    words = f"**{count(part.events, 'record')} would stay**, because {because(part.reason, part.exception)}."
    if part.review_on:
        words += f" This will be reviewed on {day_words(part.review_on)} ({days_away(part.review_on)})."
    if kind == "erasure":
        words += " Submit anyway: once the hold is lifted, they are deleted automatically."
    return words


def _models(preview: Preview, visitor: Visitor, kind: str) -> None:
    """Which models learned from it or may have; draws nothing if none can have."""
    used: dict[str, int] = {}
    waiting, made = set(), set()
    for use in preview.models:
        if use.model and not use.dataset:
            made.add(inert(f"{use.model} {use.model_version or ''}", 80))
        if use.model and use.events:
            name = inert(f"{use.model} {use.model_version or ''}", 80)
            used[name] = max(used.get(name, 0), use.events)
        elif use.events:
            waiting.add(inert(f"{use.dataset} {use.version}", 80))
    with visitor.at_once() as own:
        reached = own.lineage().reached.values()
    unproven = any(each.evidence in ("possible", "unknown") for each in reached)
    words = []
    if used:
        models = [f"{name} (on {events:,} of them)" for name, events in sorted(used.items())]
        words.append(f"These were trained on some of it: {listed(models, 8)}.")
    if made:
        words.append(f"Built from one of those: {listed(sorted(made), 8)}.")
    if preview.models_left_out:
        words.append(f"{sum(preview.models_left_out.values()):,} more were too; see Models.")
    if unproven:
        whose = "Others may have been" if used else "Some models may have been trained on it"
        words.append(f"{whose}; see Models.")
    if waiting:
        words.append(f"Also in a data set that no model has been trained on yet: {listed(sorted(waiting), 4)}.")
    if words:
        st.info(f"{' '.join(words)} {AFTERWARDS[kind]}", icon=":material/model_training:")
