"""Passwords: recognised by the field they go into or their name in a URL, never by their form."""

from __future__ import annotations

import re
from itertools import chain

from lake.safeguards.patterns import Finding

PASSWORD_FIELD = re.compile(
    r"pass[\s_-]?(?:word|wd|phrase|code)|\bpasswd|\bpwd|pwd\b|kennwort|passwort|mot[\s_-]de[\s_-]passe|contrase[nñ]a"
    r"|\bclave\b|senha|palavra-passe|wachtwoord|parola|has[lł]o|l[oö]senord|adgangskode|passord|salasana|heslo"
    r"|\bpin\b|(?<![a-z])(?:cvv|cvc)2?(?![a-z])|one[\s_-]?time|\botp\b|secret",
    re.IGNORECASE,
)

URL_PARAMETER = re.compile(
    r"(?<=[?&#;/])[^=&#?;/]*(?:passw|passphrase|pwd|secret|token|apikey|api[_-]key|otp)[^=&#?;]*=([^&#;\s]+)",
    re.IGNORECASE,
)
USER_INFO = re.compile(r"(?<=://)[^/\s:@]*:([^/\s@]+)(?=@)")


def is_password_field(description: str) -> bool:
    """Whether a field's type, name or label says that it takes a password, a PIN or a one-time code."""
    return PASSWORD_FIELD.search(description) is not None


def in_url(text: str) -> list[Finding]:
    """Passwords and tokens in the URLs of a text: in a parameter with such a name, or before the host."""
    if "=" not in text and "@" not in text:
        return []
    matches = chain(URL_PARAMETER.finditer(text), USER_INFO.finditer(text))
    return [Finding(match.start(1), match.end(1), "password") for match in matches]
