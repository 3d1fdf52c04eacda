"""Safeguards: what is taken out of a capture before it is stored, as its policy says.

This is pattern redaction: it finds what looks like a secret of a known kind. It is no anonymisation.
"""

SAFEGUARDS = {
    "mask": "card numbers, IBANs, e-mail addresses, phone numbers and national ids are masked, wherever they are"
    " captured, typed key by key included",
    "drop_passwords": "what goes into a password field is dropped, and so is the same text elsewhere in the recording",
}
"""The safeguards that a policy can name, and what each does."""

KINDS = ("card_number", "iban", "national_id", "email_address", "phone_number", "password")
"""Kinds of redaction, the ones that win where two overlap first."""


def placeholder(kind: str) -> str:
    """What stands in the place of masked text: `[card number removed]`."""
    name = {"iban": "IBAN", "email_address": "e-mail address"}.get(kind, kind.replace("_", " "))
    return f"[{name} removed]"
