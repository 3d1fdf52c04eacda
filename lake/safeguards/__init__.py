"""Safeguards: what is redacted from a capture before it is stored, as its policy says.

This is pattern redaction: it finds text that looks like a secret of a known kind. It is not anonymisation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from languages import mark, mark_n

SAFEGUARDS = {
    "mask": mark(
        "card numbers, IBANs, e-mail addresses, phone numbers, national ids, keys and tokens, passwords that a text "
        "names, and one-time codes are masked, wherever they are captured, typed key by key included"
    ),
    "drop_passwords": mark(
        "what goes into a password field is dropped, and so is the same text elsewhere in the recording"
    ),
    "mask_people": mark(
        "full names of people in the directory, dates of birth that a word or a field names as such, and postal "
        "addresses of a known form are masked, wherever they are recognised"
    ),
}
"""The safeguards that a policy can name, with a description of each, marked for translation."""

KINDS = {
    "secret": "key or token",
    "iban": "IBAN",
    "card_number": "card number",
    "national_id": "national id",
    "email_address": "e-mail address",
    "phone_number": "phone number",
    "one_time_code": "one-time code",
    "password": "password",
    "window": "window of another application",
    "birth_date": "birth date",
    "address": "address",
    "person": "name",
    "name": "name",
}
"""Kinds of redaction, and their names for people; where two overlap, the first in this order wins."""

ON_REQUEST = "name"
"""The kind that is masked after storage: the name of somebody who asked for it (`lake.masking`)."""

MASKED = {
    "secret": mark_n("{n} key or token", "{n} keys or tokens"),
    "iban": mark_n("{n} IBAN", "{n} IBANs"),
    "card_number": mark_n("{n} card number", "{n} card numbers"),
    "national_id": mark_n("{n} national id", "{n} national ids"),
    "email_address": mark_n("{n} e-mail address", "{n} e-mail addresses"),
    "phone_number": mark_n("{n} phone number", "{n} phone numbers"),
    "one_time_code": mark_n("{n} one-time code", "{n} one-time codes"),
    "password": mark_n("{n} password", "{n} passwords"),
    "window": mark_n("{n} window of another application", "{n} windows of another application"),
    "birth_date": mark_n("{n} birth date", "{n} birth dates"),
    "address": mark_n("{n} address", "{n} addresses"),
    "person": mark_n("{n} name", "{n} names"),
    ON_REQUEST: mark_n("{n} name", "{n} names"),
}
"""The same, counted: marked for translation."""


def masked(redactions: Mapping[str, int], tn: Callable[..., str]) -> str:
    """`2 e-mail addresses, 1 password`, in the given order, as `tn` says a number of something in a language."""
    return ", ".join(tn(*MASKED.get(kind, (f"{{n}} {kind}",) * 2), number) for kind, number in redactions.items())


def placeholder(kind: str) -> str:
    """The replacement for masked text: `[card number removed]`."""
    return f"[{KINDS[kind]} removed]"


def counted(redactions: Mapping[str, int]) -> str:
    """`2 e-mail addresses, 1 password`, in the given order; empty if nothing was redacted."""
    return ", ".join(f"{number:,} {_named(kind, number)}" for kind, number in redactions.items())


def _named(kind: str, number: int) -> str:
    name = KINDS.get(kind, kind)
    return name if number == 1 else f"{name}es" if name.endswith("s") else f"{name}s"
