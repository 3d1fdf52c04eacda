"""`/v1/me`: what is held about the caller."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import ValidationError

import clock
from errors import NotFound, NotValid
from governance import access_proofs, register, schemas
from governance.access_log import entries_of, new_accessors
from governance.ai_models import own_lineage, own_models, violations
from governance.api.authentication import Person
from governance.api.edge.admission import AdmittingRoute
from governance.api.files import json_file
from governance.api.openapi import errors
from governance.api.possible_access import who_could
from governance.domain import frames
from governance.domain.moments import Moment
from governance.domain.scopes import Application, RequestScope, Signal
from governance.requests.notes import in_force
from governance.schemas.paging import PAGED, LongPage, Page
from lake.pictures.sizes import MEDIA_TYPE, thumbnail
from lake.rules.refusing import Reason
from languages import mark
from queries import indirect
from queries.search import Filters
from queries.search import Query as Words

router = APIRouter(route_class=AdmittingRoute, prefix="/me", tags=["me"])

THUMBNAIL = 320
LARGEST = 2**53 - 1
By = Literal["anyone", "others", "open_book"]
PROOF: dict[int | str, dict[str, Any]] = {200: {"model": schemas.AccessProof, "description": "The proof, as a file."}}


@router.get("")
def me(person: Person) -> schemas.Me:
    """Your identity here."""
    return schemas.Me.model_validate(person.employee)


@router.get("/register", responses=errors(404))
def my_register(person: Person) -> schemas.RegisterOpening:
    """The proof that you are in the register of people, with one address and one subject: a file for the verifier."""
    return schemas.RegisterOpening.model_validate(register.opening(person.employee))


@router.get("/summary")
def summary(person: Person) -> schemas.Summary:
    """What is held about you, in numbers."""
    found = person.summary()
    return schemas.Summary(**{**asdict(found), "applications": len(found.applications), "signals": len(found.signals)})


@router.get("/captures", responses=errors(422))
def captures(
    person: Person,
    signal: Annotated[list[Signal] | None, Query(description="Only these signals.")] = None,
    application: Annotated[list[Application] | None, Query(description="Only these applications.")] = None,
    from_at: Annotated[Moment | None, Query(alias="from", description="The first moment included.")] = None,
    until_at: Annotated[Moment | None, Query(alias="until", description="The first moment not included.")] = None,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the previous page.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Records per page.")] = 100,
) -> schemas.CapturePage:
    """Your records, oldest first; only you can read their content."""
    try:
        scope = RequestScope(signals=signal, applications=application, from_at=from_at, until_at=until_at)
    except ValidationError as error:
        detail = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise NotValid(mark("Nothing matches these filters."), "from", detail) from error
    page = person.records(scope.of_the_lake(), after=cursor, limit=limit)
    return schemas.CapturePage(captures=[schemas.Capture.model_validate(row) for row in page.records], next=page.next)


@router.post("/captures/search", responses=errors(422))
def search(wanted: schemas.SearchFor, person: Person) -> schemas.SearchPage:
    """Find words in your own records, newest first. It looks for at most about 2 seconds and says how far it came; call
    again with `next` to go on. The words are not kept. What was masked before storage can't be found.
    """
    filters = Filters(wanted.scope.of_the_lake(), wanted.masked, wanted.session)
    found = person.search(Words.of(wanted.words), filters, after=wanted.cursor, limit=wanted.limit)
    return schemas.SearchPage(
        results=[
            schemas.SearchResult.model_validate({"capture": hit.record, "matches": hit.places}) for hit in found.hits
        ],
        next=found.next,
        searched=found.searched,
        total=found.total,
        back_to=found.back_to,
    )


@router.get(
    "/captures/{capture_id}/picture",
    responses={200: {"content": {MEDIA_TYPE: {}}, "description": "The picture, as WebP."}, **errors(404, 422)},
    response_class=Response,
)
def picture(
    capture_id: UUID,
    person: Person,
    size: Annotated[Literal["full", "thumbnail"], Query(description="A thumbnail has at most 320 pixels.")] = "full",
) -> Response:
    """The picture of a screenshot of yours, as it is stored: text that is masked is painted over."""
    found = person.picture(capture_id)
    if found is None:
        raise NotFound(mark("You have no screenshot with this number that has a picture."))
    shown = found if size == "full" else thumbnail(found, THUMBNAIL)
    return Response(shown, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


@router.get("/models", responses=PAGED | errors(422))
def models(person: Person, page: Page) -> list[schemas.OwnModel]:
    """The model versions, best-proven first: what of yours each was trained on, how certain that is, and its state with
    regard to what you withdrew.
    """
    return own_models.models_of(person, page)


@router.get("/models/{model_version}/datasets", responses=PAGED | errors(404, 422))
def datasets(model_version: UUID, person: Person, page: Page) -> list[schemas.DatasetRead]:
    """Every dataset version that a model version was trained on, those with a manifest first."""
    return own_models.datasets_of(person, model_version, page)


@router.get("/lineage")
def lineage(person: Person) -> schemas.Lineage:
    """The graph: your records, datasets, runs, model versions, what was made from them, and where they are in use. If
    it is large, it has the model versions that come first in `/v1/me/models`; `left_out` counts the others.
    """
    return own_lineage.lineage_of(person)


@router.get("/violations", responses=PAGED | errors(422))
def list_violations(person: Person, page: Page) -> list[schemas.Violation]:
    """Runs that used records of yours without permission, newest first."""
    return violations.of(person, page)


@router.get("/notes", responses=PAGED | errors(422))
def notes(person: Person, page: Page) -> list[schemas.Note]:
    """Your notes in force, newest first; each is to be read with the records in its scope."""
    return in_force(person.subject.key, page)


@router.get("/access-log", responses=errors(422))
def access_log(
    person: Person,
    from_at: Annotated[Moment | None, Query(alias="from", description="The first moment included.")] = None,
    until_at: Annotated[Moment | None, Query(alias="until", description="The first moment not included.")] = None,
    offset: Annotated[int, Query(ge=0, le=LARGEST, description="Entries to skip.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Entries per page.")] = 100,
    by: Annotated[
        By, Query(description="`open_book`: its own work, in which nobody sees anything; `others`: everything else.")
    ] = "anyone",
) -> schemas.AccessLog:
    """Who or what else read data of yours, why and when; newest first."""
    automatic = None if by == "anyone" else by == "open_book"
    return entries_of(person.subject.key, clock.naive(from_at), clock.naive(until_at), offset, limit, automatic)


@router.get("/new-accessors")
def list_new_accessors(person: Person) -> list[schemas.NewAccessor]:
    """Kinds of accessor (role, system, action) that read data of yours for the first time in the last two weeks, the
    latest first; at most 20.
    """
    return new_accessors(person.subject.key)


@router.get(
    "/access-log/proof",
    responses=PROOF | errors(404),
    response_class=Response,
)
def access_proof(person: Person) -> Response:
    """Your access log as the ledger has it, with the proof. Keep it: an entry that is removed or changed later
    contradicts it.
    """
    return json_file(access_proofs.proof(person.subject.key), "open-book-access-log.json")


@router.get("/possible-access")
def possible_access(_: Person) -> schemas.PossibleAccess:
    """Who could see your data: roles, programs, companies and other systems, with what each can read, and whether the
    other systems report who does.
    """
    return who_could()


@router.get("/refused", responses=PAGED | errors(422))
def refused(person: Person, page: LongPage) -> schemas.AllRefused:
    """What was refused before anything of it was stored: of which application and kind, on which UTC day, and why."""
    found = person.refused()
    reasons: Counter[Reason] = Counter()
    for each in found:
        reasons[each.reason] += each.records
    return schemas.AllRefused(
        records=reasons.total(),
        reasons=[
            schemas.RefusedReason(reason=reason, words=reason.words, records=records)
            for reason, records in reasons.most_common()
        ],
        refused=[schemas.Refused.of(each) for each in page.of(found)],
    )


@router.get("/indirect", responses=PAGED | errors(422))
def list_indirect(person: Person, page: LongPage) -> schemas.AllIndirect:
    """In which records of others you are mentioned, quoted, answered or assigned: on which UTC day, in which
    application. You are told neither whose records these are nor what they say, nor whether they were stored or are
    still kept: that may be their author's choice. An objection also keeps them out of new datasets.
    """
    found = person.indirect()
    roles = indirect.by_role(found)
    return schemas.AllIndirect(
        records=roles.total(),
        roles=[
            schemas.IndirectRole(role=role, words=indirect.WORDS[role], records=records)
            for role, records in roles.most_common()
        ],
        indirect=[schemas.Indirect.model_validate(each) for each in page.of(found)],
    )


@router.get("/retention", responses=PAGED | errors(422))
def retention(person: Person, page: LongPage) -> schemas.Retention:
    """What will be deleted when and by which rule, what was deleted, and what is held: a page of each of these lists.
    `Total-Count` is that of the longest.
    """
    with person.at_once() as own:
        lists = [own.retention(), own.removals(), own.holds()]
    page.count(max(len(table) for table in lists))
    upcoming, removals, holds = (page.part(table) for table in lists)
    return schemas.Retention(
        upcoming=frames.rows(upcoming, schemas.Upcoming),
        removals=frames.rows(removals, schemas.Removal),
        holds=frames.rows(holds, schemas.Hold),
    )
