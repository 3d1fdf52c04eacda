"""Arbitrary bodies, filters and patches of an identity provider get an answer of SCIM, and never an error of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.governance.scim.conftest import ENTERPRISE, PATCH, WORK, Added, user

HALF = "\ud800"
HUGE = st.integers() | st.sampled_from([2**63, -(2**63) - 1, 10**23, -(10**23), 10**400])
TEXT = st.text(max_size=8) | st.text(
    st.sampled_from(["a", "@", ".", "\ud800", "\udfff", "\u200b", "\0", '"']), max_size=5
)
"""With halves of characters, which JSON can express."""
ANY_JSON = st.recursive(
    st.none() | st.booleans() | HUGE | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([*user(), "name", "externalId", "id", "meta", "groups", "roles"])
FIELDS = [
    *("active", "userName", "displayName", "externalId", "timezone", "emails", "name.givenName", f"{WORK}:sub"),
    *('emails[type eq "work"].value', r'emails[value eq "a\ud800@b.c"].type', f"{ENTERPRISE}:department"),
]
PATHS = st.sampled_from(FIELDS)
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
OPERATIONS = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Replace", "remove"]) | ANY_JSON},
    optional={"path": PATHS | ANY_JSON, "value": ANY_JSON},
)
UNTIMED = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def of_scim(answer: Any) -> bool:
    if answer.status_code < 300:
        return True
    body = answer.json()
    return 400 <= answer.status_code < 500 and str(body["status"]) == str(answer.status_code)


def sent(scim: TestClient, method: str, path: str, body: Any) -> Any:
    """In ASCII: a client library refuses to send half a character otherwise."""
    return scim.request(method, path, content=json.dumps(body))


@UNTIMED
@given(st.dictionaries(NAMES, ANY_JSON, max_size=4) | ANY_JSON)
@example({"userName": "x" + HALF})
@example({"displayName": "x" + HALF})
@example({"externalId": HALF})
@example({"emails": [{"value": f"a{HALF}@b.c"}]})
@example({WORK: {"sub": HALF, "regime": "gdpr"}})
@example({ENTERPRISE: {"department": HALF}})
def test_any_user_is_taken_or_refused(scim: TestClient, odd: Any) -> None:
    for body in (odd, user("bo") | odd if isinstance(odd, dict) else odd):
        assert of_scim(sent(scim, "POST", "/Users", body)), body


@UNTIMED
@given(st.lists(OPERATIONS | ANY_JSON, max_size=3))
def test_any_patch_is_taken_or_refused(scim: TestClient, added: Added, operations: list[Any]) -> None:
    known = scim.get("/Users").json().get("Resources") or [added()]
    patch = {"schemas": [PATCH], "Operations": operations}
    assert of_scim(sent(scim, "PATCH", f"/Users/{known[0]['id']}", patch)), operations


@pytest.mark.parametrize("value", [HALF, "x" + HALF, 10**400, float("nan")], ids=["half", "with half", "huge", "nan"])
@pytest.mark.parametrize("path", FIELDS)
def test_what_cannot_be_stored_is_refused_in_every_field(scim: TestClient, added: Added, path: str, value: Any) -> None:
    made = added()
    patch = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": path, "value": value}]}
    for method, body in (("PATCH", patch), ("PUT", user() | {path: value})):
        assert of_scim(sent(scim, method, f"/Users/{made['id']}", body)), method


ESCAPED = [
    rf'{name} eq "x\ud800"' for name in ("userName", "externalId", "emails", "emails.value", "displayName", "id")
]
FILTERS = ['userName eq "a', "active eq tru", "(((", 'emails[type eq "work"] pr', *ESCAPED]


@UNTIMED
@given(st.text(max_size=40) | st.sampled_from(FILTERS), HUGE, HUGE)
@example("", 10**23, 10**23)
@example(ESCAPED[0], 1, 1)
@example(ESCAPED[1], 1, 1)
@example(ESCAPED[3], 1, 1)
def test_any_search_is_answered(scim: TestClient, text: str, first: int, count: int) -> None:
    asked = {**({"filter": text} if text else {}), "startIndex": first, "count": count}
    assert of_scim(scim.get("/Users", params={name: str(value) for name, value in asked.items()})), asked
    for path in ("/.search", "/Users/.search"):
        for each in (asked, asked | {"filter": f'userName eq "{HALF}"'}):
            assert of_scim(sent(scim, "POST", path, {"schemas": [SEARCH], **each})), each
