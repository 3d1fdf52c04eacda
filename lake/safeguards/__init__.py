"""Safeguards: what is redacted from a capture before it is stored, as its policy says.

This is pattern redaction: it finds text that looks like a secret of a known kind. It is not anonymisation.
"""

from __future__ import annotations

from collections.abc import Mapping

SAFEGUARDS = {
    "mask": "card numbers, IBANs, e-mail addresses, phone numbers, national ids, keys and tokens, passwords that a "
    "text names, and one-time codes are masked, wherever they are captured, typed key by key included",
    "drop_passwords": "what goes into a password field is dropped, and so is the same text elsewhere in the recording",
}
"""The safeguards that a policy can name, with a description of each."""

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
}
"""Kinds of redaction, and their names for people; where two overlap, the first in this order wins."""


def placeholder(kind: str) -> str:
    """The replacement for masked text: `[card number removed]`."""
    return f"[{KINDS[kind]} removed]"


def counted(redactions: Mapping[str, int]) -> str:
    """`2 e-mail addresses, 1 password`, in the given order; empty if nothing was redacted."""
    return ", ".join(f"{number:,} {_named(kind, number)}" for kind, number in redactions.items())


def _named(kind: str, number: int) -> str:
    name = KINDS.get(kind, kind)
    return name if number == 1 else f"{name}es" if name.endswith("s") else f"{name}s"
