"""Passwords that only the layout names: columns, cells beside a label, lines below one."""

from __future__ import annotations

import pytest

from lake.safeguards.patterns import find

HIDDEN = [
    "user | password\nbob | *hunter*",
    "user | password | role\nbob | *two words* | admin\nal | *Tabl3Cell!x*",
    "before\n\nuser | password\nbob | *hunter*\n\nafter",
    "Logins |\nuser | password\nbob | *hunter*",
    "||user||password||\n|bob|*hunter*|\n|[al|mailto:al@x]|*two words*|",
    "||user||password||\n|bob|*hunter*|\nthe next line of the cell|",
    "|user|**Password**|\n|:--|--:|\n|bob|*hunter*|",
    "note\nuser\tPasswort\nbob\t*hunter*",
    "name,password\nbob,*hunter*",
    "Field | Value\nuser | bob\nPassword | *X7hunter*\nURL | intranet",
    "||Field||Value||\n|Password|*X7hunter*|\n|user|bob|",
    "||Password|*hunter*|",
    "Password: | *hunter*",
    "Password (prod) | *X7hunter* | *Y8hunter*",
    "PIN | *4711*",
    "user | PIN\nbob | *4711*",
    "- Password\n  - *X7hunter*\n- other",
    "*Password:*\n*X7hunter*".replace("*Password:*", "_Password:_"),
    "Kennwort\n\n*Sommer22*",
    "API token\n*abcd1234efgh*",
    "user | pass\nbob | *hunter*",
    "Login | bob\nPW | *hunter*",
    "Logins | of the office\nuser | password\nbob | *X7hunter*",
    "Logins:\nuser,password\nbob,*hunter*\nal,*sommer*\nThanks, all",
]
SHOWN = [
    "pass | fail\n12 | 3",
    "Token | count\nabc | 12",
    "password | reset | note",
    "user | password\nbob | required",
    "user | password\n--- | ---",
    "Password reset\nMonday",
    "Password\nhas to be changed",
    "Password\n\n\n\nX7hunter",
    "cat | dog\n1 | 2",
    "user | pass\nbob | 12",
    "Please send me a password, Ada\nsoon, thanks",
    "I lost my token, sorry\nall, see below",
]


@pytest.mark.parametrize("marked", HIDDEN)
def test_what_the_layout_names_is_found(marked: str) -> None:
    pieces = marked.replace("**Password**", "Password").split("*")
    text, wanted = "".join(pieces), pieces[1::2]
    assert [
        text[found.start : found.end].rstrip("|") for found in find(text) if found.kind != "email_address"
    ] == wanted


@pytest.mark.parametrize("text", SHOWN)
def test_other_words_stay(text: str) -> None:
    assert find(text) == []
