"""Outcomes keep what is most relevant to the person. Older ones could have tens of thousands of entries about models,
one for each dataset without a manifest, and every list of requests reads them.

The receipts of these requests stay as they were signed, with every entry.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

MOST = 40
LONGEST = 64 * 1024


def upgrade() -> None:
    connection = op.get_bind()
    long = sa.text("select id from request where length(cast(outcome as text)) > :longest")
    for (key,) in connection.execute(long, {"longest": LONGEST}).fetchall():
        text = connection.execute(sa.text("select outcome from request where id = :id"), {"id": key}).scalar_one()
        outcome = json.loads(text)
        if len(outcome.get("models") or []) > MOST:
            shorter = {"outcome": json.dumps({**outcome, **_shorter(outcome["models"])}), "id": key}
            connection.execute(sa.text("update request set outcome = :outcome where id = :id"), shorter)


def _shorter(models: list[dict[str, Any]]) -> dict[str, Any]:
    """The best-proven entries first, judged by their stored words; and how many others there were, by state."""
    ordered = sorted(models, key=_rank)
    kept, left_out = ordered[:MOST], ordered[MOST:]
    return {"models": kept, "models_left_out": dict(Counter(str(entry.get("state")) for entry in left_out))}


def _rank(entry: dict[str, Any]) -> int:
    if entry.get("state") == "never_included":
        return 2
    return 1 if " may have been trained on " in str(entry.get("words")) else 0
