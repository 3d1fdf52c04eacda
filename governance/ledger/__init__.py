"""The ledger: append-only, signed, and open for everyone to check; it contains only hashes."""

from governance.ledger.log import Entry, NotThisLedger, append

__all__ = ["Entry", "NotThisLedger", "append"]
