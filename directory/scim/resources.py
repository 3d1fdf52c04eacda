"""The SCIM resources that we serve: only what the directory has; other attributes that are sent are not kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Extension,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)
from scim2_models.resources.resource import AnyExtension

from directory.roles import ROLES
from law.regimes import REGIMES

MOST_RESULTS = 200


class Email(ComplexAttribute):
    """The directory has one address for each person."""

    value: str | None = None
    type: str | None = Field(None, examples=["work"])
    primary: bool | None = None


class User(Resource[AnyExtension]):
    """A person."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    display_name: str | None = None
    emails: list[Email] | None = None
    active: bool | None = None
    timezone: str | None = Field(None, examples=["Europe/Lisbon", "America/New_York"])


class Manager(ComplexAttribute):
    value: Annotated[str | None, CaseExact.true] = None
    ref: Reference[User] | None = Field(None, serialization_alias="$ref", validation_alias="$ref")  # type: ignore[type-arg]


class Enterprise(Extension):
    """The part of the enterprise extension that the directory has."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    department: str | None = None
    manager: Manager | None = None


class Work(Extension):
    """What Open Book needs to know beyond the standard."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:openbook:2.0:User")

    sub: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The person's `sub` at the identity provider; another one is for a privacy officer to decide."""
    role: str | None = Field(None, examples=list(ROLES))
    regime: str | None = Field(None, examples=list(REGIMES))
    team: str | None = None


Person = User[Enterprise | Work]

TOLERANT = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""Entra and Okta send attributes that we don't announce, and filters on values that don't exist yet."""


def provider() -> ScimProvider:
    """What the discovery endpoints announce."""
    return ScimProvider(
        models=[User, Enterprise, Work],
        resource_types=[ResourceType.from_resource(Person)],
        policy=TOLERANT,
        config=ServiceProviderConfig(
            patch=Patch(supported=True),
            bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
            filter=Filter(supported=True, max_results=MOST_RESULTS),
            change_password=ChangePassword(supported=False),
            sort=Sort(supported=True),
            etag=ETag(supported=False),
            authentication_schemes=[
                AuthenticationScheme(
                    type="oauthbearertoken",
                    name="Service token",
                    description="A token with the scope directory:write: `python -m governance token NAME`.",
                )
            ],
        ),
    )
