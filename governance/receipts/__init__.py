"""Signed statements about a request, which the ledger contains: an acknowledgement at once, receipts when it ends."""

from governance.receipts import acknowledging
from governance.receipts.issuing import (
    NoReceipt,
    ReceiptDestroyed,
    destroy,
    destroy_expired,
    document,
    documents,
    issue,
    issued,
    said_of_models,
    tlog_proof,
)

__all__ = [
    "NoReceipt",
    "ReceiptDestroyed",
    "acknowledging",
    "destroy",
    "destroy_expired",
    "document",
    "documents",
    "issue",
    "issued",
    "said_of_models",
    "tlog_proof",
]
