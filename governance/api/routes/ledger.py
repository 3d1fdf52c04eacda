"""`/v1/ledger`: the ledger, for everyone and without a token; it contains only hashes."""

from __future__ import annotations

from pathlib import Path as File
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import PlainTextResponse

import verifier
import witness
from errors import NotFound, NotValid
from governance import register, schemas
from governance.api.edge.admission import AdmittingRoute
from governance.api.openapi import errors
from governance.db.database import reading, writing
from governance.ledger import key_changes, log
from governance.ledger.signing import known_keys, signer

router = APIRouter(route_class=AdmittingRoute, prefix="/ledger", tags=["ledger"], responses=errors(500, 503))

LARGEST = 2**53 - 1
MOST_CHARACTERS = 32 * 1024
MOST_ENTRIES = 1000
Size = Annotated[int | None, Query(ge=0, le=LARGEST, description="The ledger's size in entries; default: the newest.")]


def _text(description: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": description, "content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.get("/checkpoint", response_class=PlainTextResponse, responses=_text("A C2SP checkpoint."))
def read_checkpoint() -> str:
    """The signed head of the ledger, with its witnesses' signatures. Keep one: later ones must continue it."""
    with reading() as session:
        return log.checkpoint(session).note


@router.get("/key", response_class=PlainTextResponse, responses=_text("A C2SP vkey."))
def read_key() -> str:
    """The key that signs checkpoints and receipts. Get it from another source as well, and compare."""
    return f"{signer().key}\n"


@router.get("/keys", response_class=PlainTextResponse, responses=_text("C2SP vkeys, one per line."))
def read_keys() -> str:
    """Every key that has signed checkpoints and receipts, the current one first; older receipts need older keys."""
    with reading() as session:
        return "".join(f"{key}\n" for key in reversed(known_keys(session)))


@router.get("/key-changes")
def read_key_changes() -> schemas.KeyChanges:
    """How the signing key changed: each one names the next. With any key of before, the verifier proves the current
    one.
    """
    with reading() as session:
        return schemas.KeyChanges.model_validate(key_changes.changes(session))


@router.get("/verifier", response_class=PlainTextResponse, responses=_text("A Python file."))
def read_verifier() -> str:
    """The program that checks receipts and this ledger: one file that needs Python and `cryptography`."""
    return File(verifier.__file__).read_text(encoding="utf-8")


@router.get("/witness", response_class=PlainTextResponse, responses=_text("A Python file."))
def read_witness() -> str:
    """The program of a witness: one file that needs Python and `cryptography`. Read it before you run it."""
    return File(witness.__file__).read_text(encoding="utf-8")


@router.get("/proof/{index}", responses=errors(404, 422))
def read_proof(
    index: Annotated[int, Path(ge=0, le=LARGEST, description="The entry's index, counted from 0.")], size: Size = None
) -> schemas.Inclusion:
    """The proof that the ledger contains an entry."""
    with reading() as session:
        newest = log.size(session)
        of = newest if size is None else size
        if not index < of <= newest:
            raise NotFound(f"The ledger has {newest} entries: there is no entry {index} in a ledger of {of}.")
        return schemas.Inclusion(
            index=index,
            size=of,
            leaf=log.leaf(session, index).hex(),
            proof=[value.hex() for value in log.inclusion(session, index, of)],
            checkpoint=log.checkpoint(session, of).note,
        )


@router.get("/consistency", responses=errors(422))
def read_consistency(
    from_size: Annotated[int, Query(alias="from", ge=0, le=LARGEST, description="The size of a head that you have.")],
    to_size: Annotated[
        int | None, Query(alias="to", ge=0, le=LARGEST, description="The size of a later one; default: the newest.")
    ] = None,
) -> schemas.Consistency:
    """The proof that the ledger is append-only between two sizes. Save it and give it to the verifier."""
    with reading() as session:
        newest = log.size(session)
        to = newest if to_size is None else to_size
        if not from_size <= to <= newest:
            fault = f"must be at most {min(to, newest)}, and `to` {newest}"
            raise NotValid("The ledger never had these sizes in this order.", "from", fault)
        head = schemas.Head.model_validate(log.proven_head(session, from_size, of=to, listing=True))
        return schemas.Consistency(format=verifier.CONSISTENCY, head=head)


@router.get("/register", responses=errors(404))
def read_register() -> schemas.RegisterLeaves:
    """All leaves of the newest register of people: their number is that of the people in the directory, including those
    who left. A works council compares it with everybody who has been on the payroll since the directory was made."""
    return schemas.RegisterLeaves.model_validate(register.leaves())


@router.get("/entries")
def read_entries(
    start: Annotated[int, Query(alias="from", ge=0, le=LARGEST, description="The first index.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES)] = 100,
) -> schemas.PublicEntries:
    """The entries about no person: dataset versions, releases, plans for models. Compare them with the list of dataset
    versions in `/v1/ledger/consistency`, to which every checkpoint commits."""
    with reading() as session:
        rows = log.public_entries(session, start, limit + 1)
        return schemas.PublicEntries(
            entries=[schemas.PublicEntry(index=index, statement=statement) for index, statement in rows[:limit]],
            next=rows[limit][0] if len(rows) > limit else None,
            size=log.size(session),
        )


@router.post(
    "/cosignatures",
    response_class=PlainTextResponse,
    responses=_text("The checkpoint with all its signatures.") | errors(409, 422),
)
def add_cosignature(
    note: Annotated[str, Body(media_type="text/plain", max_length=MOST_CHARACTERS, description="A C2SP checkpoint.")],
) -> str:
    """Add a known witness's signature (C2SP cosignature/v1) to a checkpoint of this ledger."""
    with writing() as session:
        return log.cosign(session, note).note
