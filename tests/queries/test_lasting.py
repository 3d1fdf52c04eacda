"""What is about nobody is read again when it has changed, and only then; rules of a person show at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlglot
from duckdb import DuckDBPyConnection
from sqlglot import exp

import queries.own
import queries.retention
import queries.rules
from directory import Employee
from lake.lineage.graph import ModelVersion
from lake.lineage.model_graph import ModelGraph
from lake.rules import holds, standing
from lake.rules.erasure import write_tombstone
from lake.rules.rules import TABLES_OF_CAPTURES
from lake.rules.scope import Scope
from lake.statements import statement
from lake.storage import maintenance
from lake.storage.connection import transaction, writer
from queries import Own
from queries.connection import snapshot
from queries.lasting import Lasting
from tests.lake.rows import MORNING, every_minute, place_hold, put
from tests.lake.setups import IN_BOTH
from tests.support import lineage
from tests.support.people import Company

pytestmark = IN_BOTH

OwnOf = Callable[[Employee], Own]
TOMORROW = MORNING + timedelta(days=1)


class Counted:
    """What is read from the models, counting how often."""

    def __init__(self) -> None:
        self.reads = 0
        self._lasting = Lasting(ModelGraph.TABLES, self._read)

    def models(self) -> set[str]:
        with snapshot() as cursor:
            return self._lasting.of(cursor)

    def _read(self, cursor: DuckDBPyConnection) -> set[str]:
        self.reads += 1
        return {model.name for model in ModelGraph.read(cursor).models.values()}


@pytest.fixture
def ada(person: Company) -> Employee:
    return person("ada@example.com")


@pytest.fixture
def counted(ada: Employee) -> Counted:
    with writer() as connection:
        put(connection, ada.subject, every_minute(3))
        _train(connection, "Sable")
    found = Counted()
    assert found.models() == {"Sable 1.0"}
    return found


def _train(connection: DuckDBPyConnection, name: str) -> None:
    with transaction(connection):
        dataset = lineage.dataset(connection, f"words of {name}", "1", MORNING, ())
        lineage.train(connection, ModelVersion(name, "1.0", None, None, TOMORROW), [dataset], MORNING)


def test_captures_don_t_make_it_read_again(counted: Counted, ada: Employee) -> None:
    for minute in range(3):
        with writer() as connection:
            put(connection, ada.subject, every_minute(2, MORNING + timedelta(hours=minute + 1)))
        assert counted.models() == {"Sable 1.0"}
    assert counted.reads == 1


def test_files_that_are_merged_don_t_make_it_read_again(counted: Counted, ada: Employee) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(2, TOMORROW))
        maintenance.merge_files(connection)
    assert counted.models() == {"Sable 1.0"}
    assert counted.reads == 1


def test_a_change_is_seen_at_once(counted: Counted) -> None:
    with writer() as connection:
        _train(connection, "Amber")
    assert counted.models() == {"Sable 1.0", "Amber 1.0"}
    assert counted.reads == 2


def test_a_change_among_others_is_seen(counted: Counted, ada: Employee) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(2, TOMORROW))
        _train(connection, "Amber")
        put(connection, ada.subject, every_minute(2, TOMORROW + timedelta(hours=1)))
    assert counted.models() == {"Sable 1.0", "Amber 1.0"}


def test_it_is_read_again_if_what_changed_is_no_longer_known(counted: Counted, ada: Employee) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(2, TOMORROW))
        _train(connection, "Amber")
        put(connection, ada.subject, every_minute(2, TOMORROW + timedelta(hours=1)))
        maintenance.expire_snapshots(connection)
    assert counted.models() == {"Sable 1.0", "Amber 1.0"}


def test_a_transaction_that_was_begun_before_a_change_doesn_t_see_it(ada: Employee) -> None:
    seen: list[int] = []
    lasting = Lasting(ModelGraph.TABLES, lambda cursor: len(ModelGraph.read(cursor).models))
    with snapshot() as earlier:
        seen.append(lasting.of(earlier))
        with writer() as connection:
            _train(connection, "Sable")
        with snapshot() as later:
            seen.append(lasting.of(later))
        seen.append(lasting.of(earlier))
    assert seen == [0, 1, 0]


@pytest.mark.parametrize(
    ("name", "tables"), [("model_graph", ModelGraph.TABLES), ("people_with_rules", TABLES_OF_CAPTURES)]
)
def test_every_table_that_is_read_is_watched(name: str, tables: frozenset[str]) -> None:
    parsed = sqlglot.parse_one(statement(name), dialect="duckdb")
    assert {table.name for table in parsed.find_all(exp.Table)} == tables


def test_so_are_policies_beside_what_was_removed() -> None:
    parsed = sqlglot.parse_one(queries.own.sql("policy_terms"), dialect="duckdb")
    assert {table.name for table in parsed.find_all(exp.Table)} == queries.retention._terms.tables


def _erase(connection: DuckDBPyConnection, subject: UUID, scope: Scope) -> None:
    write_tombstone(connection, subject, scope, uuid4(), TOMORROW)


def _hold(connection: DuckDBPyConnection, subject: UUID, scope: Scope) -> None:
    place_hold(connection, subject, signals=scope.signals)


def _restrict(connection: DuckDBPyConnection, subject: UUID, scope: Scope) -> None:
    standing.start_rule(connection, subject, scope, uuid4(), standing.Rule.RESTRICTION)


@pytest.mark.parametrize(
    ("rule", "effect"), [(_erase, "hidden"), (_hold, "held"), (_restrict, "restricted")], ids=["erase", "hold", "keep"]
)
@pytest.mark.parametrize("signals", [None, ("keystroke",), ("scroll",)])
def test_a_rule_has_its_effect_at_the_next_question(
    ada: Employee, own_of: OwnOf, rule: Callable[..., None], effect: str, signals: tuple[str, ...] | None
) -> None:
    with writer() as connection:
        put(connection, ada.subject, every_minute(3, signal="keystroke"))
    own = own_of(ada)
    assert not own.slices()[effect].any()
    with writer() as connection:
        rule(connection, ada.subject, Scope(signals))
    concerns = signals != ("scroll",)
    assert own.slices()[effect].all() == concerns
    assert len(own.records(Scope()).records) == (0 if concerns and effect == "hidden" else 3)


def test_who_has_no_rule_is_known_without_reading_any(
    ada: Employee, person: Company, own_of: OwnOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = person("ben@example.com")
    assert ada.subject.hex[-queries.rules.DIGITS :] != ben.subject.hex[-queries.rules.DIGITS :]
    with writer() as connection:
        hold = place_hold(connection, ada.subject)
    asked: list[str] = []

    def noted(name: str) -> str:
        asked.append(name)
        return queries.own.sql(name)

    def effects(of: Employee) -> list[str]:
        subject = own_of(of).subject
        with snapshot(subject.key) as cursor:
            return [rule.effect for rule in queries.rules.of(cursor, subject)]

    monkeypatch.setattr(queries.rules, "sql", noted)
    assert effects(ben) == []
    assert asked == []
    assert effects(ada) == ["held"]
    assert asked == ["rules"]
    with writer() as connection:
        holds.lift_hold(connection, hold, TOMORROW)
    assert effects(ada) == []
