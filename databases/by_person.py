"""How many rows of a table each of several people has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session


def count_by_person(session: Session, person: InstrumentedAttribute[UUID], people: Collection[UUID]) -> Counter[UUID]:
    """By person, in one question; 0 for whoever has none. `person`: the column that says whose a row is."""
    counted = select(person, func.count()).where(person.in_(people)).group_by(person)
    return Counter(dict(session.execute(counted).all()))
