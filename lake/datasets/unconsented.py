"""Violations of consent: a run read a dataset version with records under a policy whose consent was withdrawn before.

A manifest doesn't say under which policy a capture was stored: the captures that are still stored say it. Those that
the dataset version can't have are left out, by the rules of its making: stored later, of a policy with another purpose,
past their last day, or without consent at that time. One violation for each run, dataset version and person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

from directory import Directory
from lake.datasets import purposes
from lake.rules.consents import needs_consent
from lake.rules.policies import Policy, read_policies
from lake.statements import statement

_CONSENTS = pa.schema(
    [
        ("subject", pa.string()),
        ("policy", pa.string()),
        ("given_at", pa.timestamp("us")),
        ("withdrawn_at", pa.timestamp("us")),
    ]
)
_MAY_HAVE = pa.schema([("dataset_version", pa.string()), ("policy", pa.string())])


def find(connection: DuckDBPyConnection, runs: Sequence[UUID], now: datetime) -> None:
    """Record the violations of runs, as they are recorded now. Write within `lake.storage.connection.transaction`.
    Raises PartUnavailable.
    """
    needing = [policy for policy in read_policies(connection) if needs_consent(policy)]
    if not needing:
        return
    with Directory.open() as directory:
        consents = directory.consents_of_those_who_withdrew([policy.policy for policy in needing])
    if not consents:
        return
    columns = {name: [row[index] for row in consents] for index, name in enumerate(_CONSENTS.names)}
    columns["subject"] = [str(subject) for subject in columns["subject"]]
    with _tables(connection, consents=pa.table(columns, _CONSENTS), may_have=_may_have(connection, runs, needing)):
        connection.execute(statement("undo_consent_violations"), {"runs": list(runs)})
        connection.execute(statement("find_unconsented"), {"runs": list(runs), "now": now})


def _may_have(connection: DuckDBPyConnection, runs: Sequence[UUID], needing: Sequence[Policy]) -> pa.Table:
    """Of which policies the dataset versions that the runs read may have captures."""
    read = connection.execute(statement("purposes_of_inputs"), {"runs": list(runs)}).fetchall()
    pairs = [
        (str(dataset_version), policy.policy)
        for dataset_version, purpose in read
        for policy in needing
        if purposes.allows(policy.purpose, purpose or "")
    ]
    return pa.table({name: [pair[index] for pair in pairs] for index, name in enumerate(_MAY_HAVE.names)}, _MAY_HAVE)


@contextmanager
def _tables(connection: DuckDBPyConnection, **tables: pa.Table) -> Iterator[None]:
    for name, table in tables.items():
        connection.register(name, table)
    try:
        yield
    finally:
        for name in tables:
            connection.unregister(name)
