"""Elements of the screen as accessibility interfaces describe them, and which of them keys go into.

Only name and control type of the element itself are kept, never the tree below it. Keys go into the element clicked
last; after Tab they go into an unknown one, and behind a field for a user's name into a password.

Recorders print a key as `'a'`, `"a"`, `u'a'`, `U+0061`, `KeyCode(char='a')` or `<Key.enter: <65293>>`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

NAMES = ("Name", "name", "AXTitle", "title", "label")
KINDS = ("ControlType", "role", "AXRole")
FURTHER = (
    "AXSubrole", "AXRoleDescription", "AXDescription", "AXPlaceholderValue", "AXIdentifier", "AutomationId",
    "ClassName", "LocalizedControlType", "HelpText", "IsPassword", "states", "description", "placeholder", "type",
    "autocomplete", "id",
)  # fmt: skip
"""Fields of an element in the accessibility interfaces of Windows, macOS and Linux. The further ones are read by the
safeguards, and not kept."""
LOGIN_FIELD = re.compile(
    r"user|log ?in|log ?on|sign ?in|e-?mail|account|benutzer|anmelde|kennung|konto|identifiant|utilisateur|courriel"
    r"|compte|usuario|correo|cuenta|utilizador|utente|gebruiker|użytkownik|uzytkownik|användar|bruger|bruker|käyttäjä|uživatel"
    r"|felhasználó|kullan|χρήστη|пользовател|логин|користувач|משתמש|مستخدم|用户|用戶|ユーザー|사용자|아이디",
    re.IGNORECASE,
)
TAB = ("tab", "key.tab", "\t")
AFTER_LOGIN = "password: the field after a name"

QUOTED = re.compile(r"u?(?P<literal>(?P<quote>['\"]).*(?P=quote))", re.DOTALL)
IN_BRACKETS = re.compile(
    r"<?(?:\w{1,20}\.)?KeyCode(?:\.from_char)?\s?[(:]\s?(?:char\s?=\s?)?(?P<key>.+?)[)>]?(?:,.*)?", re.DOTALL
)
WITH_CODE = re.compile(r"<(?P<key>Key\.\w{1,20}): ?.{1,30}>")
CODE_POINT = re.compile(r"(?:[Uu]\+|0[Uu]|\\u)(?P<code>[0-9A-Fa-f]{4,6})")
LAST = 0x10FFFF
REMEMBERED = 10_000


@dataclass(frozen=True)
class Element:
    """`shown` is its name and kind, which are kept; `described` is all that says what goes into it."""

    shown: str
    described: str


class Focus:
    """The element that keys go into, as it is followed from event to event."""

    def __init__(self) -> None:
        self._described = ""

    def click(self, element: Element | None) -> None:
        self._described = element.described if element else ""

    def field(self, key: str, *, pressed: bool) -> str:
        """What is known about the field that this key goes into; the next ones go elsewhere, if it is Tab."""
        described = self._described
        if pressed and key_name(key).casefold() in TAB:
            self._described = AFTER_LOGIN if LOGIN_FIELD.search(described) else ""
        return described


def element_of(node: Mapping[str, Any]) -> Element | None:
    shown = ", ".join(filter(None, (_first(node, NAMES), _first(node, KINDS))))
    said = [f"{name}: {node[name]}" for name in FURTHER if isinstance(node.get(name), str | bool | list) and node[name]]
    described = " · ".join(filter(None, [shown, *said]))
    return Element(shown, described) if described else None


def _first(node: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return next((node[name] for name in names if isinstance(node.get(name), str) and node[name]), None)


@lru_cache(REMEMBERED)
def key_name(printed: str) -> str:
    """The name of a key, or the character that it types; what isn't the printed form of one stays as it is."""
    if len(printed) == 1:
        return printed
    text = printed.strip() or printed
    for form in (IN_BRACKETS, WITH_CODE):
        if found := form.fullmatch(text):
            text = found["key"]
    if len(text) > 2 and (found := QUOTED.fullmatch(text)):
        return _literal(found["literal"]) or text
    if (found := CODE_POINT.fullmatch(text)) and (code := int(found["code"], 16)) <= LAST:
        return chr(code)
    return text


def _literal(quoted: str) -> str:
    try:
        value = ast.literal_eval(quoted)
    except (ValueError, SyntaxError):
        return quoted[1:-1]
    return value if isinstance(value, str) else quoted[1:-1]
