"""How long a person's captures are kept and why, what was removed, and what a legal hold keeps."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pyarrow as pa
from duckdb import DuckDBPyConnection

import clock
from directory.access_tokens import Subject
from law.exceptions import LegalException
from queries.lasting import Lasting
from queries.loader import ask, frame
from queries.own import sql
from queries.slices import pieces, totals, visible_of


def _read_terms(cursor: DuckDBPyConnection) -> dict[str, tuple[str, int]]:
    """The name of each policy, and for how many days it keeps."""
    return {policy: (name, days) for policy, name, days in cursor.execute(sql("policy_terms")).fetchall()}


_terms = Lasting(frozenset({"policies"}), _read_terms)


def retention(cursor: DuckDBPyConnection, subject: Subject) -> pd.DataFrame:
    """DataFrame[retained_until, policy, policy_name, signal, application, events, state], in order of day.

    state: retained; held (a legal hold keeps it, whatever its day); restricted (kept at the person's own wish);
    expired (its day is over, the next sweep removes it). `retained_until` is the last day on which it is kept.
    """
    kept = totals(
        visible_of(pieces(cursor, subject)),
        ["retained_until", "policy", "signal", "application", "held", "restricted"],
        ["events"],
    )
    kept["state"] = "retained"
    kept.loc[kept["retained_until"] < pd.Timestamp(clock.today()), "state"] = "expired"
    kept.loc[kept["restricted"], "state"] = "restricted"
    kept.loc[kept["held"], "state"] = "held"
    names = policies(cursor, subject)[["policy", "name"]].rename(columns={"name": "policy_name"})
    kept = kept.merge(names, on="policy", how="left")
    key = ["retained_until", "policy", "policy_name", "signal", "application", "state"]
    table = kept.groupby(key, as_index=False, dropna=False)["events"].sum()
    return pd.DataFrame(table, columns=[*key[:-1], "events", "state"])


def removals(cursor: DuckDBPyConnection, subject: Subject) -> pd.DataFrame:
    """DataFrame[removed_at, cause, request: UUID, policy, policy_name, retention_days, signal, application,
    first_day, last_day, events], newest first. cause: retention, erasure or source."""
    table = frame(cursor, subject, "removals")
    terms = _terms.of(cursor)
    under = [terms.get(policy, (None, None)) for policy in table["policy"]]
    place = list(table.columns).index("policy") + 1
    table.insert(place, "policy_name", pd.Series([name for name, _ in under], dtype="str"))
    table.insert(place + 1, "retention_days", pd.Series([days for _, days in under], dtype="Int32"))
    return table


def removed(cursor: DuckDBPyConnection, subject: Subject) -> pa.Table:
    """Table[removed_at, cause, request, policy, signal, application, first_day, last_day, events]: `removals`, to be
    added up."""
    return ask(cursor, subject, "removals").to_arrow_table()


def holds(cursor: DuckDBPyConnection, subject: Subject) -> pd.DataFrame:
    """DataFrame[hold: UUID, case, reason, exception, signals, applications, from_at, until_at, placed_at, review_on,
    events]: the holds in force and how many captures each covers, including those whose erasure was requested.
    `case` is the employer's reference, `reason` the exception in words, `exception` its article;
    `signals` and `applications` are tuples, None if the hold is not limited by them."""
    table = frame(cursor, subject, "holds")
    if table["cut"].any():
        exact = dict(ask(cursor, subject, "held_captures").fetchall())
        table["events"] = [exact.get(hold, 0) for hold in table["hold"]]
    laws = [LegalException(code) for code in table["exception"]]
    table["reason"] = [law.words for law in laws]
    table["exception"] = [law.article for law in laws]
    return table.drop(columns="cut")


def sources(cursor: DuckDBPyConnection, subject: Subject) -> list[tuple[str, datetime]]:
    """Connectors with their versions by which records were stored, and when the last time (naive UTC)."""
    return ask(cursor, subject, "sources").fetchall()


def policies(cursor: DuckDBPyConnection, subject: Subject) -> pd.DataFrame:
    """DataFrame[policy, name, purpose, legal_basis, signals, applications, safeguards, retention_days, valid_from,
    valid_to, in_force: bool]: the policies in force, and those that applied to captures of the person."""
    return frame(cursor, subject, "policies", today=clock.today())
