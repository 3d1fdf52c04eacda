"""Free text in one's own captures: decrypted and looked through in the person's own session, newest first. There is no
index: nothing that is searched for or found is written anywhere.
"""

from queries.search.scanning import Filters, Found, Hit, NoSuchValue, search
from queries.search.words import InvalidQuery, Place, Query

__all__ = ["Filters", "Found", "Hit", "InvalidQuery", "NoSuchValue", "Place", "Query", "search"]
