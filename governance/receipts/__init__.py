"""Receipts: a signed statement of what a request did, issued when it ends and recorded in the ledger."""

from governance.receipts.issuing import (
    NoReceipt,
    ReceiptDestroyed,
    destroy,
    destroy_expired,
    document,
    documents,
    issue,
    issued,
)

__all__ = [
    "NoReceipt",
    "ReceiptDestroyed",
    "destroy",
    "destroy_expired",
    "document",
    "documents",
    "issue",
    "issued",
]
