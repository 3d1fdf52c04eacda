"""The API's own description: OpenAPI 3.1, every status declared, every error as problem details (RFC 9457)."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from governance.lineage import openlineage
from governance.opendsr.messages import Callback, ErrorAnswer, SubjectRequest
from governance.schemas.problem import MEDIA_TYPE, ProblemAnswer

MEANINGS = {
    400: "The body can't be read.",
    401: "The token is missing or not accepted here.",
    403: "The caller is known, but is not in the directory or lacks the required role, scope or namespace.",
    404: "It does not exist, or belongs to someone else.",
    408: "The body did not arrive in time.",
    409: "Not possible in the current state.",
    410: "It existed and was deleted.",
    413: "The body is too large.",
    415: "The body's type is not supported.",
    416: "The file does not have this range.",
    422: "The request is not valid; see `errors`.",
    429: "Too many calls or open requests; `Retry-After` says when to call again.",
    500: "An internal error; find it in the log by its reference.",
    503: "A required part can't be reached just now.",
}

OPENDSR_MEANINGS = {
    "400": "It can't be read, names no one we know, or is not possible in the current state.",
    "403": "The domain is not on our list, or its certificate or signature can't be verified.",
    "503": "Our list of partners or our key is not available just now.",
}

SIGNED_IN = (401, 403, 429, 500, 503)
"""The errors that any route for people may answer with."""

SERVICE = (401, 403, 429, 500, 503)
"""The errors that any route for the employer's programs may answer with."""


OF_BODIES = (408, 413)
"""The errors of the edge that any route with a body may answer with."""

OF_JSON = (400, 415)
"""The errors that any route with a JSON body may answer with."""


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route, for its errors."""
    return {status: {"description": MEANINGS[status]} for status in statuses}


def describe(app: FastAPI) -> None:
    """Make `/openapi.json` say that every error is problem details."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        components.pop(unused, None)
    problem = ProblemAnswer.model_json_schema(ref_template="#/components/schemas/{model}")
    components.update(problem.pop("$defs"))
    components["Problem"] = {**problem, "title": "Problem"}
    read_raw: tuple[type[BaseModel], ...] = (ErrorAnswer, SubjectRequest, Callback, *openlineage.EVENTS)
    for model in read_raw:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        components.update(schema.pop("$defs", {}))
        components[model.__name__] = schema
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if "requestBody" in operation and not path.startswith("/opendsr/"):
                of_json = OF_JSON if "application/json" in operation["requestBody"]["content"] else ()
                operation["responses"].update({str(status): {} for status in (*OF_BODIES, *of_json)})
            operation["responses"].setdefault("429", {})  # `governance.api.call_rates`
            _declare_problems(operation["responses"])
            if path == "/caep/events":
                _declare_event_errors(operation["responses"])
            if path.startswith("/opendsr/"):
                _declare_opendsr_errors(operation["responses"])
    return document


def _declare_opendsr_errors(responses: dict[str, Any]) -> None:
    """These routes check their input themselves, and answer errors in OpenDSR's format."""
    responses.pop("422", None)
    for status in OPENDSR_MEANINGS.keys() & responses.keys():
        schema = {"$ref": f"#/components/schemas/{ErrorAnswer.__name__}"}
        responses[status] = {
            "description": OPENDSR_MEANINGS[status],
            "content": {"application/json": {"schema": schema}},
        }


def _declare_event_errors(responses: dict[str, Any]) -> None:
    """This route checks its body itself, and answers errors in the format of RFC 8935."""
    responses.pop("422", None)
    schema = {"$ref": "#/components/schemas/EventError"}
    responses["400"] = {"description": MEANINGS[400], "content": {"application/json": {"schema": schema}}}


def _declare_problems(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        if int(status) < 400:
            continue
        response["description"] = MEANINGS[int(status)]
        response["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        if status == "401":
            response["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
        if status == "429":
            response["headers"] = {"Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 1}}}
