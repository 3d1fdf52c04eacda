"""How far captures reach through runs and descent: the strongest path, as strong as its weakest link."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.lineage.graph import Relation
from lake.lineage.model_graph import STRENGTH, Evidence, Link, ModelGraph
from lake.lineage.model_readings import Reading
from tests.support.models import DERIVED, DISTILLED, FINE_TUNED, MINE, OTHERS, UNLISTED, Parents, graph, read


def reached(of: ModelGraph) -> dict[int, str]:
    return {model.int: how.evidence.value for model, how in of.reach({MINE}).items()}


@pytest.mark.parametrize(
    ("readings", "evidence"),
    [
        ([read(MINE)], "proven"),
        ([read(MINE, "day ≥ …")], "possible"),
        ([read(OTHERS)], "none"),
        ([read(OTHERS, "day ≥ …")], "none"),
        ([read(UNLISTED)], "possible"),
        ([read(None)], "unknown"),
        ([], "unknown"),
        ([read(OTHERS), read(MINE)], "proven"),
        ([read(OTHERS), read(UNLISTED)], "possible"),
        ([read(OTHERS), read(None)], "unknown"),
        ([read(None), read(UNLISTED)], "possible"),
    ],
)
def test_the_strongest_reading_counts_and_unknown_rules_nothing_out(readings: list[Reading], evidence: str) -> None:
    assert reached(graph({1: readings})) == {1: evidence}


@pytest.mark.parametrize(
    ("relation", "of_parent", "evidence"),
    [
        (FINE_TUNED, [read(MINE)], "proven"),
        (DISTILLED, [read(MINE)], "possible"),
        (DERIVED, [read(MINE)], "possible"),
        (FINE_TUNED, [read(UNLISTED)], "possible"),
        (DISTILLED, [read(None)], "unknown"),
        (FINE_TUNED, [read(OTHERS)], "none"),
    ],
)
def test_a_path_is_as_strong_as_its_weakest_link(relation: Relation, of_parent: list[Reading], evidence: str) -> None:
    assert reached(graph({1: of_parent, 2: [read(OTHERS)]}, {2: [(1, relation)]}))[2] == evidence


def test_the_path_is_shown_only_if_it_adds_evidence() -> None:
    of = graph(
        {1: [read(MINE)], 2: [read(OTHERS)], 3: [read(OTHERS)], 4: [read(MINE)]},
        {2: [(1, FINE_TUNED)], 3: [(2, DISTILLED)], 4: [(1, FINE_TUNED)]},
    )
    how = of.reach({MINE})
    assert [(link.parent.int, link.relation) for link in of.path(UUID(int=3), how)] == [(2, DISTILLED), (1, FINE_TUNED)]
    assert list(of.path(UUID(int=4), how)) == []


def test_the_stronger_of_two_parents_counts() -> None:
    of = graph({1: [read(MINE)], 2: [read(MINE)], 3: [read(OTHERS)]}, {3: [(1, DISTILLED), (2, FINE_TUNED)]})
    assert of.reach({MINE})[UUID(int=3)].through == Link(UUID(int=2), FINE_TUNED)


def test_cyclic_descent_terminates() -> None:
    of = graph(
        {1: [read(OTHERS)], 2: [read(OTHERS)], 3: [read(MINE)]},
        {1: [(2, FINE_TUNED), (1, DERIVED)], 2: [(1, FINE_TUNED), (3, FINE_TUNED)], 3: [(2, DISTILLED)]},
    )
    assert reached(of) == {1: "proven", 2: "proven", 3: "proven"}
    assert [link.parent.int for link in of.path(UUID(int=1), of.reach({MINE}))] == [2, 3]


def test_an_unrecorded_parent_changes_nothing() -> None:
    assert reached(graph({1: [read(OTHERS)]}, {1: [(77, FINE_TUNED)]})) == {1: "none"}


@given(
    st.dictionaries(
        st.integers(1, 9),
        st.lists(st.sampled_from([read(MINE), read(OTHERS), read(UNLISTED), read(None)]), max_size=3),
        min_size=1,
    ),
    st.dictionaries(
        st.integers(1, 9), st.lists(st.tuples(st.integers(1, 9), st.sampled_from(list(Relation))), max_size=4)
    ),
)
def test_any_graph_settles_at_its_strongest_evidence(trained_on: dict[int, list[Reading]], parents: Parents) -> None:
    of = graph(trained_on, parents)
    how = of.reach({MINE})
    weakest = {FINE_TUNED: Evidence.PROVEN, DISTILLED: Evidence.POSSIBLE, DERIVED: Evidence.POSSIBLE}
    for model in of.models:
        ways = [of.trained(model, {MINE})]
        ways += [
            max(how[link.parent].evidence, weakest[link.relation], key=STRENGTH.__getitem__)
            for link in of.links.get(model, ())
            if link.parent in of.models
        ]
        assert how[model].evidence == min(ways, key=STRENGTH.__getitem__)
        last = [model, *(link.parent for link in of.path(model, how))][-1]
        assert STRENGTH[of.trained(last, {MINE})] <= STRENGTH[how[model].evidence]
