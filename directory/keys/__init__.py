"""Content keys, and who opens them.

No key is opened before it is known for whom: the person, by their verified token (`Oneself`), or a `Job`, whose entry
for the person's access log is on disk first.
"""

from directory.keys.addresses import open_address, seal_address
from directory.keys.holders import announce_keys
from directory.keys.links import is_signed, sign_link
from directory.keys.master import WrongMasterKey, check_master_key
from directory.keys.ring import KeyRing, derive, has_content_keys
from directory.keys.uses import EVERYBODY, INGESTION, NOBODY, Job, Oneself, Reader, Use, Why

__all__ = [
    "EVERYBODY",
    "INGESTION",
    "NOBODY",
    "Job",
    "KeyRing",
    "Oneself",
    "Reader",
    "Use",
    "Why",
    "WrongMasterKey",
    "announce_keys",
    "check_master_key",
    "derive",
    "has_content_keys",
    "is_signed",
    "open_address",
    "seal_address",
    "sign_link",
]
