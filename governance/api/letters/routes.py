"""`/v1/officer/letters`: codes for people who have left; `/letter-sign-in`: a token for one."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response

from governance import schemas
from governance.api.authentication import Officer
from governance.api.edge.admission import AdmittingRoute
from governance.api.openapi import errors
from governance.requests import letters
from governance.schemas.paging import PAGED, Page

officer_router = APIRouter(route_class=AdmittingRoute, prefix="/officer/letters", tags=["officer"])
router = APIRouter(route_class=AdmittingRoute, tags=["letters"])


@officer_router.post("", status_code=201, responses=errors(404, 409, 422))
def make_letter(new: schemas.NewLetter, officer: Officer, response: Response) -> schemas.Letter:
    """A code for somebody who has left, to be sent to them by letter: with it they see their own data, file requests
    and fetch copies, without the company's sign-in. An earlier code of theirs ends. They see this in their access log.
    """
    made = letters.make(new.employee, new.days, officer)
    response.headers["Cache-Control"] = "no-store"
    return schemas.Letter(letter=made.letter, code=made.code, expires_at=letters.moment_of(made.expires_at))


@officer_router.get("", responses=PAGED | errors(422))
def list_letters(officer: Officer, page: Page) -> list[schemas.LetterInForce]:
    """The letters whose codes open something now, the one that ends first at the top; no codes. The people see this
    view in their access log.
    """
    return letters.all_for(officer, page)


@officer_router.delete("/{letter}", status_code=204, responses=errors(404, 422))
def end_letter(letter: UUID, officer: Officer) -> Response:
    """End a letter: its code and every token that was given for it open nothing any more."""
    letters.end(letter, officer)
    return Response(status_code=204)


@router.post("/letter-sign-in", responses=errors(422, 500, 503))
def sign_in_with_a_letter(given: schemas.LetterCode, request: Request, response: Response) -> schemas.LetterToken:
    """An access token for the code of a letter, to be used as any other. It opens the person's own data for an hour,
    and nothing else. They see each use in their access log.
    """
    response.headers["Cache-Control"] = "no-store"
    return letters.sign_in(given.code, request.client.host if request.client else None)
