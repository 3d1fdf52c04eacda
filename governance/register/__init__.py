"""The register of people: a tree with one leaf for each person in the directory, whose root is in the ledger.

Each person can open their own leaf: it commits to their address and subject. A works council compares the number of
leaves with everybody who has been on the payroll. So nobody can have a second subject, under which data of theirs is
kept aside, without a leaf too many or a colleague who finds no leaf. What was never catalogued under any subject is not
in it.
"""

from governance.register.opening import leaves, opening
from governance.register.recording import record_if_changed

__all__ = ["leaves", "opening", "record_if_changed"]
