"""`python -m benchmarks.safeguards`: how much of what the safeguards claim to mask they find, how much else they mask,
and how many short texts a second they examine, on one core.

The texts are made up: sentences in twelve languages, each with one value of a kind that is right in form and checksum,
and sentences with ordinary numbers and words about secrets. For `mask_people` they have names of a made-up directory as
people write them, dates of birth and postal addresses. Recall is of the values that are masked completely; precision is
of the masked places that a value is in. A seed gives the same texts.
"""

from __future__ import annotations

import argparse
import random
import string
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from unicodedata import normalize

from rich.console import Console
from rich.table import Table
from stdnum import luhn
from stdnum.iso7064 import mod_97_10

from lake.safeguards import KINDS
from lake.safeguards.patterns import Finding, find
from lake.safeguards.personal import found_in
from lake.safeguards.personal.people import People
from lake.safeguards.personal.spelling import in_pairs, without_marks

Value = Callable[[random.Random], str]
LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
SENTENCES = (
    "Please use {} for the order.", "Bitte nimm {} für die Bestellung.", "Utilisez {} pour la commande, merci.",
    "Usa {} para el pedido, por favor.", "Use {} para a encomenda.", "Usa {} per l'ordine, grazie.",
    "Gebruik {} voor de bestelling.", "Użyj {} do zamówienia.", "Använd {} för beställningen.",
    "Brug {} til ordren.", "Použij {} pro objednávku.", "Käytä {} tilaukseen.",
)  # fmt: skip
PASSWORDS = (
    "the password is {} now", "Passwort: {}", "mot de passe : {}", "contraseña: {}", "a senha é {}", "la password è {}",
    "wachtwoord: {}", "hasło: {}", "lösenord: {}", "adgangskode: {}", "heslo: {}", "salasana: {}", "PGPASSWORD={} psql",
    "curl -u ada:{} https://a.example", "api_key = {}", "Authorization: Bearer {}",
)  # fmt: skip
CODES = (
    "Your code is {}.", "Ihr Sicherheitscode: {}", "Votre code de vérification est {}", "Tu código de verificación: {}",
    "Seu código: {}", "Il tuo codice di verifica è {}", "Je verificatiecode is {}", "Twój kod: {}", "Din kod: {}",
    "Bekræftelseskode: {}", "Ověřovací kód: {}", "Vahvistuskoodi: {}",
)  # fmt: skip
HARMLESS = (
    "Order {n} was shipped on {d}.", "Der Bericht {n} ist vom {d}.", "La réunion du {d} est à {t}.",
    "Version {v} of {d}", "Ticket {n}: the password policy changed", "See https://a.example/items/{n}?page=2",
    "IP {i}, port {p}", "We sold {n} units for {m} EUR", "Error code {p} at {t}", "The secretary called at {t}",
    "commit {h}", "id {u}", "Room {p}, floor 4, {d} {t}", "Sizes: {p} x {p} px",
    "Forgot your password? Ask the help desk.", "zip code {p}",
)  # fmt: skip
BIRTHS = (
    "born on {}", "geboren am {}", "née le {}", "nacido el {}", "data de nascimento: {}", "data di nascita: {}",
    "geboren op {}", "urodzona {}", "född {}", "født {}", "datum narození: {}", "syntynyt {}",
)  # fmt: skip
FIRST = (
    "Ada", "Grace", "Jürgen", "Käthe", "Zoé", "François", "José", "Begoña", "João", "Inês", "Niccolò", "Chiara",
    "Maarten", "Sanne", "Łukasz", "Żaneta", "Åsa", "Björn", "Søren", "Mette", "Jiří", "Zdeňka", "Mikko", "Jean-Luc",
)  # fmt: skip
LAST = (
    "Ashworth", "O'Neill", "Müller", "Groß", "Lefèvre", "D'Amboise", "García", "Ibáñez", "Conceição", "Magalhães",
    "Esposito", "Dell'Acqua", "Vermeulen", "Bakker", "Wójcik", "Kowalczyk", "Ångström", "Lindqvist", "Sørensen", "Kjær",
    "Dvořák", "Němcová", "Virtanen", "Mäkelä",
)  # fmt: skip
ADDRESSES = (
    "Hauptstraße {n}, 1{p} Berlin", "Mariahilfer Straße {n}/5, 1{s} Wien", "{n} rue de la Paix, 7{p} Paris",
    "Calle de Alcalá {n}, 2{p} Madrid", "Rua Augusta {n}, 1{s}-053 Lisboa", "Via Roma {n}, 1{p} Roma",
    "Keizersgracht {n}, 1{s} DW Amsterdam", "ul. Marszałkowska {n}, 0{s[0]}-590 Warszawa",
    "Drottninggatan {n}, 111 {s[0]}{s[1]} Stockholm", "Nørregade {n}, 1{s} København",
    "Vodičkova ulice {n}, 110 00 Praha", "Mannerheimintie {n}, 0{p} Helsinki",
    "{n} Baker Street, London NW{s[0]} 6XE", "{n} Main St, Springfield, IL 6{p}",
    "Bahnhofstrasse {n}, 8{s} Zürich",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.safeguards", description=__doc__)
    parser.add_argument("--texts", type=int, default=400, help="texts of each kind (default: %(default)s)")
    parser.add_argument("--people", type=int, default=100_000, help="people in the directory (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the texts (default: %(default)s)")
    arguments = parser.parse_args()
    made = random.Random(arguments.seed)  # noqa: S311 (made-up values)
    ordinary = [_harmless(made, number) for number in range(arguments.texts * len(HARMLESS))]
    console = Console()
    mask = _measured(console, VALUES, find, arguments.texts, made, ordinary)
    began = time.process_time()
    names = _names(made, arguments.people)
    people = People(names)
    console.print(f"A dictionary of {len(names):,} names takes {time.process_time() - began:.1f} s.")
    personal: dict[str, Value] = {
        "person": lambda random: _written(random, random.choice(names)),
        "birth_date": _birth_date,
        "address": _postal_address,
    }
    alone = _measured(console, personal, lambda text: found_in(text, people), arguments.texts, made, ordinary)
    console.print(f"With both safeguards {1 / (1 / mask + 1 / alone):,.0f} texts a second.")
    return 0


def _measured(
    console: Console,
    values: Mapping[str, Value],
    find: Callable[[str], list[Finding]],
    number: int,
    made: random.Random,
    ordinary: Sequence[str],
) -> float:
    """Print how much of `number` values of each kind is found; returns how many ordinary texts are read a second."""
    table = Table("kind", "texts", "recall", "masked as another kind")
    found_right = Counter[str]()
    for kind, value_of in values.items():
        whole = 0
        for at in range(number):
            value = value_of(made)
            text = _sentence(kind, at).format(value)
            start = text.index(value)
            masked = [one for one in find(text) if one.start <= start and one.end >= start + len(value)]
            whole += bool(masked)
            found_right[kind] += any(one.kind == kind for one in masked)
        table.add_row(KINDS[kind], f"{number:,}", f"{whole / number:.1%}", f"{whole - found_right[kind]:,}")
    started = time.process_time()
    wrong = Counter(one.kind for text in ordinary for one in find(text))
    rate = len(ordinary) / (time.process_time() - started)
    right = found_right.total()
    console.print(table)
    console.print(
        f"Precision {right / (right + wrong.total()):.1%}: {right:,} values, and {wrong.total():,} other places in "
        f"{len(ordinary):,} ordinary texts with numbers{''.join(f', {KINDS[kind]}: {wrong[kind]}' for kind in wrong)}. "
        f"{rate:,.0f} of these a second."
    )
    return rate


def _names(made: random.Random, number: int) -> list[str]:
    """Real first and last names, and last names made of syllables, so that there are enough different ones."""
    syllables = [first + vowel for first in "bdfghklmnprstvz" for vowel in ("a", "e", "i", "o", "ei", "au")]
    names = set[str]()
    while len(names) < number:
        first = " ".join(made.sample(FIRST, k=made.choice((1, 1, 1, 2))))
        last = made.choice(LAST) if made.random() < 0.02 else "".join(made.choices(syllables, k=3)).title() + "n"
        names.add(f"{first} {made.choice(('', '', '', 'van der ', 'de '))}{last}")
    return sorted(names)


def _written(made: random.Random, name: str) -> str:
    """As somebody might write it."""
    parts = name.split(" ")
    ends = [parts[0], parts[-1]]
    forms = (
        name,
        " ".join(ends),
        f"{parts[-1]}, {parts[0]}",
        f"{parts[-1].upper()} {parts[0]}",
        ".".join(ends).lower(),
    )
    written = made.choice((*forms, name.upper(), without_marks(name), in_pairs(name)))
    return normalize(made.choice(("NFC", "NFC", "NFD")), written)


def _birth_date(made: random.Random) -> str:
    day, month, year = made.randint(1, 28), made.randint(1, 12), made.randint(1950, 2008)
    forms = (
        "{d}.{m}.{y}",
        "{d:02}/{m:02}/{y}",
        "{d:02}-{m:02}-{y}",
        "{y}-{m:02}-{d:02}",
        "{d} mars {y}",
        "{d}. april {y}",
    )
    return made.choice(forms).format(d=day, m=month, y=year)


def _postal_address(made: random.Random) -> str:
    code, short = f"{made.randint(0, 9999):04}", f"{made.randint(100, 999)}"
    return made.choice(ADDRESSES).format(n=made.randint(1, 199), p=code, s=short)


def _sentence(kind: str, number: int) -> str:
    choices = {"password": PASSWORDS, "one_time_code": CODES, "birth_date": BIRTHS}.get(kind, SENTENCES)
    return choices[number % len(choices)]


def _harmless(made: random.Random, number: int) -> str:
    return HARMLESS[number % len(HARMLESS)].format(
        n=made.randint(10_000, 99_999_999), t=f"{made.randint(0, 23)}:{made.randint(0, 59):02}",
        d=f"20{made.randint(10, 29)}-{made.randint(1, 12):02}-{made.randint(1, 28):02}",
        v=f"{made.randint(0, 9)}.{made.randint(0, 30)}.{made.randint(0, 9)}",
        i=".".join(str(made.randint(1, 254)) for _ in range(4)), p=made.randint(100, 9_999),
        m=f"{made.randint(1, 999)}.{made.randint(0, 99):02}", h="".join(made.choices(HEX, k=40)),
        u="-".join("".join(made.choices(HEX, k=size)) for size in (8, 4, 4, 4, 12)),
    )  # fmt: skip


def _card(made: random.Random) -> str:
    prefix, length = made.choice((("4", 16), ("51", 16), ("37", 15), ("6011", 16), ("3528", 16)))
    body = prefix + "".join(made.choices(string.digits, k=length - len(prefix) - 1))
    number = body + luhn.calc_check_digit(body)
    gap = made.choice(("", " ", "-"))
    return gap.join(number[place : place + 4] for place in range(0, length, 4)) if length == 16 else number


def _iban(made: random.Random) -> str:
    country, digits = made.choice((("DE", 18), ("ES", 20), ("PT", 21), ("NO", 11), ("BE", 12), ("CZ", 20), ("AT", 16)))
    body = "".join(made.choices(string.digits, k=digits))
    number = f"{country}{mod_97_10.calc_check_digits(body + country)}{body}"
    gap = made.choice(("", " "))
    return gap.join(number[place : place + 4] for place in range(0, len(number), 4))


def _national_id(made: random.Random) -> str:
    if made.random() < 0.5:
        return f"{made.randint(100, 665)}-{made.randint(1, 99):02}-{made.randint(1, 9999):04}"
    letter = "TRWAGMYFPDXBNJZSQVHLCKE"
    number = made.randint(10_000_000, 99_999_999)
    return f"{number}{letter[number % 23]}"


def _key(made: random.Random) -> str:
    return made.choice(
        (
            "AKIA" + "".join(made.choices(string.ascii_uppercase + string.digits, k=15)) + "7",
            "ghp_" + "".join(made.choices(LETTERS, k=35)) + "7",
            "glpat-" + "".join(made.choices(LETTERS, k=19)) + "7",
            "sk_" + "live_" + "".join(made.choices(LETTERS, k=24)) + "7",
            "sk-proj-" + "".join(made.choices(LETTERS, k=47)) + "7",
            "AIza" + "".join(made.choices(LETTERS, k=34)) + "7",
            "xoxb-" + "".join(made.choices(string.digits, k=12)) + "-" + "".join(made.choices(LETTERS, k=24)),
            "hf_" + "".join(made.choices(LETTERS, k=33)) + "7",
        )
    )


def _phone(made: random.Random) -> str:
    return made.choice(("+49 30 90182{}", "+351 21 234 56{}", "+44 20 7946 0{}9", "+1 202-555-01{}")).format(
        made.randint(10, 99)
    )


def _address(made: random.Random) -> str:
    name, domain = made.choice(("ada", "bo.li", "o_neill")), made.choice(("example.com", "mail.example.org"))
    return f"{name}{made.randint(1, 999)}@{domain}"


def _password(made: random.Random) -> str:
    return "".join(made.choices(LETTERS, k=11)) + made.choice("!#7")


VALUES: dict[str, Value] = {
    "card_number": _card,
    "iban": _iban,
    "national_id": _national_id,
    "email_address": _address,
    "phone_number": _phone,
    "secret": _key,
    "password": _password,
    "one_time_code": lambda made: str(made.randint(100_000, 999_999)),
}


if __name__ == "__main__":
    sys.exit(main())
