"""From a person to the identity that a partner knows, and back.

`controller_customer_id` is the directory's `sub` or the lake's `subject`, as the partner's entry says. An e-mail
address identifies the current employee who has it: addresses pass from one person to the next, so an address doesn't
prove to be someone who left. When a controller sends several identities, the known ones must belong to one person.
"""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from directory import Directory, Employee, UnknownEmployee
from governance.opendsr.messages import Identity
from governance.opendsr.partners import Controller, Processor


class NoIdentity(LookupError):
    """This person has no identity of the kind that the processor uses."""


class NotFound(LookupError):
    """No one we know, or not exactly one person."""


class NotSupported(ValueError):
    """None of the identities is of a kind that this controller may use."""


def identity_for(processor: Processor, subject: UUID) -> Identity:
    """The identity by which the processor knows the person. Raises NoIdentity."""
    kind, _, form = processor.identity.partition("/")
    with Directory.open() as directory:
        if kind == "email":
            employee = directory.by_subject(subject)
            value = employee.email if employee.active and " " not in employee.email else None
        else:
            value = str(subject) if processor.customer_id == "subject" else directory.sub_of(subject)
    if value is None:
        raise NoIdentity(f"We have no identity of yours that {processor.domain} knows.")
    value = hashlib.sha256(value.encode()).hexdigest() if form == "sha256" else value
    return Identity.model_validate({"identity_type": kind, "identity_value": value, "identity_format": form})


def person_of(controller: Controller, identities: list[Identity]) -> Employee:
    """The one person whom these identify. Raises NotSupported, NotFound."""
    usable = [one for one in identities if f"{one.identity_type}/{one.identity_format}" in controller.identities]
    if not usable:
        raise NotSupported(f"None of these identities is one of {', '.join(controller.identities)}.")
    with Directory.open() as directory:
        found = [_find(directory, controller, one) for one in usable]
    people = {employee.subject: employee for employee in found if employee is not None}
    if len(people) != 1:
        raise NotFound("These identities don't belong to one person whom we know.")
    return next(iter(people.values()))


def _find(directory: Directory, controller: Controller, identity: Identity) -> Employee | None:
    if identity.identity_type == "email":
        return _by_address(directory, identity)
    if controller.customer_id == "sub":
        return directory.by_sub(identity.identity_value)
    try:
        return directory.by_subject(UUID(identity.identity_value))
    except (ValueError, UnknownEmployee):
        return None


def _by_address(directory: Directory, identity: Identity) -> Employee | None:
    wanted = identity.identity_value.strip().lower().encode()
    for employee in directory.everyone():
        address = employee.email.encode()
        if identity.identity_format == "sha256":
            address = hashlib.sha256(address).hexdigest().encode()
        if employee.active and hmac.compare_digest(address, wanted):
            return employee
    return None
