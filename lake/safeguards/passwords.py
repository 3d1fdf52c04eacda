"""Passwords: recognised by the field they go into or their name in a URL, never by their form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lake.safeguards import words
from lake.safeguards.needs import Need
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

OTHERWISE = re.compile(
    r"parol[ae]s?[ _-]?(?:chiave|d'honneur)|(?:prise|temps|droit|libert.)[ _-](?:de|à)[ _-](?:la[ _-])?parole"
    r"|ταχυδρομικ\w+\s+κωδικ\w+",
    re.IGNORECASE,
)
"""Labels of key words, of speech and of postal codes, which have such a word."""

PARAMETER = re.compile(r"(?<=[?&#;/])([^=&#?;/]+)=(?=[^&#;\s])")
SECRET_PARAMETER = re.compile(
    r"passw|passphrase|pwd|secret|token|apikey|api[_-]key|otp|signature|credential|ticket|magic|invite|session|nonce|verif"
    r"|confirm|reset|jwt|oobcode|saml|^ott$|^tkn$|subscription[_-]?key|access[_-]?key|private[_-]?key|bearer|passcode|resource[_-]?key|^assertion$|authkey",
    re.IGNORECASE,
)
ARGUMENT = re.compile(r"[^&#;\s]+")
SHORT_PARAMETER = re.compile(
    r"(?<=[?&#;])(?:code|key|sig|auth|hash|sid|st|sas|pass|pw|pin|hmac|state|t|k|h|s|i|sk|lt|tk|at|rt|ak|mt|vt|it|otk|tok|csrf|xsrf|lk)=([^&#;\s]{10,})",
    re.IGNORECASE,
)
"""With names that also mean other things: only with a value in which letters and digits mix."""
PATH = re.compile(r"://\S*")
MAGIC_PATH = re.compile(
    r"/(?:\w{1,40}[-_])?(?:magic|login|sign-?in|verify|verification|confirm|reset|password|invite|invitation|activate|unsubscribe"
    r"|share|oauth|callback|auth|token|join|accept|recover|recovery|unlock|passwordless|sso|session|validate|claim|welcome"
    r"|onboarding|forgot|setup|signup|sign-?up|access|otp|ott|approve|secure|email-?link|l|m|ml|v|i)(?:[-_]\w{1,40})?(?:/[\w-]*){0,2}?/([A-Za-z0-9_=-]{16,})(?=[/?#\s]|$)",
    re.IGNORECASE,
)
SECRET_PATH = re.compile(
    r"/private-([0-9A-Za-z]{16,})(?=/)|/([0-9A-Za-z_-]{16,200})/(?:reach)?calendar\.(?:ics|html)"
    r"|/hooks/catch/\d{1,12}/(\w{5,})|//1drv\.ms/\w/(?:\w/)?s!([\w-]{10,})"
    r"|//hook\.(?:\w{2,8}\.)?(?:make|integromat)\.com/(\w{20,})|/webhook(?:-test)?/([\w-]{20,})"
    r"|//maker\.ifttt\.com/\S{0,100}?/(?:key|use)/([\w-]{20,})"
)
"""Of calendars and folders that whoever has the link may read, and of hooks that whoever has it may call."""
HAS_SECRET_PATH = Need(r"/private-|calendar\.|/hooks/|1drv\.ms|//hook\.|/webhook|ifttt")
HAS_LONG_PART = Need(r"/[A-Za-z0-9_=-]{16}")
"""Of `MAGIC_PATH`."""
MIXED = re.compile(r"(?=.*\d)(?=.*[A-Za-z])")
USER_INFO = re.compile(r"(?<=://)[^/\s:@]{0,200}:(?:([^/\s]{1,200})(?=@)|(?!\d{1,5}/)([^\s@\"'<>?]{1,200})(?=@[\w\[]))")
"""What is before the host; a password in it may have an @ or a slash, but a port is none."""


def is_password_field(description: str) -> bool:
    """Whether a field's type, name or label says that it takes a password, a PIN, a one-time code or a key."""
    if SECURE.search(description):
        return True
    description = OTHERWISE.sub(" ", description)
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
    spans: list[tuple[int, int]] = []
    if "=" in text:
        spans += _arguments(text)
    if "://" in text and "@" in text:
        spans += (found.span(found.lastindex or 0) for found in USER_INFO.finditer(text))
    if "=" in text:
        spans += (found.span(1) for found in SHORT_PARAMETER.finditer(text) if MIXED.match(found[1]))
    if "://" in text and HAS_LONG_PART.is_met_by(text):
        spans += _in_paths(text)
    if "://" in text and HAS_SECRET_PATH.is_met_by(text):
        spans += (found.span(found.lastindex or 0) for found in SECRET_PATH.finditer(text))
    return [Finding(*span, "password") for span in spans]


def _arguments(text: str) -> Iterator[tuple[int, int]]:
    """The values of parameters whose name says that they are secret."""
    end = 0
    for found in PARAMETER.finditer(text):
        if found.start() >= end and SECRET_PARAMETER.search(found[1]) and (value := ARGUMENT.match(text, found.end())):
            end = value.end()
            yield value.span()


def _in_paths(text: str) -> Iterator[tuple[int, int]]:
    for path in PATH.finditer(text):
        for found in MAGIC_PATH.finditer(text, *path.span()):
            if MIXED.match(found[1]):
                yield found.span(1)
