"""Outcomes said that a run had read something else than a data set's list, because the ledger had the list only after
the run began. What the run read is not known. Receipts stay as they were signed; their page says so.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0031"

SAID = "so it read something else under that name"
TOO_MUCH = re.compile(f"its run began before ((?:(?!its run began before ).)+?) was made, {SAID}")
KNOWN = r"the list of \1 was in the ledger only after its run began, so nothing shows that the run read this list"


def upgrade() -> None:
    connection = op.get_bind()
    found = sa.text("select id, outcome from request where cast(outcome as text) like '%' || :said || '%'")
    for key, text in connection.execute(found, {"said": SAID}).fetchall():
        corrected = {"outcome": TOO_MUCH.sub(KNOWN, text), "id": key}
        connection.execute(sa.text("update request set outcome = :outcome where id = :id"), corrected)
