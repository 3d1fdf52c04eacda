"""Passwords: recognised by the field they go into or their name in a URL, never by their form."""

from __future__ import annotations

import re
from itertools import chain

from lake.safeguards import words
from lake.safeguards.patterns import Finding

WORDS = re.compile(r"[^\W\d_]+|\d+")
HUMP = re.compile(r"(?<=[a-zà-ž])(?=[A-ZÀ-Þ])|(?<=[A-ZÀ-Þ])(?=[A-ZÀ-Þ][a-zà-ž])")
SECURE = re.compile(r"AXSecureTextField|IsPassword\W+(?:true|1)|\bPasswordBox\b|\bUIATextFieldSecure\b|secureTextEntry")
"""What the accessibility interfaces of macOS and Windows call such a field."""
WHOLE = frozenset(
    word.casefold().replace("-", " ") for word in (*words.PASSWORD, *words.SHORT, *words.KEY, *words.CODE)
) - {"code is", "your code", "je code", "uw code", "din kod", "din kode"}
LONGEST = max(len(phrase.split()) for phrase in WHOLE)
INSIDE = tuple(
    word.casefold().replace(" ", "") for word in (*words.PASSWORD, "userpass") if len(word) > 5 and word.isascii()
)
"""Long enough to count also within another word, as languages that join words do."""
IN_SCRIPT = tuple(word.casefold() for word in words.PASSWORD if not word.isascii())
"""In scripts whose words have no blanks or whose vowels are signs, a word is found anywhere."""

URL_PARAMETER = re.compile(
    r"(?<=[?&#;/])[^=&#?;/]*(?:passw|passphrase|pwd|secret|token|apikey|api[_-]key|otp|signature|credential|ticket|magic"
    r"|invite|session|nonce|verif|confirm|reset|jwt|oobcode|saml)[^=&#?;/]*=([^&#;\s]+)",
    re.IGNORECASE,
)
SHORT_PARAMETER = re.compile(
    r"(?<=[?&#;])(?:code|key|sig|auth|hash|sid|st|sas|pass|pw|pin|hmac|state|t|k|h|s)=([^&#;\s]{10,})", re.IGNORECASE
)
"""With names that also mean other things: only with a value in which letters and digits mix."""
MAGIC_PATH = re.compile(
    r"://[^\s?#]*/(?:\w+[-_])?(?:magic|login|sign-?in|verify|verification|confirm|reset|password|invite|invitation|activate|unsubscribe"
    r"|share|oauth|callback|auth|token|join|accept|l)(?:[-_]\w+)?(?:/[\w-]*){0,2}?/([A-Za-z0-9_=-]{16,})(?=[/?#\s]|$)",
    re.IGNORECASE,
)
MIXED = re.compile(r"(?=.*\d)(?=.*[A-Za-z])")
USER_INFO = re.compile(r"(?<=://)[^/\s:@]*:([^/\s@]+)(?=@)")


def is_password_field(description: str) -> bool:
    """Whether a field's type, name or label says that it takes a password, a PIN, a one-time code or a key."""
    if SECURE.search(description):
        return True
    parts = [part.casefold() for word in WORDS.findall(description) for part in HUMP.split(word)]
    if any(inside in part for part in parts for inside in INSIDE) or any(
        inside in description.casefold() for inside in IN_SCRIPT
    ):
        return True
    starts = range(len(parts))
    return any(" ".join(parts[at : at + size]) in WHOLE for at in starts for size in range(1, LONGEST + 1)) or any(
        "".join(parts[at : at + 2]) in WHOLE for at in starts
    )


def in_url(text: str) -> list[Finding]:
    """Passwords and tokens in the URLs of a text: in a parameter with such a name, before the host, or in the path of a
    link that signs somebody in."""
    if "=" not in text and "@" not in text and "://" not in text:
        return []
    matches = chain(URL_PARAMETER.finditer(text), USER_INFO.finditer(text))
    mixed = (found for found in SHORT_PARAMETER.finditer(text) if MIXED.match(found[1]))
    paths = (found for found in MAGIC_PATH.finditer(text) if MIXED.match(found[1]))
    return [Finding(found.start(1), found.end(1), "password") for found in chain(matches, mixed, paths)]
