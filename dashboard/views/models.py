"""Models: which model versions used your captures, from which data set, for what, whose they are, how we know."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from dashboard import identity, look, states
from dashboard.charts import lineage
from dashboard.identity import Visitor
from dashboard.moments import day_words
from dashboard.text import inert
from dashboard.wording import EVIDENCE, EVIDENCE_MEANING, count, listed

BADGES = {"proven": "orange", "possible": "violet", "unknown": "gray", "none": "green"}
_OPEN = "model_opened"

Row = dict[Hashable, Any]


def show(visitor: Visitor) -> None:
    st.title("What was trained on it", anchor=False)
    uses = visitor.own.models()
    if uses.empty:
        states.empty(
            "No model is known yet",
            "As soon as a training run is recorded, its model stands here, whether or not it used your captures.",
            icon=":material/model_training:",
        )
        return
    versions = lineage.model_versions(uses)
    sentence = lineage.consumption_sentence(versions)
    look.answer(sentence)
    with_captures = versions[versions["captures"] > 0]
    if len(with_captures):
        st.altair_chart(lineage.consumption(with_captures), alt=sentence)
    for version in versions.to_dict("records"):
        _card(visitor, version, uses[uses["model_version"] == version["model_version"]])
    with st.expander("What proven, possible, unknown and not used mean", icon=":material/help:"):
        for evidence, meaning in EVIDENCE_MEANING.items():
            st.markdown(f"**{EVIDENCE[evidence]}.** {meaning}")
        st.markdown(
            "A model keeps what it learned when captures are deleted. Only training it anew without them changes that."
        )


def _card(visitor: Visitor, version: Row, readings: pd.DataFrame) -> None:
    evidence = str(version["evidence"])
    captures = int(version["captures"])
    key = str(version["model_version"])
    with st.container(border=True, key=f"model-{key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header(inert(str(version["name"]), 80), anchor=False, width="content")
            st.badge(EVIDENCE.get(evidence, evidence), color=BADGES.get(evidence, "gray"))  # type: ignore[arg-type]
            if _known(version["retired_at"]):
                st.badge("Retired", color="gray")
        if captures:
            st.markdown(f"**Trained on {count(captures, 'capture')} of yours.** {EVIDENCE_MEANING[evidence]}")
        else:
            st.markdown(EVIDENCE_MEANING.get(evidence, ""))
        st.markdown(
            f"Purpose: {inert(str(version['purpose']), 120)}. Owner: {inert(str(version['owner']), 120)}. "
            + _life(version)
        )
        for reading in readings.to_dict("records"):
            if _known(reading["dataset_version"]):
                st.caption(_reading_words(reading))
        if captures and st.toggle("Show which days and what", key=f"{_OPEN}-{key}"):
            _which(visitor, UUID(key))


def _life(version: Row) -> str:
    released, retired = version["released_at"], version["retired_at"]
    words = f"Released on {day_words(released.date())}"
    if _known(retired):
        words += f", retired on {day_words(retired.date())}"
    return f"{words}."


def _reading_words(reading: Row) -> str:
    name = inert(f"{reading['dataset']} {reading['dataset_release']}", 100)
    words = f"Data set {name}"
    if _known(reading["finished_at"]):
        words += f", read by a training run that ended on {day_words(reading['finished_at'].date())}"
    if reading["evidence"] == "none":
        return f"{words}: nothing of yours in it."
    if int(reading["captures"]):
        first, last = reading["first_day"], reading["last_day"]
        words += (
            f": {count(int(reading['captures']), 'capture')} of yours, from {day_words(first.date())} "
            f"to {day_words(last.date())}"
        )
    return f"{words}."


def _known(value: Any) -> bool:
    return value is not None and value is not pd.NaT


def _which(visitor: Visitor, model_version: UUID) -> None:
    slices = visitor.own.model_slices(model_version)
    slices["day"] = pd.to_datetime(slices["day"])
    by_application = slices.groupby("application")["events"].sum().sort_values(ascending=False)
    sentence = "Yours came from " + listed(
        [f"{inert(str(name), 40)} ({events:,})" for name, events in by_application.items()], 6
    )
    st.caption(f"{sentence}.")
    st.altair_chart(lineage.slices(slices), alt=sentence)


show(identity.visitor())
