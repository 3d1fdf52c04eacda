"""The ledger: append-only, signed, and open to everybody's checking; it holds hashes only."""

from governance.ledger.log import Entry, NotThisLedger, append

__all__ = ["Entry", "NotThisLedger", "append"]
