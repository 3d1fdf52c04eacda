"""`/scim/v2`: users, and what the service supports. It describes itself, so it is not in `/openapi.json`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from scim2_models import (
    Context,
    ForbiddenException,
    InvalidFilterException,
    ListResponse,
    Meta,
    NotFoundException,
    NotImplementedException,
    PatchOp,
    ResourceType,
    Schema,
    SearchRequest,
)
from starlette.responses import Response

from directory.scim.people import NoSuchUser, Users
from directory.scim.resources import TOLERANT, Person, Work, provider
from governance.api.authentication import service
from governance.api.scim.answers import ScimRoute, answer
from governance.api.scim.sent import tidied
from governance.api.service_tokens import Scope, ServiceToken
from governance.lineage import quotas
from settings import settings

FILTER_LENGTH = 1000
"""Characters."""
ASKED = ("emails", "regime", "role", "active")
"""Announced as required: they always have a value. What was left out of a change stays as it was."""
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
    asked = dict(request.query_params)
    if len(asked.get("filter", "")) > FILTER_LENGTH:
        raise InvalidFilterException(detail=f"A filter may have {FILTER_LENGTH:,} characters.")
    return _found(SearchRequest[Person].model_validate(asked))


@router.post("/.search")
@router.post("/Users/.search")
def search_users(body: dict[str, Any]) -> Response:
    """The same, with the filter in the body."""
    if len(str(body.get("filter", ""))) > FILTER_LENGTH:
        raise InvalidFilterException(detail=f"A filter may have {FILTER_LENGTH:,} characters.")
    return _found(SearchRequest[Person].model_validate(body, scim_ctx=Context.SEARCH_REQUEST))


@router.post("/Users")
def create_user(body: dict[str, Any], request: Request) -> Response:
    """A new person, or one who returns."""
    sent = Person.model_validate(tidied(body), scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=TOLERANT)
    with Users.open() as users:
        user = users.create(sent)
    text = _dumped(user, _attributes(request), Context.RESOURCE_CREATION_RESPONSE)
    return answer(text, HTTPStatus.CREATED, {"Location": str(user.meta.location)})


@router.get("/Users/{subject}")
def get_user(subject: str, request: Request) -> Response:
    with Users.open() as users:
        user = users.get(_id(subject))
    return answer(_dumped(user, _attributes(request), Context.RESOURCE_QUERY_RESPONSE))


@router.put("/Users/{subject}")
def replace_user(subject: str, body: dict[str, Any], request: Request) -> Response:
    sent = Person.model_validate(tidied(body), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=TOLERANT)
    with Users.open() as users:
        user = users.replace(_id(subject), sent)
    return answer(_dumped(user, _attributes(request), Context.RESOURCE_REPLACEMENT_RESPONSE))


@router.patch("/Users/{subject}")
def patch_user(subject: str, body: dict[str, Any], request: Request) -> Response:
    operations = PatchOp[Person].model_validate(
        tidied(body), scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=TOLERANT
    )
    with Users.open() as users:
        user = users.patch(_id(subject), operations)
    return answer(_dumped(user, _attributes(request), Context.RESOURCE_PATCH_RESPONSE))


@router.delete("/Users/{subject}")
def delete_user(subject: str) -> Response:
    """Mark a person as left. Nothing about them is deleted: they have rights over it."""
    with Users.open() as users:
        users.delete(_id(subject))
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/ServiceProviderConfig")
def service_provider_config() -> Response:
    config = provider().config
    assert config is not None
    config.meta = _meta("ServiceProviderConfig", "ServiceProviderConfig")
    return answer(config.model_dump_json(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))


@router.get("/ResourceTypes")
def list_resource_types(filter: Annotated[str | None, Query()] = None) -> Response:  # noqa: A002
    return _all(ResourceType, filter)


@router.get("/ResourceTypes/{name}")
def get_resource_type(name: str) -> Response:
    return _one(ResourceType, name)


@router.get("/Schemas")
def list_schemas(filter: Annotated[str | None, Query()] = None) -> Response:  # noqa: A002
    return _all(Schema, filter)


@router.get("/Schemas/{name}")
def get_schema(name: str) -> Response:
    return _one(Schema, name)


@router.api_route("/Groups", methods=["GET", "POST"])
@router.api_route("/Groups/{rest:path}", methods=["GET", "PUT", "PATCH", "DELETE"])
@router.api_route("/Bulk", methods=["POST"])
@router.api_route("/Me", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def refuse() -> Response:
    raise NotImplementedException(
        detail="Only users are provisioned here: no groups, no bulk operations, no /Me. Nothing was changed. Turn off"
        " the push of groups; a person's role is the attribute `role` of our extension."
    )


@router.get("/{rest:path}")
def nothing_here(rest: str) -> Response:
    raise NotFoundException(detail=f"There is nothing at {rest[:60]}.")


def _found(search: Any) -> Response:
    with Users.open() as users:
        total, page = users.find(search)
    listed = ListResponse[Person](
        total_results=total, start_index=search.start_index or 1, items_per_page=len(page), resources=page
    )
    return answer(_dumped(listed, search, Context.RESOURCE_QUERY_RESPONSE))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NoSuchUser from None


def _attributes(request: Request) -> Any:
    return SearchRequest[Person].model_validate(
        {name: text for name, text in request.query_params.items() if name in ("attributes", "excludedAttributes")}
    )


def _dumped(message: Any, search: Any, context: Context) -> str:
    return str(message.model_dump_json(scim_ctx=context, response_parameters=search))


def _described(kind: Any) -> list[Any]:
    announced = provider()
    found: list[Any] = list(announced.resource_types if kind is ResourceType else announced.schemas)
    if kind is Schema:
        for attribute in (each for schema in found for each in schema.attributes or []):
            attribute.required = attribute.required or attribute.name in ASKED
            if attribute.name == "emails":
                attribute.sub_attributes = [part for part in attribute.sub_attributes or [] if part.name != "primary"]
                attribute.sub_attributes[0].required = True
    else:
        for extension in found[0].schema_extensions or []:
            extension.required = extension.schema_ == Work.__schema__
    for each in found:
        each.meta = _meta(kind.__name__, f"{kind.__name__}s/{each.id}")
    return found


def _meta(kind: str, place: str) -> Any:
    return Meta(resource_type=kind, location=f"{settings().api_base_url}/scim/v2/{place}")


def _all(kind: Any, asked: str | None) -> Response:
    if asked is not None:  # RFC 7644, 4
        raise ForbiddenException(detail="Descriptions can't be filtered.")
    found = _described(kind)
    listed = ListResponse[kind](total_results=len(found), start_index=1, items_per_page=len(found), resources=found)
    return answer(listed.model_dump_json(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))


def _one(kind: Any, name: str) -> Response:
    for each in _described(kind):
        if each.id == name:
            return answer(each.model_dump_json(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))
    raise NotFoundException(detail="There is no such description.")
