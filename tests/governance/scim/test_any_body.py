"""Arbitrary bodies, filters and patches of an identity provider get an answer of SCIM, and never an error of ours."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.governance.scim.conftest import PATCH, Added, user

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([*user(), "name", "externalId", "id", "meta", "groups", "roles"])
PATHS = st.sampled_from(["active", "userName", "emails", 'emails[type eq "work"].value', "name.givenName"])
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


@UNTIMED
@given(st.dictionaries(NAMES, ANY_JSON, max_size=4) | ANY_JSON)
def test_any_user_is_taken_or_refused(scim: TestClient, odd: Any) -> None:
    for body in (odd, user("bo") | odd if isinstance(odd, dict) else odd):
        assert of_scim(scim.post("/Users", json=body)), body


@UNTIMED
@given(st.lists(OPERATIONS | ANY_JSON, max_size=3))
def test_any_patch_is_taken_or_refused(scim: TestClient, added: Added, operations: list[Any]) -> None:
    known = scim.get("/Users").json().get("Resources") or [added()]
    patch = {"schemas": [PATCH], "Operations": operations}
    assert of_scim(scim.patch(f"/Users/{known[0]['id']}", json=patch)), operations


@UNTIMED
@given(st.text(max_size=40) | st.sampled_from(['userName eq "a', "active eq tru", "(((", 'emails[type eq "work"] pr']))
def test_any_filter_is_answered(scim: TestClient, text: str) -> None:
    assert of_scim(scim.get("/Users", params={"filter": text})), text
