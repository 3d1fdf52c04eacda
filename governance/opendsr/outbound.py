"""Calls to partners: only to addresses in the file of partners, with https unless it is this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import outgoing
from governance.opendsr.partners import check_url

SECONDS = 10.0
LONGEST_ANSWER_SECONDS = 30.0
LARGEST_ANSWER = 1 << 20


class Unreachable(Exception):
    """No complete answer arrived. The message contains no more than a person may read."""


@dataclass(frozen=True)
class Answer:
    """The names of the headers are lowercase."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def call(method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
    """One call. An answer with any status is an answer. Raises Unreachable."""
    check_url(url)
    headers = {**headers, "Accept": "application/json"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    try:
        with outgoing.call(
            method, url, headers, body, largest=LARGEST_ANSWER, silence=SECONDS, seconds=LONGEST_ANSWER_SECONDS
        ) as answer:
            names = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status, names, answer.read())
    except outgoing.TooLong as error:
        raise Unreachable("its answer is too long") from error
    except outgoing.TooSlow as error:
        raise Unreachable("its answer takes too long") from error
    except outgoing.CallFailed as error:
        raise Unreachable("it can't be reached just now") from error
