"""Nothing false is said about any model: random run graphs against an oracle that knows the rules and not the code.

`python -m tests.governance.lineage.test_oracle 20000` tries that many and prints how many true absences are said.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import datetime
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake.lineage.model_graph import STRENGTH, Evidence, ModelGraph
from tests.governance.lineage import graphs
from tests.governance.lineage.in_memory import events_of, graph_of, listing
from tests.governance.lineage.oracle import PEOPLE, Oracle

GRAPHS = 300
LEAST_SAID = 0.85
"""Of the absences that may be said, so many are: to call everything unknown is no way out."""


def answers(graph: ModelGraph, person: str, before: str = "") -> dict[tuple[str, str], Evidence]:
    moment = datetime.fromisoformat(before).replace(tzinfo=None) if before else None
    listed = listing(person)
    reached = graph.reach(listed, too_old=graph.too_old(moment, listed))
    return {(model.model, model.version): reached[key].evidence for key, model in graph.models.items()}


def compare(raw: list[dict[str, Any]], random: Random) -> Counter[str]:
    """Raises AssertionError if anything is said that may not be; counts what is and may be said."""
    oracle, found, events = Oracle(raw), Counter[str](), events_of(raw)
    graph, again = graph_of(events), graph_of(random.sample(events, len(events)))
    before = f"2026-11-02T{random.randint(9, 10):02}:{random.randint(0, 59):02}:00Z"
    for person in PEOPLE:
        later, older = answers(graph, person, before), oracle.made_before(person, before)
        assert later == answers(again, person, before), "another order of the same events, another answer"
        said = answers(graph, person)
        assert said == answers(again, person), "another order of the same events, another answer"
        absent, proven = oracle.absent(person), oracle.proven(person)
        for model, evidence in said.items():
            assert evidence != Evidence.NONE or model in absent, f"false absence: {person} in {model}"
            assert evidence != Evidence.PROVEN or model in proven, f"false proof: {person} in {model}"
            assert later[model] != Evidence.MADE_BEFORE or model in older, f"not older: {person} in {model}"
            weaker = STRENGTH[later[model]] > STRENGTH[evidence] and evidence != Evidence.PROVEN
            assert later[model] == evidence or (weaker and later[model] != Evidence.NONE), "dates show no absence"
            found += Counter({
                "absent": model in absent, "absence said": evidence == Evidence.NONE,
                "proven": model in proven, "proof said": evidence == Evidence.PROVEN, "asked": 1,
                "older": model in older - absent,
                "older said": model in older - absent and later[model] == Evidence.MADE_BEFORE,
            })  # fmt: skip
    return found


def graph(random: Random, prefix: str) -> list[dict[str, Any]]:
    return graphs.openlineage(random, prefix) if random.random() < 0.8 else graphs.mlflow(random, prefix)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_nothing_false_is_said_about_any_graph(random: Random) -> None:
    compare(graph(random, "c"), random)


def test_most_true_absences_are_said() -> None:
    found = Counter[str]()
    for seed in range(GRAPHS):
        found += compare(graph(random := Random(seed), f"c{seed}"), random)
    print(found)
    assert found["absence said"] > LEAST_SAID * found["absent"] > 50
    assert found["older said"] > 0.7 * found["older"] > 50
    assert found["proof said"] > 0.5 * found["proven"] > 50


def main(graphs_to_try: int) -> None:
    found = Counter[str]()
    for seed in range(graphs_to_try):
        random = Random(seed)
        try:
            found += compare(graph(random, f"c{seed}"), random)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    print(
        f"{graphs_to_try:,} graphs, {found['asked']:,} answers; no false absence, no false proof, one answer per set."
    )
    for what, said in (("absent", "absence said"), ("older", "older said"), ("proven", "proof said")):
        print(f"{what}: {found[said]:,} of {found[what]:,} true ones are said ({found[said] / found[what]:.1%})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
