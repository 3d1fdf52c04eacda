"""Secrets in the forms that somebody who knew the patterns found to be missed; and what looks like them."""

from __future__ import annotations

import base64
import random
import string

import pytest

from lake.safeguards.passwords import in_url
from lake.safeguards.patterns import find

RANDOM = random.Random(13)
LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def some(length: int, alphabet: str = LETTERS) -> str:
    return "".join(RANDOM.choice(alphabet) for _ in range(length - 2)) + "7a"


def body(length: int) -> str:
    return base64.b64encode(RANDOM.randbytes(length)).decode()


SECRET = "Birke-2931x"
NAMED = """
Passwort ist immer noch {}
Kennwort lautet nun {}
Mdp = « {} »
mon mot de passe, c'est {}
clave de acceso nueva -> {}
o κωδικός του δικτύου είναι {}
Kennwort → {}
password👉{}
Passwort?⏎{}
what's our printer password?⏎> {}
`passwort` `{}`
***Kennwort:*** {}
The first password will be {}
wachtwoord blijft: {}
ww: {}
PSK: {}
login data: eva / {}
changed the password from {} to Ahorn-3042y
changed the password from Ahorn-3042y to {}
passwords: Ahorn-3042y, {}
Passwörter: Ahorn-3042y oder {}
Passwords:⏎- Ahorn-3042y⏎- {}
Kennwörter⏎* {}⏎* Ahorn-3042y
ken\u00adnwort: {}
pass\u200bwort: {}
echo {} | podman login -u eva --password-stdin
echo '{}' | sudo passwd --stdin eva
rclone obscure {}
kinit eva <<< '{}'
requirepass {}
SET PASSWORD FOR eva = PASSWORD('{}')
WIFI:T:WPA;S:office;P:{};;
""".strip().splitlines()
"""One a line; `\\n` is a new line in it."""


@pytest.mark.parametrize("text", [text.replace("⏎", "\n") for text in NAMED])
def test_named_passwords_are_masked(text: str) -> None:
    whole = text.format(SECRET)
    start = whole.index(SECRET)
    assert any(each.start <= start and each.end >= start + len(SECRET) for each in find(whole)), whole


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('passwort: "zu dem blauen Haus"', "zu dem blauen Haus"), ("user: eva\npass: sonnenblume", "sonnenblume"),
        ("login = eva\npw = sonnenblume", "sonnenblume"),
        ("password is green-piano-river-stone", "green-piano-river-stone"),
    ],
)  # fmt: skip
def test_phrases_and_words_are_masked(text: str, secret: str) -> None:
    assert [text[found.start : found.end] for found in find(text)] == [secret]


KEYS = {
    "a file host's short-lived token": "sl.u." + some(140),
    "a content system's": "CFPAT-" + some(43),
    "a payment service's": "rzp_" + "live_" + some(14),
    "another payment service's": "live_" + some(32),
    "a third one's": "FLWSECK-" + some(32, HEX) + "-X",
    "an analyser's": "squ_" + some(40, HEX),
    "a provisioning tool's": "pul-" + some(40, HEX),
    "a code search's": "sgp_" + some(16, HEX) + "_" + some(40, HEX),
    "a model service's": "ABSK" + some(110) + "==",
    "a parcel service's": "EZAK" + some(54),
    "another parcel service's": "shippo_" + "live_" + some(40, HEX),
    "a content network's": "akab-" + some(16) + "-" + some(16),
    "a certificate authority's": "v1.0-" + some(24, HEX) + "-" + some(146, HEX),
    "a planning service's": some(76) + "AZDO" + some(4),
    "a cloud's key with its secret": "AKIA" + some(16, string.ascii_uppercase + "234567").upper() + "," + some(40),
    "an encrypted key": "\n".join(
        ("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", body(60), "---- END SSH2 ENCRYPTED PRIVATE KEY ----")
    ),
    "a key in base64": base64.b64encode(b"-----BEGIN PRIVATE KEY-----\n" + body(90).encode()).decode(),
    "a key without its first line": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" + body(60).rstrip("="),
    "another one": "b3BlbnNzaC1rZXktdjEAAAAA" + body(60).rstrip("="),
    "a key's last lines": f"{body(48)}\n-----END RSA PRIVATE KEY-----",
    "a web key's private part": f'"d": "{some(43)}"',
    "a token in three lines": f"eyJhbGciOiJIUzI1NiJ9.\n{some(40)}.\n{some(43)}",
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_issuers_keys_are_masked(key: str) -> None:
    text = f"it is {key} for now"
    left = text
    for found in reversed(find(text)):
        left = left[: found.start] + left[found.end :]
    assert left.replace('"', "") in ("it is  for now", "it is == for now", "it is = for now")


def test_what_is_public_of_a_key_is_left() -> None:
    certificate = base64.b64encode(b"-----BEGIN CERTIFICATE-----\n" + body(90).encode()).decode()
    for text in (certificate, "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" + body(60), "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB"):
        assert find(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Entrez le code 551204 pour vous connecter", "551204"), ("Usa el código 551204 para acceder", "551204"),
        ("Bitte 551204 als Code eingeben", "551204"), ("tu codigo es 551204", "551204"),
        ("WhatsApp code 551204", "551204"),
        ("Recovery codes: 5512-0437 1188-2290 4471-9034", "5512-0437 1188-2290 4471-9034"),
        ("backup codes\n1. k3m2p-x9z4q\n2. b7c6d-f5g4h", "1. k3m2p-x9z4q\n2. b7c6d-f5g4h"),
    ],
)  # fmt: skip
def test_codes_are_masked(text: str, code: str) -> None:
    start = text.index(code)
    assert any(each.start <= start and each.end >= start + len(code) for each in find(text))


@pytest.mark.parametrize(
    "url",
    [
        "https://calendar.google.com/calendar/ical/n%40x.example/private-{}/basic.ics",
        "https://outlook.office365.com/owa/calendar/1a2b/{}/calendar.ics", "https://hooks.zapier.com/hooks/catch/77/{}/",
        "https://docs.example/d/1/edit?resourcekey={}", "https://a.example/token?assertion={}", "https://1drv.ms/u/s!{}",
        "https://hook.eu1.make.com/{}", "https://n8n.example/webhook/{}",
    ],
)  # fmt: skip
def test_links_that_are_secret_are_dropped(url: str) -> None:
    key = "7c1d9e2f4a5b6c8d0e1f3a2b"
    text = url.format(key)
    assert [text[found.start : found.end] for found in in_url(text)] == [key]


@pytest.mark.parametrize(
    "text",
    [
        "Access key: Ctrl+Shift+K", "Access key: Alt+J", "pass rate: 71.5%", "the code runs in 551204 ms",
        "otp package with 5512 stars", "le code postal 75011 Paris", "Bestellung 551204 für Eva", "password: Ctrl+V",
        "the password is end-to-end encrypted", "passwords:\n- at least twelve\n- with digits", "Passwords?\nAsk Eva",
        "pedido 551204 para confirmar", "email: optional\npass: yes", "the password from Peter to Eva is lost",
        "https://a.example/private-policy/index.html", "https://a.example/2026/calendar.html", "echo hello | less",
    ],
)  # fmt: skip
def test_what_only_looks_like_them_is_left(text: str) -> None:
    assert find(text) == []
    assert in_url(text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("DNI 29.296.111-E", "29.296.111-E"), ("born 1973, 197304174324", "197304174324"),
        ("nr. 170473-40500", "170473-40500"),
        ("17 04 73 40500", "17 04 73 40500"), ("n° 1 73 04 75 920 826 33", "1 73 04 75 920 826 33"),
        ("1.73.04.75.920.826.33", "1.73.04.75.920.826.33"), ("1 73 04 75 920 826 / 33", "1 73 04 75 920 826 / 33"),
        ("73.04.17 467.02", "73.04.17 467.02"), ("SV-Nummer 3784 170473", "3784 170473"),
        ("Sozialversicherungsnr. 3784170473", "3784170473"), ("NIF: PT204287952", "204287952"),
        ("NIF 204.287.952", "204.287.952"), ("756-1486-9258-34", "756-1486-9258-34"), ("TFN 19247914", "19247914"),
        ("PPS 0776652 C", "0776652 C"), ("RSS MRE 73D17 H501X", "RSS MRE 73D17 H501X"),
        ("PESEL 730417 64411", "730417 64411"),
        ("OIB: HR73490777035", "73490777035"), ("CNP 1 730417 400682", "1 730417 400682"),
        ("Steuer-ID 941 092 368 73", "941 092 368 73"), ("RČ 730417 / 4229", "730417 / 4229"),
        ("NI: CE-65-43-21-B", "CE-65-43-21-B"), ("soc sec 219 09 9998", "219 09 9998"),
        ("SSN 219.09.9998", "219.09.9998"),
        ("ITIN 931-74-2206", "931-74-2206"), ("주민번호 7304171234567", "7304171234567"),
        ("card 5555 / 5555 / 5555 / 4444", "5555 / 5555 / 5555 / 4444"), ("5555·5555·5555·4444", "5555·5555·5555·4444"),
        ("5555:5555:5555:4444", "5555:5555:5555:4444"), ("5555*5555*5555*4444", "5555*5555*5555*4444"),
        ("DE89   3704   0044   0532   0130   00", "DE89   3704   0044   0532   0130   00"),
        ("+420 (0) 602 345 678", "602 345 678"), ("+48 (0) 601 234 567", "601 234 567"),
    ],
)  # fmt: skip
def test_numbers_in_further_spellings_are_masked(text: str, number: str) -> None:
    start = text.index(number)
    assert any(each.start <= start and each.end >= start + len(number) for each in find(text)), text


@pytest.mark.parametrize(
    "text",
    ["52.520008, 13.404954", "at 52.520008 13.404954", "2026-04-17 12:30:45 / 12:31:02", "build 202611301845",
     "lot 1:2500:3000", "take 12:30:15 to 12:45:20"],
)  # fmt: skip
def test_other_numbers_are_left(text: str) -> None:
    assert find(text) == []
