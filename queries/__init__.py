"""The questions that screens and API ask DuckDB, one .sql file each: about one person, or about released data.

own = queries.sign_in(token)
own.summary().captures
"""

from lake.storage.connection import LakeUnavailable
from lake.storage.waiting import bound_waits
from queries.indirect import Indirect
from queries.kept import Kept, KeptByToken
from queries.lineage import Lineage
from queries.overview import Summary
from queries.person import Own, for_request, has_ended, remember_sign_in, sign_in
from queries.records import Cursor, InvalidCursor, Page, Record
from queries.refused import Refused
from queries.slices import Size

__all__ = [
    "Cursor",
    "Indirect",
    "InvalidCursor",
    "Kept",
    "KeptByToken",
    "LakeUnavailable",
    "Lineage",
    "Own",
    "Page",
    "Record",
    "Refused",
    "Size",
    "Summary",
    "bound_waits",
    "for_request",
    "has_ended",
    "remember_sign_in",
    "sign_in",
]
