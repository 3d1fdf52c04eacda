"""The ledger: `GovernanceClient.ledger`. Its answers can be verified without trusting the service (docs/ledger.md).

Everything here is text or hashes, with no personal data.
"""

from __future__ import annotations

from typing import Any

from api_client.decoding import decode
from api_client.models import Consistency, Inclusion, MyLedger, PublicEntries, SeenHead
from api_client.sending import Sender, json_of


class Ledger:
    """The calls about the ledger. See `GovernanceClient` for the errors that every call may raise."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def checkpoint(self) -> str:
        """The signed head of the ledger, as a signed note (C2SP)."""
        return self._text("/v1/ledger/checkpoint")

    def key(self) -> str:
        """The public key that signs it, as a verifier key (C2SP). Get it from another source as well, and compare."""
        return self._text("/v1/ledger/key")

    def verifier(self) -> str:
        """The program that checks receipts and checkpoints offline, as text: a single Python file."""
        return self._text("/v1/ledger/verifier")

    def register(self) -> bytes:
        """All leaves of the newest register of people: a file for the verifier. Raises NotFound."""
        return self._sender.send("GET", "/v1/ledger/register").content

    def entries(self, start: int = 0, limit: int = 100) -> PublicEntries:
        """The entries about no single person, from an index on: dataset versions, releases, plans, registers."""
        return decode(PublicEntries, self._json("/v1/ledger/entries", {"from": start, "limit": limit}))

    def witness(self) -> str:
        """The program of a witness, as text: a single Python file."""
        return self._text("/v1/ledger/witness")

    def inclusion_proof(self, index: int, size: int) -> Inclusion:
        """The proof that entry number `index` (from 0) is in the ledger of `size` entries. Raises NotFound."""
        return decode(Inclusion, self._json(f"/v1/ledger/proof/{index}", {"size": size}))

    def consistency_proof(self, from_size: int, to_size: int) -> Consistency:
        """The proof that the ledger of `to_size` entries only appends to that of `from_size`."""
        return decode(Consistency, self._json("/v1/ledger/consistency", {"from": from_size, "to": to_size}))

    def mine(self) -> MyLedger:
        """The head that you last verified, the current checkpoint, and the proof between the two."""
        return decode(MyLedger, self._json("/v1/me/ledger"))

    def remember(self, size: int, root: str) -> SeenHead:
        """Store the head that you verified: number of entries and root hash, hexadecimal."""
        self._sender.send("PUT", "/v1/me/ledger", json={"size": size, "root": root})
        return SeenHead(size, root)

    def _text(self, path: str) -> str:
        return self._sender.send("GET", path, headers={"Accept": "text/plain"}).text

    def _json(self, path: str, params: dict[str, Any] | None = None) -> Any:
        return json_of(self._sender.send("GET", path, params=params))
