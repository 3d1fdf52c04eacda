"""A transparency log and its client, written from the C2SP and RFC 6962 texts alone: nothing of Open Book in it."""

from __future__ import annotations

import base64
import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def root_of(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + root_of(leaves[:split]) + root_of(leaves[split:])).digest()


def consistency(old: int, leaves: Sequence[bytes], known: bool = True) -> list[bytes]:
    """RFC 6962, 2.1.2: that these leaves begin with the first `old` of them."""
    if old == len(leaves):
        return [] if known else [root_of(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if old <= split:
        return [*consistency(old, leaves[:split], known), root_of(leaves[split:])]
    return [*consistency(old - split, leaves[split:], False), root_of(leaves[:split])]


class Log:
    """A log in memory."""

    def __init__(self, origin: str, leaves: Sequence[bytes] = (), seed: int = 1) -> None:
        self.origin, self.leaves = origin, list(leaves)
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)

    @property
    def vkey(self) -> str:
        material = b"\x01" + self._key.public_key().public_bytes_raw()
        return f"{self.origin}+{self._id.hex()}+{base64.b64encode(material).decode()}"

    @property
    def _id(self) -> bytes:
        material = b"\x01" + self._key.public_key().public_bytes_raw()
        return hashlib.sha256(self.origin.encode() + b"\n" + material).digest()[:4]

    def checkpoint(self, size: int | None = None, *extensions: str) -> str:
        leaves = self.leaves[:size]
        lines = (self.origin, str(len(leaves)), base64.b64encode(root_of(leaves)).decode(), *extensions)
        text = "".join(f"{line}\n" for line in lines)
        signature = base64.b64encode(self._id + self._key.sign(text.encode())).decode()
        return f"{text}\n— {self.origin} {signature}\n"

    def request(self, old: int, size: int | None = None) -> str:
        """The body of `add-checkpoint`."""
        leaves = self.leaves[:size]
        proof = consistency(old, leaves) if 0 < old < len(leaves) else []
        lines = "".join(f"{base64.b64encode(each).decode()}\n" for each in proof)
        return f"old {old}\n{lines}\n{self.checkpoint(size)}"


def add_checkpoint(prefix: str, body: str) -> tuple[int, str, str]:
    """Status, content type and body of the answer."""
    try:
        with urllib.request.urlopen(f"{prefix}/add-checkpoint", body.encode(), timeout=20) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()


def cosigned(vkey: str, line: str, checkpoint: str) -> bool:
    """Whether the line is a cosignature/v1 by this key on the checkpoint."""
    name, digest, material = vkey.split("+", 2)
    public = base64.b64decode(material)
    dash, signer, encoded = line.removesuffix("\n").split(" ")
    data = base64.b64decode(encoded)
    if (dash, signer, data[:4].hex(), public[0], len(data)) != ("—", name, digest, 4, 76):
        return False
    text = checkpoint.split("\n\n")[0] + "\n"
    signed = f"cosignature/v1\ntime {int.from_bytes(data[4:12], 'big')}\n{text}".encode()
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(data[12:], signed)
    return True


def included(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 6962, 2.1.1, from the root down: whether the audit path of a leaf leads to the root."""
    rest = list(proof)

    def below(place: int, leaves: int) -> bytes:
        if leaves == 1:
            return leaf
        split = 1
        while split * 2 < leaves:
            split *= 2
        sibling = rest.pop()
        if place < split:
            return hashlib.sha256(b"\x01" + below(place, split) + sibling).digest()
        return hashlib.sha256(b"\x01" + sibling + below(place - split, leaves - split)).digest()

    try:
        return 0 <= index < size and below(index, size) == root and not rest
    except IndexError:
        return False


def note_signed(note: str, vkey: str) -> tuple[str, int, bytes] | None:
    """Origin, size and root of a checkpoint that this key signed; None if it did not."""
    name, digest, material = vkey.split("+", 2)
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(material)[1:])
    text, _, lines = note.partition("\n\n")
    for line in lines.splitlines():
        _, signer, encoded = line.split(" ")
        data = base64.b64decode(encoded, validate=True)
        if (signer, data[:4].hex()) == (name, digest):
            try:
                public.verify(data[4:], f"{text}\n".encode())
            except InvalidSignature:
                return None
            origin, size, root, *_ = text.split("\n")
            return origin, int(size), base64.b64decode(root, validate=True)
    return None


def receipt_holds(document: dict[str, Any], vkey: str) -> bool:
    """Whether a receipt is signed by this key and in its ledger."""
    try:
        statement, ledger = document["statement"], document["ledger"]
        spelled = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(vkey.split("+", 2)[2])[1:])
        public.verify(base64.b64decode(document["signature"], validate=True), b"open-book/receipt/v1\n" + spelled)
        committed = hashlib.sha256(bytes.fromhex(ledger["salt"]) + spelled).digest()
        head = note_signed(ledger["head"]["checkpoint"], vkey)
        if head is None or document["key"] != vkey or committed.hex() != ledger["commitment"]:
            return False
        leaf = hashlib.sha256(b"\x00" + committed).digest()
        proof = [bytes.fromhex(each) for each in ledger["inclusion"]]
        return included(ledger["index"], head[1], leaf, proof, head[2])
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False
