"""How the service describes itself; loading this takes most of a second (`governance.api.scim.routes`)."""

from __future__ import annotations

from typing import Any

from scim2_models import Context, ForbiddenException, ListResponse, Meta, NotFoundException, ResourceType, Schema
from starlette.responses import Response

from directory.scim.resources import Work, provider
from governance.api.scim.answers import answer
from settings import settings

ASKED = ("emails", "regime", "role", "active")
"""Announced as required: they always have a value. What was left out of a change stays as it was."""


def config() -> Response:
    found = provider().config
    assert found is not None
    found.meta = _meta("ServiceProviderConfig", "ServiceProviderConfig")
    return answer(found.model_dump_json(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))


def resource_types(asked: str | None) -> Response:
    return _all(ResourceType, asked)


def resource_type(name: str) -> Response:
    return _one(ResourceType, name)


def schemas(asked: str | None) -> Response:
    return _all(Schema, asked)


def schema(name: str) -> Response:
    return _one(Schema, name)


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
