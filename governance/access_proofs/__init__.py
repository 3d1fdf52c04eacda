"""The access log of each person is anchored in the ledger, once a day.

The entries of a person form a chain: each step hashes the one before it with the next entry. Once a day, a worker puts
the ends of all chains into a tree with one leaf a person, also for people without entries; its root is a public entry
of the ledger. Each leaf is salted anew. So neither when nor how often somebody was looked at is public, and an entry
that is removed or changed later contradicts the leaf that its person saved.
"""

from governance.access_proofs.proving import NotAnchored, proof
from governance.access_proofs.recording import record_if_due

__all__ = ["NotAnchored", "proof", "record_if_due"]
