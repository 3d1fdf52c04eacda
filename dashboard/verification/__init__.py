"""Checks what Open Book says: receipts, the ledger since the last visit, and the commands to check offline."""
