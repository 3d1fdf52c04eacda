"""Receipts: a signed statement of what a request did, issued when it comes to an end and kept in the ledger."""

from __future__ import annotations

from governance.models import RequestRow


def issue(row: RequestRow) -> None:
    """State what the request did; call it right after it came to an end, in the same transaction."""
