"""Safeguards: what is redacted from a capture before it is stored, as its policy says.

This is pattern redaction: it finds text that looks like a secret of a known kind. It is not anonymisation.
"""

SAFEGUARDS = {
    "mask": "card numbers, IBANs, e-mail addresses, phone numbers and national ids are masked, wherever they are"
    " captured, typed key by key included",
    "drop_passwords": "what goes into a password field is dropped, and so is the same text elsewhere in the recording",
}
"""The safeguards that a policy can name, with a description of each."""

KINDS = ("card_number", "iban", "national_id", "email_address", "phone_number", "password")
"""Kinds of redaction; where two overlap, the first in this order wins."""


def placeholder(kind: str) -> str:
    """The replacement for masked text: `[card number removed]`."""
    name = {"iban": "IBAN", "email_address": "e-mail address"}.get(kind, kind.replace("_", " "))
    return f"[{name} removed]"
