"""`/v1/access-reports`: the employer's other systems report who read people's data there."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import ValidationError

from directory import Directory
from errors import Forbidden
from governance import access_reports, schemas
from governance.api.authentication import service
from governance.api.edge.admission import AdmittingRoute
from governance.api.error_handlers import faults_of
from governance.api.openapi import SERVICE, errors
from governance.api.service_tokens import Scope, ServiceToken
from governance.db.tables import AccessRow
from governance.lineage import quotas
from governance.schemas.problem import Fault

router = APIRouter(
    route_class=AdmittingRoute,
    prefix="/v1/access-reports",
    tags=["pipelines"],
    responses=errors(422, *SERVICE),
)
Reporter = Annotated[ServiceToken, service(Scope.ACCESS_REPORT)]


@router.post("", status_code=201)
def take_reports(sent: schemas.AccessReports, token: Reporter) -> schemas.AccessTaken:
    """Report accesses to people's data in another system. A 201 means that all but those in `left_out` are on disk, and
    that the people can see them, at once or from the end of a delay. Sending the same report again changes nothing; an
    entry is never changed or removed.
    """
    quotas.charge_call(token.name, parts=len(sent.reports))
    rows: dict[int, AccessRow] = {}
    faults: dict[int, list[Fault]] = {}
    with Directory.open() as directory:
        for place, body in enumerate(sent.reports):
            try:
                rows[place] = _row(body, token, directory)
            except ValidationError as error:
                found = error.errors(include_url=False, include_input=False)
                faults[place] = faults_of(found[:1], f"#/body/reports/{place}")
            except ValueError as error:
                faults[place] = [_fault(place, str(error))]
    new, refused = access_reports.store(rows)
    faults |= {place: [_fault(place, why)] for place, why in refused.items()}
    return schemas.AccessTaken(
        new=new,
        known=len(rows) - new - len(refused),
        left_out=[fault for _, each in sorted(faults.items()) for fault in each],
    )


@router.post("/heartbeat", responses=errors(404))
def take_heartbeat(beat: schemas.Heartbeat, token: Reporter) -> schemas.Heard:
    """Say that a system works and has reported every access up to now. People see which systems have gone silent."""
    if not token.owns(beat.system):
        raise Forbidden(f"The service token of {token.name} does not cover {beat.system}. Nothing was saved.")
    quotas.charge_call(token.name)
    return access_reports.note_heartbeat(beat.system)


def _row(body: Any, token: ServiceToken, directory: Directory) -> AccessRow:
    """Raises ValueError, pydantic's among them."""
    report = schemas.AccessReport.model_validate(body)
    if not token.owns(report.system):
        raise ValueError(f"the service token of {token.name} does not cover {report.system}")
    return access_reports.row_of(report, token.name, directory)


def _fault(place: int, why: str) -> Fault:
    return Fault(pointer=f"#/body/reports/{place}", detail=why)
