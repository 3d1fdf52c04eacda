"""What Entra and Okta send otherwise than the specification says, brought into its form."""

from __future__ import annotations

from typing import Any

from scim2_models import InvalidSyntaxException

MANAGER = ":manager"
MOST_OPERATIONS = 100
"""Of a patch."""


def tidied(body: dict[str, Any]) -> dict[str, Any]:
    """A new body. Raises InvalidSyntaxException."""
    operations = next((value for key, value in body.items() if key.lower() == "operations"), None)
    if not isinstance(operations, list):
        return _named(body)
    if len(operations) > MOST_OPERATIONS:
        raise InvalidSyntaxException(detail=f"A patch may have {MOST_OPERATIONS} operations. Nothing was changed.")
    return {**body, "Operations": [_operation(each) if isinstance(each, dict) else each for each in operations]}


def _named(user: dict[str, Any]) -> dict[str, Any]:
    """With a displayName, if the parts of a name were sent instead."""
    name = user.get("name")
    if user.get("displayName") or not isinstance(name, dict):
        return user
    parts = (name.get("givenName"), name.get("familyName"))
    whole = name.get("formatted") or " ".join(part for part in parts if isinstance(part, str))
    return {**user, "displayName": whole} if isinstance(whole, str) and whole else user


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    """Entra sends one value in a list, and a manager as their id alone."""
    path, value = operation.get("path"), operation.get("value")
    if not isinstance(path, str) or path.lower().startswith("emails"):
        return operation
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        value = value[0].get("value")
    if path.lower().endswith(MANAGER):
        if isinstance(value, str):
            value = {"value": value} if value else None
        if value is None:
            return {"op": "remove", "path": path}
    return {**operation, "value": value} if "value" in operation else operation
