"""The ledger: an append-only log of commitments, its signed heads, and proofs from it.

An entry is a statement. The tree contains its commitment: SHA-256 of 32 random bytes (the salt) and the canonical
statement. So the log alone reveals nothing. Once salt and statement are destroyed, an entry reveals nothing at all,
while every proof over it still holds.

Entries about no single person are public: they have no salt, everybody can list them, and none says how many people
have records in something. Each head commits to the list of dataset versions among them, so that two different
manifests of one version can't both be proven.

An entry is stored in the transaction of the event it records: both are on disk, or neither is. A writing session
excludes all others, so there are no gaps and no duplicates. It gets into the tree with its batch (`batches`). Until
then nobody but this system and those whom it is about can know of it, and nothing proves it.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

import clock
from errors import Conflict, NotValid
from governance.domain.moments import format_moment
from governance.ledger import batches
from governance.ledger.signing import signer, witnesses
from governance.ledger.tables import CosignatureRow, DatasetRow, EntryRow, SeenRow
from lake.storage import merkle
from settings import settings
from verifier import Checkpoint, Datasets, Key, Unreadable, canonical, commitment

SALT_BYTES = 32
KINDS = {
    "request_received",
    "request_decided",
    "request_ended",
    "retention",
    "hold_placed",
    "hold_lifted",
    "link_decided",
    "note_opened",
    "pause",
    "pause_hours",
    "policy_notice",
    "notice_read",
    "consent",
    "restore",
    "dataset_version",
    "release",
    "model_plan",
    "clock",
    "register",
    "key_change",
    "master_key_change",
    "access_log",
    "training_approved",
}
PUBLIC = {
    "dataset_version",
    "release",
    "model_plan",
    "register",
    "key_change",
    "master_key_change",
    "access_log",
    "training_approved",
    "policy_notice",
}
"""Kinds of entries that are about no single person."""


@dataclass(frozen=True)
class Entry:
    """An appended entry: its position among all entries, and its statement. That of a public entry gets the time of its
    batch."""

    position: int
    statement: dict[str, Any]


class NotThisLedger(Conflict, ValueError):
    """The input contradicts this ledger, or goes beyond it."""


class NotYetInLedger(Conflict):
    """The entry waits for its batch."""

    def __init__(self) -> None:
        at = batches.next_at()
        super().__init__(
            f"The ledger doesn't have this yet: it adds entries at fixed times, and this one from {at:%H:%M} UTC on "
            "(later, if many wait). Nothing is lost. Ask again then."
        )


class InvalidCheckpoint(NotValid, ValueError):
    """The text is not a checkpoint. Nothing was saved."""


def append(session: Session, kind: str, body: dict[str, Any], whose: UUID | None = None) -> Entry:
    """Record an entry for the next batch, in a `writing()` session. `body["request"]`, if present, is the request's id.
    `whose`: the person who can cause such entries, as often as they like; a batch takes only some of theirs.

    The body contains text, whole numbers, lists and mappings, no captured content and no names. Raises ValueError.
    """
    if kind not in KINDS or not {"kind", "at"}.isdisjoint(body):
        raise ValueError(f"An entry of this kind, or with these fields, is not possible: {kind}.")
    statement = {"kind": kind, "at": format_moment(clock.now()), **body}
    salt = b"" if kind in PUBLIC else secrets.token_bytes(SALT_BYTES)
    about = body.get("request")
    last = session.scalar(select(func.max(EntryRow.position)))
    position = 0 if last is None else last + 1
    session.add(
        EntryRow(
            position=position,
            commitment=commitment(salt, statement),
            salt=salt,
            statement=canonical(statement).decode(),
            request_id=UUID(str(about)) if about else None,
            whose=None if whose is None else batches.pseudonym(whose),
            public=kind in PUBLIC,
        )
    )
    session.flush()
    if not settings().ledger_batch_seconds:
        batches.seal_waiting(session)
    return Entry(position, statement)


size, nodes = batches.size, batches.nodes


def index_of(session: Session, position: int) -> int | None:
    """The index of an entry in the tree; None while it waits for its batch."""
    return session.scalar(select(EntryRow.leaf).where(EntryRow.position == position))


def root(session: Session, of: int) -> bytes:
    return merkle.root(of, nodes(session))


def checkpoint(session: Session, of: int | None = None, listed: Datasets | None = None) -> Checkpoint:
    """The signed head of the ledger now, or at an earlier size, with its cosignatures. `listed`: the list of dataset
    versions of that size or a later one, if it was read already."""
    of = size(session) if of is None else of
    signing = signer()
    head = _unsigned(session, of, listed)
    own = (signing.key.name, signing.key.id, signing.sign(head.text.encode()))
    others = session.scalars(select(CosignatureRow).where(CosignatureRow.size == of).order_by(CosignatureRow.key))
    named = [(Key.parse(row.key), row.signature) for row in others]
    signatures = (own, *((key.name, key.id, signature) for key, signature in named))
    return replace(head, signatures=signatures)


def datasets(session: Session, of: int) -> Datasets:
    """The public list of dataset versions in the ledger of that size."""
    columns = select(DatasetRow.dataset_version, DatasetRow.root, EntryRow.leaf)
    rows = session.execute(columns.join(EntryRow, EntryRow.position == DatasetRow.listed).where(EntryRow.leaf < of))
    listed: list[tuple[str, str, int]] = []
    for version, root_, leaf_ in rows:
        assert root_ is not None
        assert leaf_ is not None
        listed.append((str(version), root_, leaf_))
    return Datasets(tuple(sorted(listed)))


def public_entries(session: Session, start: int, most: int) -> list[tuple[int, dict[str, Any]]]:
    """Index and statement of the public entries from an index on, in order."""
    public = select(EntryRow.leaf, EntryRow.statement).where(EntryRow.public, EntryRow.leaf >= start)
    rows = session.execute(public.order_by(EntryRow.leaf).limit(most))
    return [(index, json.loads(text)) for index, text in rows if index is not None and text is not None]


def statements_of_kind(session: Session, kind: str) -> list[dict[str, Any]]:
    """The statements of one kind that still exist, in order; those that wait for their batch, too."""
    alike = EntryRow.statement.contains(f'"kind":"{kind}"')
    rows = session.scalars(select(EntryRow.statement).where(alike).order_by(EntryRow.position))
    statements = [json.loads(text) for text in rows if text is not None]
    return [statement for statement in statements if statement["kind"] == kind]


def inclusion(session: Session, index: int, of: int) -> list[bytes]:
    """Raises ValueError if there is no such entry in a ledger of that size."""
    return merkle.inclusion(index, of, nodes(session))


def consistency(session: Session, first: int, second: int) -> list[bytes]:
    """Raises ValueError if the second size is smaller than the first."""
    return merkle.consistency(first, second, nodes(session))


def proven_head(session: Session, *since: int, of: int | None = None, listing: bool = False) -> dict[str, Any]:
    """The head in the verifier's format, with proofs that it continues the heads of the sizes `since`; and, with
    `listing`, the list of dataset versions."""
    of = size(session) if of is None else of
    listed = datasets(session, of)
    newest = checkpoint(session, of, listed)
    seen_by_witnesses = session.scalar(select(func.max(CosignatureRow.size)).where(CosignatureRow.size <= newest.size))
    sizes = {*since, *([] if seen_by_witnesses is None else [seen_by_witnesses])}
    return {
        "key": str(signer().key),
        "checkpoint": newest.note,
        "size": newest.size,
        "root": newest.root.hex(),
        "earlier": [
            {
                "size": earlier,
                "root": root(session, earlier).hex(),
                "proof": [value.hex() for value in consistency(session, earlier, newest.size)],
            }
            for earlier in sorted(sizes)
            if 0 < earlier < newest.size
        ],
        "witnessed": None if seen_by_witnesses is None else checkpoint(session, seen_by_witnesses, listed).note,
        "datasets": [list(row) for row in listed.rows] if listing else None,
    }


def proven_entry(
    session: Session, position: int, *since: int, listing: bool = False
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The statement of an entry, and in the verifier's format the proof that the ledger contains it, with its
    `proven_head`; None if the statement was destroyed. Raises NotYetInLedger, NoResultFound."""
    held = statement_of(session, position)
    if held is None:
        return None
    index = index_of(session, position)
    if index is None:
        raise NotYetInLedger
    committed, salt, statement = held
    return statement, {
        "index": index,
        "commitment": committed.hex(),
        "salt": salt.hex(),
        "inclusion": [value.hex() for value in inclusion(session, index, size(session))],
        "head": proven_head(session, *since, listing=listing),
    }


def signed_entry(session: Session, position: int, *since: int) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The statement of an entry that a signature covers, and the fields of its document about the ledger: the proof, or
    when it will be there. None if the statement was destroyed. Raises NoResultFound."""
    try:
        proven = proven_entry(session, position, *since)
    except NotYetInLedger:
        held = statement_of(session, position)
        assert held is not None, "it was there a moment ago, in this session"
        return held[2], {"ledger": None, "in_ledger_from": format_moment(batches.next_at())}
    return None if proven is None else (proven[0], {"ledger": proven[1]})


def cosign(session: Session, note: str) -> Checkpoint:
    """Store the signatures of known witnesses on a checkpoint of ours; returns the checkpoint with all signatures so
    far.

    Raises InvalidCheckpoint, and NotThisLedger if this ledger didn't sign the checkpoint.
    """
    try:
        sent = Checkpoint.parse(note)
    except Unreadable as error:
        raise InvalidCheckpoint(str(error)) from error
    if sent.size > size(session) or sent.text != _unsigned(session, sent.size).text:
        raise NotThisLedger(
            "This is not a head of this ledger. If its signature is ours, keep it: it proves that the ledger was "
            "rewritten."
        )
    if not sent.signed_by(signer().key):
        raise NotThisLedger("This checkpoint is not signed by this ledger's key. Nothing was saved.")
    signed = [key for key in witnesses() if sent.signed_by(key)]
    if not signed:
        raise NotThisLedger("No known witness signed this checkpoint. Nothing was saved.")
    for key in signed:
        newest = max(sent.by(key))  # a cosignature begins with its time
        kept = session.get(CosignatureRow, (sent.size, str(key)))
        if kept is None:
            session.add(CosignatureRow(size=sent.size, key=str(key), signature=newest))
        elif kept.signature < newest:
            kept.signature = newest
    session.flush()
    return checkpoint(session, sent.size)


def seen(session: Session, subject: UUID) -> SeenRow | None:
    """The newest head that the person has verified."""
    return session.get(SeenRow, subject)


def known_sizes(session: Session, subject: UUID, since: int | None = None) -> list[int]:
    """The sizes of heads that the person knows: the one that they verified, and `since`, which they kept."""
    verified = seen(session, subject)
    return [known for known in (since, verified.size if verified else None) if known is not None]


def remember_seen(session: Session, subject: UUID, of: int, head: bytes) -> SeenRow:
    """Store the head that the person has verified, unless they verified a later one. Raises NotThisLedger.

    A head that the ledger no longer continues is kept: it is the evidence.
    """
    if not _holds(session, of, head):
        raise NotThisLedger(
            "This is not a head of this ledger in its current state. If its signature is ours, keep it: it proves that "
            "the ledger was rewritten."
        )
    row = session.get(SeenRow, subject)
    if row is not None and not _holds(session, row.size, row.root):
        raise NotThisLedger(
            f"The ledger does not continue the head of {row.size} entries that you verified: it was rewritten, or "
            "an older copy of it was restored. The head that you verified is kept; nothing was changed."
        )
    if row is None:
        row = SeenRow(subject=subject, size=of, root=head, seen_at=clock.now_utc())
        session.add(row)
    elif row.size <= of:
        row.size, row.root, row.seen_at = of, head, clock.now_utc()
    session.flush()
    return row


def leaf(session: Session, index: int) -> bytes:
    """The leaf hash at an index."""
    return nodes(session)(0, index)


def statement_of(session: Session, position: int) -> tuple[bytes, bytes, dict[str, Any]] | None:
    """Commitment, salt and statement of an entry; None if they were destroyed. Raises NoResultFound."""
    row = session.get_one(EntryRow, position)
    if row.salt is None or row.statement is None:
        return None
    return row.commitment, row.salt, json.loads(row.statement)


def destroy(session: Session, request_id: UUID) -> None:
    """Destroy salt and statement of every entry about a request; the tree stays as it is."""
    session.execute(update(EntryRow).where(EntryRow.request_id == request_id).values(salt=None, statement=None))


def _unsigned(session: Session, of: int, listed: Datasets | None = None) -> Checkpoint:
    line = (datasets(session, of) if listed is None else listed.until(of)).line
    return Checkpoint(signer().key.name, of, root(session, of), extensions=() if line is None else (line,))


def _holds(session: Session, of: int, head: bytes) -> bool:
    """Whether the ledger has this root at this size."""
    return of <= size(session) and head == root(session, of)
