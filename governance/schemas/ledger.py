"""The ledger and receipts. Hashes are hexadecimal; a checkpoint is a C2SP signed note, as text."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from governance.domain.moments import Moment
from governance.schemas.base import Answer, absent

HASH = r"^[0-9a-f]{64}$"
LARGEST = 2**53 - 1
IN_LEDGER_FROM = (
    "While `ledger` is null: when the next batch of entries is added to the ledger. Fetch it again then for the proof; "
    "if many entries wait, it is in a later batch."
)


class SeenHead(BaseModel):
    """The head of the ledger that you have verified."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    size: int = Field(ge=0, le=LARGEST, description="Entries.")
    root: str = Field(pattern=HASH)


class MyLedger(Answer):
    """The head of the ledger that you verified, and the proof that the current one continues it."""

    seen: SeenHead | None = Field(description="The newest head that you reported as verified.")
    seen_at: Moment | None = Field(description="When you reported it.")
    checkpoint: str = Field(description="The current head, signed.")
    consistency: list[str] = Field(description="RFC 9162, 2.1.4: from the verified size to that of the checkpoint.")


class Inclusion(Answer):
    """The proof that the ledger contains an entry (RFC 9162, 2.1.3)."""

    index: int
    size: int
    leaf: str = Field(description="Hash of the entry's leaf.")
    proof: list[str]
    checkpoint: str = Field(description="The signed head of that size.")


class Link(Answer):
    """An earlier head, and the proof that the head continues it."""

    size: int
    root: str
    proof: list[str]


class Head(Answer):
    """A head of the ledger with everything needed to check it."""

    key: str = Field(description="C2SP vkey of the ledger.")
    checkpoint: str
    size: int
    root: str
    earlier: list[Link]
    witnessed: str | None = Field(description="The newest checkpoint that a witness co-signed.")
    datasets: list[tuple[str, str, int]] | None = Field(
        default=None,
        description="The list of dataset versions to which the checkpoint commits: each one, the root of its manifest, "
        "the index of its entry. None where it isn't needed.",
    )


class Consistency(Answer):
    """The proof that the ledger is append-only; the verifier reads it as is."""

    format: Literal["open-book/consistency/v1"]
    head: Head


class KeyChange(Answer):
    """A new signing key, named by the one before it."""

    at: Moment
    previous: str
    key: str
    signature: str = Field(description="Of `previous`, over both names, in base64.")


class KeyChanges(Answer):
    """All changes of the signing key, oldest first; the verifier reads it as is."""

    format: str
    key: str = Field(description="The current key.")
    changes: list[KeyChange]


class PublicEntry(Answer):
    """An entry about no person. Its commitment is the SHA-256 of its canonical statement, without a salt."""

    index: int
    statement: dict[str, Any]


class PublicEntries(Answer):
    """A page of public entries, in order."""

    entries: list[PublicEntry]
    next: int | None = Field(description="`from` of the next page; null at the end.")
    size: int = Field(description="Entries in the whole ledger, most of which are not public.")


class LedgerEntry(Answer):
    """A statement's position in the ledger."""

    index: int
    commitment: str = Field(description="SHA-256 of salt and canonical statement; its leaf hash is in the tree.")
    salt: str
    inclusion: list[str]
    head: Head


class RegisterOpening(Answer):
    """Your leaf in the register of people; the verifier reads it as is."""

    format: Literal["open-book/register/v1"]
    email: str
    subject: UUID
    salt: str = Field(description="Only you get it: with it, anyone could guess who the leaf is.")
    index: int
    inclusion: list[str]
    statement: dict[str, Any]
    ledger: LedgerEntry


class RegisterLeaves(Answer):
    """All leaves of the register of people, in order; the verifier reads it as is."""

    format: Literal["open-book/register-leaves/v1"]
    leaves: list[str]
    statement: dict[str, Any]
    ledger: LedgerEntry


class Acknowledgement(Answer):
    """What you asked for, when, and until when it must be answered; the verifier reads it as is."""

    format: Literal["open-book/acknowledgement/v1"]
    statement: dict[str, Any] = Field(description="The request as received. Signed, in canonical form (RFC 8785).")
    key: str = Field(description="C2SP vkey that signed the statement.")
    signature: str = Field(description="Base64 of the Ed25519 signature over the format, a line break, the statement.")
    ledger: LedgerEntry | None = Field(description="Null until the ledger contains it.")
    in_ledger_from: Moment | None = Field(None, description=IN_LEDGER_FROM, exclude_if=absent)
    note_salt: str | None = Field(
        None,
        description="For a rectification, 32 bytes in hexadecimal: `note_sha256` in the statement is the SHA-256 of "
        "these and your text. Missing once your note can no longer be opened.",
        exclude_if=absent,
    )


class ReceiptDocument(Answer):
    """A receipt; the verifier reads it as is."""

    format: Literal["open-book/receipt/v1"]
    statement: dict[str, Any] = Field(description="What the request did. Signed, in canonical form (RFC 8785).")
    key: str = Field(description="C2SP vkey that signed the statement.")
    signature: str = Field(description="Base64 of the Ed25519 signature over the format, a line break, the statement.")
    ledger: LedgerEntry | None = Field(description="Null until the ledger contains it.")
    in_ledger_from: Moment | None = Field(None, description=IN_LEDGER_FROM, exclude_if=absent)
