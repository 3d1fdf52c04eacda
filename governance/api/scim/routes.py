"""`/scim/v2`: users, and what the service supports. It describes itself, so it is not in `/openapi.json`.

The routes load what answers them when the first one is called: the SCIM library takes most of a second of processor
time, which each start would spend for nothing where no provider calls.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from governance.api.authentication import service
from governance.api.scim.answers import ScimRoute
from governance.api.service_tokens import Scope, ServiceToken
from governance.lineage import quotas

Client = Annotated[ServiceToken, service(Scope.DIRECTORY_WRITE)]


def _counted(client: Client, request: Request) -> None:
    """Once for each call: dependencies are resolved again when the body has arrived."""
    if not getattr(request.state, "counted", False):
        request.state.counted = True
        quotas.charge_call(client.name)


router = APIRouter(route_class=ScimRoute, prefix="/scim/v2", include_in_schema=False, dependencies=[Depends(_counted)])


@router.get("/Users")
def find_users(request: Request) -> Response:
    """The users that match a filter, at most 200 at once; `startIndex` and `count` say which."""
    from governance.api.scim import users

    return users.find(request.query_params)


@router.post("/.search")
@router.post("/Users/.search")
def search_users(body: dict[str, Any]) -> Response:
    """The same, with the filter in the body."""
    from governance.api.scim import users

    return users.search(body)


@router.post("/Users")
def create_user(body: dict[str, Any], request: Request) -> Response:
    """A new person, or one who returns."""
    from governance.api.scim import users

    return users.create(body, request.query_params)


@router.get("/Users/{subject}")
def get_user(subject: str, request: Request) -> Response:
    from governance.api.scim import users

    return users.get(subject, request.query_params)


@router.put("/Users/{subject}")
def replace_user(subject: str, body: dict[str, Any], request: Request) -> Response:
    from governance.api.scim import users

    return users.replace(subject, body, request.query_params)


@router.patch("/Users/{subject}")
def patch_user(subject: str, body: dict[str, Any], request: Request) -> Response:
    from governance.api.scim import users

    return users.patch(subject, body, request.query_params)


@router.delete("/Users/{subject}")
def delete_user(subject: str) -> Response:
    """Mark a person as left. Nothing about them is deleted: they have rights over it."""
    from governance.api.scim import users

    return users.delete(subject)


@router.get("/ServiceProviderConfig")
def service_provider_config() -> Response:
    from governance.api.scim import descriptions

    return descriptions.config()


@router.get("/ResourceTypes")
def list_resource_types(filter: Annotated[str | None, Query()] = None) -> Response:  # noqa: A002
    from governance.api.scim import descriptions

    return descriptions.resource_types(filter)


@router.get("/ResourceTypes/{name}")
def get_resource_type(name: str) -> Response:
    from governance.api.scim import descriptions

    return descriptions.resource_type(name)


@router.get("/Schemas")
def list_schemas(filter: Annotated[str | None, Query()] = None) -> Response:  # noqa: A002
    from governance.api.scim import descriptions

    return descriptions.schemas(filter)


@router.get("/Schemas/{name}")
def get_schema(name: str) -> Response:
    from governance.api.scim import descriptions

    return descriptions.schema(name)


@router.api_route("/Groups", methods=["GET", "POST"])
@router.api_route("/Groups/{rest:path}", methods=["GET", "PUT", "PATCH", "DELETE"])
@router.api_route("/Bulk", methods=["POST"])
@router.api_route("/Me", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def refuse() -> Response:
    from scim2_models import NotImplementedException

    raise NotImplementedException(
        detail="Only users are provisioned here: no groups, no bulk operations, no /Me. Nothing was changed. Turn off"
        " the push of groups; a person's role is the attribute `role` of our extension."
    )


@router.get("/{rest:path}")
def nothing_here(rest: str) -> Response:
    from scim2_models import NotFoundException

    raise NotFoundException(detail=f"There is nothing at {rest[:60]}.")
