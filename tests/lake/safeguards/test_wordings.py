"""Secrets as people write them down in many languages and formats; and what only looks like one."""

from __future__ import annotations

import pytest

from lake.safeguards.passwords import in_url
from lake.safeguards.patterns import find

MASKED = (
    ("Der neue Schlüssel: Passwort für den Drucker im Keller lautet Nebel-31!", "Nebel-31!"),
    ("Lösenordet till skrivaren är Vinter#31", "Vinter#31"),
    ("Adgangskoden til serveren er Strand31!", "Strand31!"),
    ("Пароль от принтера — Осень31!", "Осень31!"),  # noqa: RUF001
    ("Şifreniz: Deniz31!", "Deniz31!"),
    ("my password's Fox31!x", "Fox31!x"),
    ("pw: Fox31!x", "Fox31!x"),
    ('the password is "nine blue kites sing"', "nine blue kites sing"),
    ('PASSWORD="nine blue kites sing"', "nine blue kites sing"),
    (r"{\"password\": \"Fox31xx\"}", "Fox31xx"),
    ("<dbPassword>Fox31xx</dbPassword>", "Fox31xx"),
    ("name;passwort\neva;Fox31xx\n", "Fox31xx"),
    ('"email","password"\n"e@x.example","Fox31xx"', "Fox31xx"),
    ("jdbc:oracle:thin:eva/fox31xx@host:1521", "fox31xx"),
    ("setx API_TOKEN 77aa88bb99cc", "77aa88bb99cc"),
    ("echo Fox31xx | sudo -S reboot", "Fox31xx"),
    ("Cookie: sessionid=77aa88bb99cc77aa88bb", "77aa88bb99cc77aa88bb"),
    ("https://x.example/reset-password/77aa88bb99cc77aa88bb", "77aa88bb99cc77aa88bb"),
    ("G-551204 is your Google code", "551204"),
    ("Use 551204 to sign in", "551204"),
    ("login: eva / Fox31xx!", "Fox31xx!"),
    ("Zugangsdaten: eva.k, fox31xx", "fox31xx"),
    ("Benutzername = eva | Fox31xx", "Fox31xx"),
    ("usuario: eva Fox31xx", "Fox31xx"),
    ("логин: eva / лиса31", "лиса31"),  # noqa: RUF001
    ("Kod: 551204", "551204"),
    ("Hallo,\nCode: 551 204", "551 204"),
    ("card 5555 \u2013 5555 \u2013 5555 \u2013 4444", "5555 \u2013 5555 \u2013 5555 \u2013 4444"),
    ("card 5555|5555|5555|4444", "5555|5555|5555|4444"),
    ("card " + " ".join("5555555555554444"), " ".join("5555555555554444")),
    ("social 219 09 9998", "219 09 9998"),
    ("주민등록번호 210304-3456789", "210304-3456789"),
    ("PAN BNZPM2501F", "BNZPM2501F"),
)
LEFT = (
    "HTTP status code is 4042",
    "the zip code is 80331",
    "your code in line 2048 fails",
    "your code is 3000 lines long",
    "token count: 8192",
    "login: eva / 2025-12-20T10:00Z",
    "username: eva, 10:30pm",
    "Login: eva / Sales department",
    "usuario: eva",
    "Error code: 551204",
    "Code: 551204 items",
    "kode: 5512",
    'password = input("Password: ")',
    "self.password = password",
    "password: process.env.DB_PASSWORD",
    "password: str = Field(...)",
    "SELECT id, password FROM users WHERE id = 654321",
    "tests pass: 5120",
    "name,pass,fail\nunit,240,6",
    "Order no. 123-45-6789-00",
    "Invoice 2025-000321 total 12",
    "Rechnung Nr. 2025/654321",
    "secret santa is on 2025-12-20",
    "PR #7301 is your code",
    "0.1234567890",
    "1234 | 5678 | 9012 | 3456",
)


@pytest.mark.parametrize(("text", "secret"), MASKED, ids=[text[:24] for text, _ in MASKED])
def test_masked(text: str, secret: str) -> None:
    start = text.rindex(secret)
    found = [*find(text), *in_url(text)]
    assert any(each.start <= start and each.end >= start + len(secret) for each in found), found


@pytest.mark.parametrize("text", LEFT)
def test_left(text: str) -> None:
    assert find(text) == []
