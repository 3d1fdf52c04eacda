"""What the routes of users answer; loading this takes most of a second (`governance.api.scim.routes`)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from scim2_models import Context, InvalidFilterException, ListResponse, PatchOp, SearchRequest
from starlette.responses import Response

from directory.scim.people import NoSuchUser, Users
from directory.scim.resources import TOLERANT, Person
from governance.api.scim.answers import answer
from governance.api.scim.sent import tidied

FILTER_LENGTH = 1000
"""Characters."""


def find(asked: Mapping[str, str]) -> Response:
    """Those who match the parameters of a query."""
    _require_short(asked.get("filter", ""))
    return _found(SearchRequest[Person].model_validate(dict(asked)))


def search(body: dict[str, Any]) -> Response:
    _require_short(str(body.get("filter", "")))
    return _found(SearchRequest[Person].model_validate(body, scim_ctx=Context.SEARCH_REQUEST))


def create(body: dict[str, Any], asked: Mapping[str, str]) -> Response:
    """`asked`, also below: the parameters of the query, which may say which attributes to answer."""
    sent = Person.model_validate(tidied(body), scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=TOLERANT)
    with Users.open() as users:
        user = users.create(sent)
    text = _dumped(user, _attributes(asked), Context.RESOURCE_CREATION_RESPONSE)
    return answer(text, HTTPStatus.CREATED, {"Location": str(user.meta.location)})


def get(subject: str, asked: Mapping[str, str]) -> Response:
    with Users.open() as users:
        user = users.get(_id(subject))
    return answer(_dumped(user, _attributes(asked), Context.RESOURCE_QUERY_RESPONSE))


def replace(subject: str, body: dict[str, Any], asked: Mapping[str, str]) -> Response:
    sent = Person.model_validate(tidied(body), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=TOLERANT)
    with Users.open() as users:
        user = users.replace(_id(subject), sent)
    return answer(_dumped(user, _attributes(asked), Context.RESOURCE_REPLACEMENT_RESPONSE))


def patch(subject: str, body: dict[str, Any], asked: Mapping[str, str]) -> Response:
    operations = PatchOp[Person].model_validate(
        tidied(body), scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=TOLERANT
    )
    with Users.open() as users:
        user = users.patch(_id(subject), operations)
    return answer(_dumped(user, _attributes(asked), Context.RESOURCE_PATCH_RESPONSE))


def delete(subject: str) -> Response:
    with Users.open() as users:
        users.delete(_id(subject))
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _require_short(asked: str) -> None:
    if len(asked) > FILTER_LENGTH:
        raise InvalidFilterException(detail=f"A filter may have {FILTER_LENGTH:,} characters.")


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


def _attributes(asked: Mapping[str, str]) -> Any:
    return SearchRequest[Person].model_validate(
        {name: text for name, text in asked.items() if name in ("attributes", "excludedAttributes")}
    )


def _dumped(message: Any, search: Any, context: Context) -> str:
    return str(message.model_dump_json(scim_ctx=context, response_parameters=search))
