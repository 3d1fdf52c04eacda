"""A standalone client of the governance API: it needs httpx and nothing else of Open Book.

    from api_client import GovernanceClient

    with GovernanceClient("https://open-book.example.com", token) as client:
        print(client.summary().captures, "captures are held about me")

`docs/api-client.md` has a complete script; `errors.py` lists the possible errors.
"""

from api_client.client import GovernanceClient
from api_client.errors import GovernanceError
from api_client.exports import ExportStream
from api_client.letters import sign_in_with_letter
from api_client.listing import Listing, every
from api_client.models import Scope

__all__ = ["ExportStream", "GovernanceClient", "GovernanceError", "Listing", "Scope", "every", "sign_in_with_letter"]
