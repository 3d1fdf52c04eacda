"""The people of Tessel's two branches, of whom little is recorded: they make the company large enough for numbers.

Nobody at the branches can sign in, except the head of Logistics, who has two hundred people.
"""

from __future__ import annotations

from itertools import islice, product

from demo.company.people import Person, email_of, people, visitor

BRANCHES = {"Logistics": ("Warehouse", "Transport"), "Retail": ("Shops", "Online")}
HEAD_OF_200 = "Sofia Moreau"
HEADS = {HEAD_OF_200: "Logistics", "Robert Ashworth": "Retail"}
SIZES = {"Logistics": (8, 25), "Retail": (16, 21)}
"""The number of teams, and of people in each, with its lead."""

FIRST_NAMES = (
    "Adam", "Beatrix", "Casper", "Daria", "Elena", "Fabian", "Georg", "Hilde", "Ilya", "Julia", "Klaus", "Linnea",
    "Milan", "Nadia", "Otto", "Pia", "Renata", "Stefan", "Tilda", "Ugo", "Viktor", "Wanda", "Xenia", "Yusuf", "Zora",
)  # fmt: skip
LAST_NAMES = (
    "Abreu", "Bakker", "Cerny", "Dubois", "Eriksen", "Fischer", "Gomez", "Hofer", "Ivanova", "Jensen", "Kovacs",
    "Lambert", "Moser", "Nagy", "Ortega", "Popescu", "Quist", "Rossi", "Schmid", "Toth", "Ulrich", "Varga",
)  # fmt: skip


def branches() -> list[Person]:
    """Everyone at the branches: the head of each, then each team lead with their team."""
    names = (f"{first} {last}" for last, first in product(LAST_NAMES, FIRST_NAMES))
    found = []
    for head, branch in HEADS.items():
        found.append(Person(head, branch, BRANCHES[branch][0], "manager", "", "gdpr"))
        teams, size = SIZES[branch]
        for number in range(teams):
            team = BRANCHES[branch][number % 2]
            lead, *members = islice(names, size)
            found.append(Person(lead, branch, team, "manager", email_of(head), "gdpr"))
            found += [Person(name, branch, team, "employee", email_of(lead), "gdpr") for name in members]
    return found


def everyone() -> list[Person]:
    """Everyone in the directory."""
    return [*people(), *branches()]


def signing_in() -> list[Person]:
    """Everyone whom the identity provider knows."""
    head = next(person for person in branches() if person.name == HEAD_OF_200)
    return [*people(), head, visitor()]
