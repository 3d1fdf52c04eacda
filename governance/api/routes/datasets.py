"""`/v1/datasets`: dataset versions for training, for the programs that train; and for each person the proof whether
they are in one.

Programs learn no identities. The leaves of a manifest are public, because only someone who sees all of them can check
that they are in order.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from directory.keys import Job, Why
from errors import Forbidden
from governance.ai_models import datasets, training_approvals
from governance.api.authentication import Person, service
from governance.api.edge.admission import AdmittingRoute
from governance.api.files import json_file
from governance.api.openapi import SERVICE, SIGNED_IN, errors
from governance.api.service_tokens import Scope, ServiceToken
from governance.leases import asking
from governance.lineage import quotas
from governance.requests import notes
from governance.schemas import datasets as answers
from lake.datasets import training_export, training_pictures
from lake.datasets.making import FIRST_DAY, LAST_DAY, Made, Selection, create
from lake.lineage.graph import OURS
from queries.connection import answering

router = APIRouter(route_class=AdmittingRoute, prefix="/v1")

Creator = Annotated[ServiceToken, service(Scope.DATASETS_CREATE)]
Reader = Annotated[ServiceToken, service(Scope.DATASETS_READ)]
CapturesReader = Annotated[ServiceToken, service(Scope.CAPTURES_READ)]
LARGEST = 2**53 - 1
ONE_DAY = timedelta(days=1)
PROOF: dict[int | str, dict[str, Any]] = {
    200: {"model": answers.Membership, "description": "The proof, in the verifier's format."}
}
LEASE = errors(404, 409, 422, 429, *SERVICE)
PARQUET: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A Parquet file, streamed.",
        "content": {"application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("/datasets", status_code=201, tags=["pipelines"], responses=errors(409, 422, *SERVICE))
def make_dataset(new: answers.NewTrainingDataset, token: Creator, response: Response) -> answers.TrainingDataset:
    """Create a dataset version from what may be used for its purpose now. A 201 means it is on disk, and
    recorded for the next batch of the ledger: let a run begin once `ledger_index` is a number.
    If you don't know whether it was created, repeat the call with the same `version`: 409 means that it was.
    """
    _require_ownership(token, new.dataset)
    quotas.charge_call(token.name, makes_dataset=True)
    where = new.where
    selection = Selection(
        None if where.signals is None else tuple(where.signals),
        None if where.applications is None else tuple(where.applications),
        where.from_day or FIRST_DAY,
        LAST_DAY if where.until_day is None else max(where.until_day, FIRST_DAY + ONE_DAY) - ONE_DAY,
        tuple(where.without),
    )
    made = create(new.dataset, selection, version=new.version, purpose=new.purpose, program=token.name)
    response.headers["Location"] = f"/v1/datasets/{made.dataset_version}"
    return _answer(made)


@router.get("/datasets/{dataset_version}", tags=["pipelines"], responses=errors(404, 422, *SERVICE))
def read_dataset(dataset_version: UUID, token: Reader) -> answers.TrainingDataset:
    """One dataset version: its purpose and size."""
    return _answer(_owned(token, dataset_version))


@router.get("/datasets/{dataset_version}/leaves", tags=["ledger"], responses=errors(404, 422, 500, 503))
def read_leaves(dataset_version: UUID) -> answers.Leaves:
    """All leaves of a manifest: hashes that reveal nothing about anyone, one for each person in the directory, so that
    their number says nothing about who is listed. No token is needed, so no one learns who asks.
    Save the answer and give it to the verifier.
    """
    return answers.Leaves.model_validate(datasets.leaves(dataset_version))


@router.get(
    "/datasets/{dataset_version}/parquet",
    tags=["pipelines"],
    responses=PARQUET | errors(404, 409, 422, *SERVICE),
    response_class=StreamingResponse,
)
def read_captures(
    dataset_version: UUID,
    token: CapturesReader,
    pictures: Annotated[
        bool,
        Query(
            description="With pictures of the screen, where a policy permits it; 409 if none or too many, 429 if "
            "others are being written."
        ),
    ] = False,
) -> StreamingResponse:
    """The records of a dataset version, to train on: pseudonymous, without anything erased or objected to since. Each
    person whose records are in it sees this in their access log. Where OPENBOOK_TRAINING_APPROVAL_HOURS is set, a
    privacy officer has to approve first (403): with pictures is an approval of its own.
    """
    made = _owned(token, dataset_version)
    quotas.charge_call(token.name)
    training_approvals.require(token.name, made, pictures=pictures)
    counts = answering(lambda cursor: training_export.counts(cursor, made))
    shown = answering(lambda cursor: training_export.picture_counts(cursor, made)) if pictures else None
    if shown is not None:
        training_pictures.require_some(sum(shown.values()))
    turn = training_pictures.Turn() if pictures else None
    job = Job(uuid4(), token.name, Why.TRAINING, "captures", dataset_version=made.dataset_version)
    pieces = training_export.stream(answering, made, counts, job, notes.scopes_in_force, shown)
    return StreamingResponse(
        pieces if turn is None else turn.of(pieces),
        media_type="application/vnd.apache.parquet",
        headers={"Content-Disposition": f'attachment; filename="{dataset_version}.parquet"'},
    )


@router.post("/datasets/{dataset_version}/materialise", status_code=202, tags=["pipelines"], responses=LEASE)
def materialise(
    dataset_version: UUID, token: CapturesReader, response: Response, new: answers.NewLease | None = None
) -> answers.Lease:
    """Have the records of a dataset version written as Parquet files, for engines that read files: Spark, DuckDB,
    Arrow. Ask the address in `Location` until the state is `ready`. While your lease stands, repeating the call answers
    with it. It ends at `until`, or before as soon as one of its records may no longer be used: then ask for a new one.
    """
    made = _owned(token, dataset_version)
    quotas.charge_call(token.name)
    lease = asking.ask(token.name, made, new.hours if new else None)
    response.headers["Location"] = f"/v1/leases/{lease.lease}"
    return lease


@router.get("/leases/{lease}", tags=["pipelines"], responses=errors(404, 422, *SERVICE))
def read_lease(lease: UUID, token: CapturesReader) -> answers.Lease:
    """A lease of this program: whether it is ready, where its files are, and until when."""
    return asking.of_program(token.name, lease)


@router.delete("/leases/{lease}", tags=["pipelines"], responses=errors(404, 422, *SERVICE))
def end_lease(lease: UUID, token: CapturesReader) -> answers.OfficersLease:
    """End a lease of this program that is no longer needed. Its files are deleted when this answers."""
    return asking.end(lease, answers.Reason.PROGRAM, token.name)


@router.get(
    "/me/datasets/{dataset_version}/proof",
    tags=["me"],
    responses=PROOF | errors(404, 409, 422, *SIGNED_IN),
    response_class=Response,
)
def read_proof(
    dataset_version: UUID,
    person: Person,
    since: Annotated[
        int | None,
        Query(ge=0, le=LARGEST, description="The size of a checkpoint that you kept; the proof continues it."),
    ] = None,
) -> Response:
    """Whether a dataset version includes records of yours, and which. Keep the proof: it can be checked without us."""
    document = datasets.membership(person, dataset_version, since)
    return json_file(document, f"open-book-membership-{dataset_version}.json")


def _owned(token: ServiceToken, dataset_version: UUID) -> Made:
    made = datasets.find(dataset_version)
    _require_ownership(token, made.dataset)
    return made


def _require_ownership(token: ServiceToken, dataset: str) -> None:
    if not token.owns(f"{OURS}/{dataset}"):
        raise Forbidden(
            f"The service token of {token.name} does not cover the dataset {dataset} in the namespace {OURS}: its "
            f"namespaces are {', '.join(token.namespaces)}. Nothing was read or created."
        )


def _answer(made: Made) -> answers.TrainingDataset:
    return answers.TrainingDataset(
        dataset_version=made.dataset_version,
        namespace=OURS,
        dataset=made.dataset,
        version=made.version,
        purpose=made.purpose,
        created_at=made.created_at,
        root=made.root,
        people=made.people,
        slices=made.slices,
        captures=made.captures,
        ledger_index=datasets.index_of(made),
    )
