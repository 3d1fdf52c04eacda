"""Keys, tokens, passwords and codes that a text names; and text that only talks about them."""

from __future__ import annotations

import base64
import json
import random
import string

import pytest

from lake.safeguards.patterns import find

RANDOM = random.Random(7)


def some(alphabet: str, length: int) -> str:
    return "".join(RANDOM.choice(alphabet) for _ in range(length - 1)) + "7"


LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def token(header: dict[str, str]) -> str:
    parts = (json.dumps(header), json.dumps({"sub": "1", "iat": 1}), "signature")
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)


KEYS = {
    "a cloud's access key": "AKIA" + some(string.ascii_uppercase + string.digits, 16),
    "a source host's token": "ghp_" + some(LETTERS, 36),
    "another one": "github_pat_" + some(LETTERS + "_", 60),
    "a second source host's": "glpat-" + some(LETTERS, 20),
    "a chat's token": "xoxb-" + some(string.digits, 12) + "-" + some(LETTERS, 24),
    "a payment service's key": "sk_" + "live_" + some(LETTERS, 24),
    "an AI provider's key": "sk-proj-" + some(LETTERS, 48),
    "another AI provider's": "sk-ant-api03-" + some(LETTERS, 80),
    "a search company's key": "AIza" + some(LETTERS, 35),
    "a model hub's token": "hf_" + some(LETTERS, 34),
    "a package registry's token": "npm_" + some(LETTERS, 36),
    "a mail service's key": "SG." + some(LETTERS, 22) + "." + some(LETTERS, 43),
    "a telephone service's id": "AC" + some(HEX, 32),
    "a shop's token": "shpat_" + some(HEX, 32),
    "a JSON Web Token": token({"alg": "HS256", "typ": "JWT"}),
    "our own service token": "openbook_" + some(LETTERS, 43),
    "a chat bot's token": "MTk4" + some(LETTERS, 22) + "." + some(LETTERS, 6) + "." + some(LETTERS, 38),
    "a directory's secret": "abc8Q~" + some(LETTERS, 34),
    "a second cloud's access key": "LTAI" + some(LETTERS, 20),
    "a third cloud's access key": "AKID" + some(LETTERS, 32),
    "a password manager's token": "ops_eyJ" + some(LETTERS, 80),
    "a web host's token": "nfp_" + some(LETTERS, 36),
    "another web host's token": "vercel_blob_rw_" + some(LETTERS, 16) + "_" + some(LETTERS, 30),
    "a push service's key": "AAAA" + some(LETTERS, 7) + ":" + some(LETTERS, 140),
    "a private key": "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\nIF7\n-----END EC PRIVATE KEY-----",
}


@pytest.mark.parametrize("around", ["{}", "use {} for it", 'KEY="{}"', "see\n{}\nbelow", "({})"])
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_issuers_keys_are_masked(key: str, around: str) -> None:
    text = around.format(key)
    left = text
    for found in reversed(find(text)):
        left = left[: found.start] + left[found.end :]
    assert key not in left
    assert len(left) <= len(around) + 1


def test_a_private_key_that_was_cut_off_is_masked_to_the_end() -> None:
    text = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\nAAAA"
    [found] = find(text)
    assert (found.start, found.end, found.kind) == (0, len(text), "secret")


SECRET = "Sommer-4711!"
NAMED = """
password: {}
Password = {}
my wifi password is {} now
PGPASSWORD={} psql
export DB_PASS="{}"
passwd={}
Passwort: {}
das Kennwort lautet {}
mot de passe : {}
le mot de passe est {}
contraseña: {}
la contraseña es {}
senha: {}
a senha é {}
password della rete: {}
wachtwoord: {}
hasło: {}
lösenord: {}
adgangskode: {}
passord: {}
salasana: {}
heslo: {}
jelszó: {}
şifre: {}
κωδικός πρόσβασης: {}
пароль: {}
סיסמה: {}
密码:{}
パスワード:{}
비밀번호: {}
api_key: {}
client_secret={}
curl -u ada:{} https://a.example
mysql -u ada -p{} shop
docker login -u ada -p {} a.example
sshpass -p {} ssh a
tool --password {}
tool --token={}
Server=a;User=ada;Password={};Database=b
Authorization: Bearer {}
create user ada identified by '{}'
""".strip().splitlines()
"""One a line."""


def test_a_full_width_colon_counts() -> None:
    text = f"\u5bc6\u7801\uff1a{SECRET}"
    assert [text[found.start : found.end] for found in find(text)] == [SECRET]


@pytest.mark.parametrize("text", NAMED)
def test_passwords_that_a_text_names_are_masked(text: str) -> None:
    whole = text.format(SECRET)
    assert [whole[found.start : found.end] for found in find(whole) if found.kind == "password"] == [SECRET]


@pytest.mark.parametrize(
    "text",
    [
        "Your code is 482913. Do not share it.", "482913 is your verification code", "G-482913 is your code",
        "Ihr Sicherheitscode: 482913", "Votre code de vérification est 482 913", "Tu código de verificación: 482913",
        "Il tuo codice di verifica è 482913", "Twój kod: 482913", "Ваш код: 482913", "验证码:482913",
        "認証コードは482913です",
        "TAN 482913 für die Überweisung", "OTP: 482913", "PIN 4829",
    ],
)  # fmt: skip
def test_one_time_codes_are_masked(text: str) -> None:
    assert [found.kind for found in find(text)] == ["one_time_code"]
    [found] = find(text)
    assert text[found.start : found.end].replace(" ", "") in {"482913", "4829"}


@pytest.mark.parametrize(
    "text",
    [
        "password: required", "The password policy: at least twelve characters", "Forgot password?",
        "password: ********",
        "we talked about tokens: they are expensive", "secretary: Margit", "the passenger: Ada", "token count: 500",
        "error code 404", "zip code 75001", "code review at 15:00", "source code of version 12", "pinned 4 messages",
        "compass=north", "keyboard: qwerty", "a key: value pair", "dial code +351", "Die Passstraße ist gesperrt",
        "mein Passwort habe ich vergessen", "bypass: yes", "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8", "{}/path/to/some/very/long/file/name.txt",
    ],
)  # fmt: skip
def test_text_about_secrets_is_left_alone(text: str) -> None:
    assert find(text) == []
