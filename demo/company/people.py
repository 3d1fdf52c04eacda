"""The people of Tessel's head office: three departments of twenty, who sign in with their first and last name.

The identity provider's `sub` is the login. In addition to the sixty, there is one person who joined today, to see and
fill an empty book, and a visitor who can sign in but is not in the directory. `branches` has everybody else.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from directory.hr_file import COLUMNS, OPTIONAL_COLUMNS

PASSWORD = "open-book"  # noqa: S105 (the demo's, printed at its start; its servers listen on localhost only)
DOMAIN = "tessel.example"

TEAMS = {
    "Customer Care": ("Claims", "Service Desk"),
    "Finance": ("Payables", "Reporting"),
    "Sales Operations": ("Orders", "Partners"),
}

NAMES = {
    "Customer Care": (
        "Marcus Oyelaran", "Nora Lind", "Tomas Verhoeven", "Rosa Delgado", "Aiko Tanabe", "Bruno Salvi", "Carla Nunes",
        "Dmitri Orlov", "Elif Kaya", "Farid Haddad", "Greta Holm", "Hugo Lemaire", "Irina Petrova", "Jonas Weber",
        "Kira Novotna", "Liam Gallagher-Byrne", "Maja Kowal", "Niko Virtanen", "Olga Marin", "Pedro Queiroz",
    ),
    "Finance": (
        "Helen Strand", "Ines Duarte", "Anton Berg", "Bea Fontaine", "Cyril Okafor", "Dana Levin", "Emil Sorensen",
        "Fiona Macrae", "Gustav Ek", "Hana Suzuki", "Ivan Horvat", "Jana Kralova", "Kofi Mensah", "Lena Vogt",
        "Mira Shah", "Noel Baptiste", "Oscar Lund", "Paula Reyes", "Quentin Roux", "Rita Ferraro",
    ),
    "Sales Operations": (
        "Samuel Adeyemi", "Vera Lindqvist", "Will Castellano", "Alma Ruiz", "Boris Tomic", "Chloe Martin",
        "David Almeida", "Eva Janssen", "Felix Brandt", "Gina Russo", "Henrik Dahl", "Isla Campbell", "Jakub Wrona",
        "Katya Belova", "Luca Conti", "Maya Rosen", "Nils Aune", "Oona Laine", "Petra Simic", "Rafael Pinto",
    ),
}  # fmt: skip

HEADS = ("Marcus Oyelaran", "Helen Strand")
"""The head of operations, with fifty people, and the head of finance; neither has a manager."""
LEADS = {
    "Samuel Adeyemi": NAMES["Sales Operations"][1:],
    "Anton Berg": (*NAMES["Finance"][4::2], "Rita Ferraro"),
    "Kira Novotna": (
        "Jonas Weber",
        "Liam Gallagher-Byrne",
        "Maja Kowal",
        "Niko Virtanen",
        "Olga Marin",
        "Pedro Queiroz",
    ),
}
"""Managers who report to the head of operations, and their people: twenty, nine, and a team of six. Everybody else in
Finance reports to its head, and everybody else to the head of operations."""
WITHOUT_A_TEAM = "Vera Lindqvist"
"""A manager without reports."""

PRIVACY_OFFICER = "Ines Duarte"
RICH = "Nora Lind"
HELD = ("Tomas Verhoeven", "Boris Tomic")
CALIFORNIANS = ("Rosa Delgado", "Will Castellano")
JOINED_TODAY = "Yara Solano"
VISITOR = "Victor Hale"


@dataclass(frozen=True)
class Person:
    """One person of the demo. `login` is also the `sub` of their tokens."""

    name: str
    department: str
    team: str
    role: str
    manager: str
    regime: str

    @property
    def zone(self) -> str:
        """The IANA time zone of their workplace."""
        return zone_of(self.regime)

    @property
    def login(self) -> str:
        return login_of(self.name)

    @property
    def email(self) -> str:
        return email_of(self.name)


def zone_of(regime: str) -> str:
    """Tessel has one office in California, and one in Brussels."""
    return "America/Los_Angeles" if regime == "ccpa" else "Europe/Brussels"


def login_of(name: str) -> str:
    return name.lower().replace(" ", ".")


def people() -> list[Person]:
    """The sixty, then the person who joined today."""
    found = []
    for department, names in NAMES.items():
        for place, name in enumerate(names):
            found.append(
                Person(
                    name=name,
                    department=department,
                    team=TEAMS[department][place % 2],
                    role=_role(name),
                    manager=_manager(name, department),
                    regime="ccpa" if name in CALIFORNIANS else "gdpr",
                )
            )
    found.append(Person(JOINED_TODAY, "Sales Operations", "Orders", "employee", email_of("Samuel Adeyemi"), "gdpr"))
    return found


def visitor() -> Person:
    """Can sign in, but is not in the directory."""
    return Person(VISITOR, "", "", "", "", "")


def write_directory_file(file: Path, everyone: Sequence[Person] | None = None) -> None:
    """The CSV file that an HR system would export, of `everyone` or of the head office."""
    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        writer.writerow((*COLUMNS, *OPTIONAL_COLUMNS))
        for one in everyone or people():
            organisation = (one.department, one.team, one.role, one.manager)
            writer.writerow((one.email, one.name, one.login, *organisation, one.regime, one.zone))


def _role(name: str) -> str:
    if name in (*HEADS, *LEADS, WITHOUT_A_TEAM):
        return "manager"
    return "privacy_officer" if name == PRIVACY_OFFICER else "employee"


def _manager(name: str, department: str) -> str:
    """The e-mail address of a person's manager; empty for the heads."""
    operations, finance = HEADS
    if name in HEADS:
        return ""
    lead = next((lead for lead, team in LEADS.items() if name in team), None)
    return email_of(lead or (finance if department == "Finance" and name not in LEADS else operations))


def email_of(name: str) -> str:
    """Their work e-mail address."""
    return f"{login_of(name)}@{DOMAIN}"
