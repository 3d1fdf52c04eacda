"""Refused tokens and accesses, for the employer's security monitoring (`security_events`)."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request

import security_events
from governance.schemas.problem import Problem, Unauthorized


def refused(request: Request, error: Exception, answer: Problem) -> None:
    """Record the answer to a request, if it is one that security monitoring wants to know about. Tokens expire all the
    time: that is none."""
    address = request.client.host if request.client else None
    if answer.status == HTTPStatus.FORBIDDEN:
        subject = getattr(request.state, "subject", None)
        security_events.access_refused(subject, address, request.method, _route(request))
    elif isinstance(answer, Unauthorized) and answer.of_a_token and not getattr(error, "expired", False):
        security_events.sign_in_failed(address, answer.detail, "governance")


def _route(request: Request) -> str:
    """The address without what was filled in, which may name a person: `/v1/holds/{hold}`."""
    filled = {str(value): name for name, value in request.path_params.items()}
    return "/".join(f"{{{filled[part]}}}" if part in filled else part for part in request.scope["path"].split("/"))
