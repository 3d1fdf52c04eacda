"""What My area and Programme share: tables with their uncertainty, policies and models, privacy protection."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from api_client.models import Area, PolicyInForce, Programme, Release, ReleasedTable
from dashboard.charts.drawing import draw_chart
from dashboard.language import current, listed, t
from dashboard.moments import Zone, moment_words
from dashboard.releases import charts
from dashboard.releases.sentences import (
    answers_of,
    certain_of,
    changed,
    models_words,
    policies_words,
    says_something,
    trend_of,
)
from dashboard.releases.wording import (
    MEANINGS,
    PERMITTED,
    TITLES,
    change_words,
    cost_words,
    lost_words,
    missing_words,
    protection_words,
    table_sentence,
    title_of,
)
from dashboard.tables import draw_table
from dashboard.text import inert, plain, read_aloud
from dashboard.wording import signal_words


def newest(found: Area | Programme) -> tuple[ReleasedTable, ...]:
    """The tables of the newest release."""
    release = found.releases[0].release if found.releases else None
    return tuple(table for table in found.tables if table.release == release)


def draw_lost(found: Area | Programme) -> None:
    """Which releases were lost, if any."""
    if said := lost_words(found):
        st.caption(said)


def draw_certain(found: Area | Programme) -> None:
    """What needs no noise, in sentences. Its tables are further down."""
    said = certain_of(found)
    if said:
        st.header(t("Certain: without noise"), anchor=False)
        st.markdown("\n".join(f"- {one}" for one in [*said, t("Policies and models are listed below.")]))


def draw_numbers(found: Area | Programme, *, company: bool) -> None:
    """What the newest release says, in sentences with their certainty, and what all releases may reveal.

    `company`: it is about all of it, and not about an area."""
    tables = newest(found)
    st.header(t("From the numbers"), anchor=False)
    trend = trend_of(found.tables, tables)
    st.markdown("\n".join(f"- {one}" for one in [*answers_of(tables, company=company), *([trend] if trend else [])]))
    st.caption(f"{as_of_words(found)} {cost_words(found)}")


def draw_tables(found: Area | Programme, *, company: bool) -> None:
    """Each table of the newest release, with earlier releases."""
    published = {table.name: table for table in newest(found)}
    for name in [*TITLES, *sorted(published.keys() - TITLES.keys())]:
        if name in published:
            _draw_table([table for table in found.tables if table.name == name])
    missing = missing_words(found.sizes, set(published), company=company)
    if missing:
        st.caption(missing)


def _draw_table(tables: list[ReleasedTable]) -> None:
    rows = charts.rows_of(tables)
    clear = tuple(share for share in tables[0].shares if says_something(share))
    sentence = table_sentence(replace(tables[0], shares=clear)) if clear else title_of(tables[0].name)
    told = [change_words(*tables[:2])] if tables[1:] and changed(*tables[:2]) else []
    newest_rows = rows[rows["when"] == rows["when"].iloc[0]]
    open_bands = newest_rows["band"][~newest_rows["says"]].tolist()
    drawn = rows[rows["says"] & ~rows["band"].isin(open_bands)]
    if open_bands:
        bands = inert(listed(open_bands, 6))
        told.append(t("The noise is too large to say anything about: {bands}.", bands=bands))
    st.header(title_of(tables[0].name), anchor=False)
    st.caption(" ".join([t(MEANINGS.get(tables[0].name, "")), *([sentence] if clear else []), *told]))
    if len(drawn):
        draw_chart(charts.shares(drawn), sentence, None)
    draw_table(charts.table_of(rows), read_aloud(sentence), name=f"shares-{tables[0].name}")


def draw_state(found: Area | Programme, zone: Zone) -> None:
    """Policies, purposes and models, which are the same for everybody. None of it is derived from captures."""
    st.header(t("What applies to everybody"), anchor=False)
    if found.told_at is None:
        st.caption(
            t(
                "Policies and models are not listed yet. They appear automatically within a minute after a worker "
                "starts."
            )
        )
        return
    purposes = sorted({plain(policy.purpose, 120) for policy in found.policies})
    said = [
        policies_words(len(found.policies), len(purposes)),
        models_words(found),
        t("They apply to all areas alike, and nothing here is derived from records."),
        t("As of {time} ({zone}).", time=moment_words(found.told_at, zone), zone=zone.label),
    ]
    st.caption(" ".join(said))
    draw_table(
        pd.DataFrame(
            {
                t("Policy"): [plain(policy.name, 60) for policy in found.policies],
                t("For"): [plain(policy.purpose, 120) for policy in found.policies],
                t("Captured"): [
                    listed([signal_words(signal) for signal in policy.signals], 20) for policy in found.policies
                ],
                t("In"): [plain(", ".join(policy.applications), 200) for policy in found.policies],
                t("Also permitted"): [_permitted(policy) for policy in found.policies],
                t("Days kept"): [policy.retention_days for policy in found.policies],
                t("Legal basis"): [plain(policy.legal_basis, 120) for policy in found.policies],
            }
        ),
        t("The capture policies in force"),
        name="policies",
    )
    if found.models:
        _draw_models(found)


def _permitted(policy: PolicyInForce) -> str:
    """What may be done besides storing records, in words."""
    if not policy.permits:
        return t("nothing")
    return "; ".join(t(PERMITTED[name]) if name in PERMITTED else plain(name, 40) for name in policy.permits)


def _draw_models(found: Area | Programme) -> None:
    models = found.models
    draw_table(
        pd.DataFrame(
            {
                t("Model"): [plain(f"{model.model} {model.version}", 80) for model in models],
                t("For"): [plain(model.purpose or t("not declared"), 120) for model in models],
                t("Owner"): [plain(model.owner or t("not known"), 80) for model in models],
                t("Released"): [model.released_on for model in models],
                t("Retired"): [
                    current().short_day(model.retired_on) if model.retired_on else t("not reported") for model in models
                ],
            }
        ),
        t("Model versions, whichever policies they were built under"),
        name="models",
    )


def draw_protection(releases: tuple[Release, ...]) -> None:
    """How people are protected."""
    latest = releases[0] if releases else None
    st.header(t("How this is protected"), anchor=False)
    st.markdown(protection_words(latest.allowed_epsilon, latest.delta) if latest else protection_words())


def as_of_words(found: Area | Programme) -> str:
    """The date of the numbers, and their uncertainty."""
    latest = found.releases[0]
    return t(
        "As of {day}, as published then. Each number includes random noise: the true value is within the range in 95 % "
        "of cases.",
        day=latest.as_of,
    )
