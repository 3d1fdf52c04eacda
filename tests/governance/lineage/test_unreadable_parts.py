"""Nothing looks safer than it is for what could not be read of an event."""

from __future__ import annotations

from typing import Any

import pytest

from governance.lineage import openlineage
from governance.lineage.events import Item, Role
from governance.lineage.names import bounded, recipient, tidied
from lake.lineage.model_graph import Evidence
from tests.governance.lineage import told
from tests.governance.lineage.in_memory import events_of, graph_of, listing

CLEAN = told.dataset("open-book", "actions", "holdout")
"""It lists Bob, and not Ada."""


def evidence(*inputs: Any, outputs: list[Any] | None = None) -> tuple[Evidence, Evidence]:
    """Of Ada's and Bob's captures in a model whose run read these."""
    made = told.event("COMPLETE", "fit", 30, inputs=list(inputs), outputs=outputs or [told.model("m", "1")])
    graph = graph_of(events_of([made]))
    [model] = [key for key, model in graph.models.items() if model.model == "m"]
    return graph.reach(listing("Ada"))[model].evidence, graph.reach(listing("Bob"))[model].evidence


UNREADABLE: list[Any] = [
    "web",
    7,
    {"namespace": "s3://lake"},
    {"name": "web"},
    told.dataset("s3://lake", ""),
    told.dataset("s3://lake", "\u200b \n"),
    told.dataset("s3://lake", "web") | {"facets": []},
    told.dataset("open-book", "actions", "holdout", symlinks={"identifiers": [{"namespace": "open-book"}]}),
    told.dataset("open-book", "actions") | {"facets": {"version": {"datasetVersion": "holdout"}, "symlinks": ["x"]}},
    told.dataset("open-book", "actions") | {"facets": {"version": {"datasetVersion": ["holdout"]}}},
    told.model("base") | {"name": None},
]


@pytest.mark.parametrize("unreadable", UNREADABLE, ids=range(len(UNREADABLE)))
def test_unreadable_input_is_no_proof_of_absence(unreadable: Any) -> None:
    assert evidence(CLEAN) == (Evidence.NONE, Evidence.PROVEN)
    ada, bob = evidence(CLEAN, unreadable)
    assert (ada, bob) == (Evidence.POSSIBLE, Evidence.PROVEN)


def test_unreadable_list_of_inputs_is_unknown() -> None:
    event = told.event("COMPLETE", "fit", outputs=[told.model("m", "1")]) | {"inputs": "all of it"}
    graph = graph_of(events_of([event]))
    assert [reached.evidence for reached in graph.reach(set()).values()] == [Evidence.POSSIBLE]


@pytest.mark.parametrize("facets", ["x", {"subset": "x"}, {"subset": {"inputCondition": 1}}, {"subset": {}}])
def test_unreadable_subset_stays_a_part(facets: Any) -> None:
    assert evidence(CLEAN | {"inputFacets": facets}) == (Evidence.NONE, Evidence.POSSIBLE)


def test_unreadable_facet_costs_only_itself() -> None:
    lost: dict[str, Any] = {
        "ownership": 1,
        "lifecycleStateChange": {"lifecycleStateChange": "GONE"},
        "openBook_purpose": {},
    }
    output = told.model("m", "1", **lost)
    assert evidence(CLEAN, outputs=[output, told.dataset("", "x"), None]) == (Evidence.NONE, Evidence.PROVEN)


@pytest.mark.parametrize(
    ("namespace", "name"),
    [("Open-Book", "ACTIONS"), (" open-book\u00a0", "\tactions\n"), ("open-book", "\ufeffActions")],
)
def test_our_names_match_trimmed_and_in_any_case(namespace: str, name: str) -> None:
    assert evidence(told.dataset(namespace, name, " holdout ")) == (Evidence.NONE, Evidence.PROVEN)


def test_numeric_version_is_read_as_text() -> None:
    notes = told.dataset("open-book", "notes") | {"facets": {"version": {"datasetVersion": 1}}}
    assert evidence(notes) == (Evidence.NONE, Evidence.NONE)


@pytest.mark.parametrize("version", [1, 1.0, "1"])
def test_whole_numbers_are_one_version(version: Any) -> None:
    [item] = openlineage.parse(told.event("START", "a", inputs=[told.dataset("s3://lake", "x", version)])).items
    assert item.version == "1"


def test_foreign_name_in_capitals_does_not_claim_ours() -> None:
    [item] = openlineage.parse(told.event("START", "a", inputs=[told.dataset("OPEN-BOOK", "actions", "9")])).items
    assert (item.namespace, item.version) == ("open-book", "9")


def source(namespace: str | None, name: str | None, kind: str = "DATASET") -> dict[str, Any]:
    return {"namespace": namespace, "name": name, "type": kind}


def feeding(*sources: dict[str, Any]) -> dict[str, Any]:
    return told.model("m", "1", lineage={"inputs": list(sources)})


def test_lineage_facet_adds_what_inputs_leave_out() -> None:
    own = source("open-book", "actions"), source(None, None, "JOB")
    assert evidence(CLEAN, outputs=[feeding(*own)]) == (Evidence.NONE, Evidence.PROVEN)
    for more in (source("s3://lake", "web"), source("ml", "merge", "JOB"), source("model", "base"), {}):
        ada, bob = evidence(CLEAN, outputs=[feeding(*own, more)])
        assert (ada != Evidence.NONE, bob) == (True, Evidence.PROVEN), more
    by_field = told.model("m", "1", lineage={"fields": {"weights": {"inputs": [source("s3://lake", "web")]}}})
    assert evidence(CLEAN, outputs=[by_field])[0] == Evidence.POSSIBLE
    assert evidence(CLEAN, outputs=[told.model("m", "1", lineage={"inputs": 5})])[0] == Evidence.POSSIBLE


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "JOB"}, {"type": "JOB", "namespace": "airflow", "name": "train"},
        {"type": "job", "namespace": "airflow", "name": "train"}, {"type": "JOB", "namespace": "b", "name": "other"},
        {"type": "DATASET", "namespace": "model", "name": "m"}, {"namespace": "airflow", "name": "train"},
    ],
)  # fmt: skip
def test_every_entry_of_a_jobs_lineage_is_read(entry: dict[str, Any]) -> None:
    facets = {"lineage": {"entries": [entry | {"inputs": [source("s3://lake", "web")]}]}}
    made = told.event("COMPLETE", "fit", inputs=[CLEAN], outputs=[told.model("m", "1")], job_facets=facets)
    graph = graph_of(events_of([made]))
    assert [reached.evidence for reached in graph.reach(listing("Ada")).values()] == [Evidence.POSSIBLE]


def test_lineage_facet_without_a_run_is_read() -> None:
    at = {"eventTime": told.MINUTE.format(1)}
    of_dataset = at | {"dataset": feeding(source("open-book", "actions"))}
    entries = [source("model", "m") | {"inputs": [source("open-book", "actions")]}]
    of_job = at | {"job": {"namespace": "a", "name": "fit", "facets": {"lineage": {"entries": entries}}}}
    for alone in (of_dataset, of_job):
        graph = graph_of(events_of([alone]))
        assert [model.model for model in graph.models.values()] == ["m"]
        assert [reached.evidence for reached in graph.reach(listing("Ada")).values()] == [Evidence.POSSIBLE]
        ran = told.event("COMPLETE", "fit", inputs=[CLEAN], outputs=[told.model("m", "1")])
        both = graph_of(events_of([alone, ran]))
        [key] = [key for key, model in both.models.items() if model.version == "1"]
        assert both.reach(listing("Bob"))[key].evidence == Evidence.PROVEN, "a declaration is no second run"


@pytest.mark.parametrize(
    ("owner", "shown"),
    [
        ("team:Desk", "Desk"), ("vendor:acme", "acme"), ("Team Desk", "Team Desk"), ("Contoso", "Contoso"),
        ("user:jdoe", None), ("ada.lovelace", None), ("airflow", None), ("jdoe7", None), ("CORP\\jdoe", None),
        ("Ada.Lovelace", None), ("ada@example.com", None), ("team:ada@example.com", None), ("ldap:jdoe", None),
        ("email:Ada", None), ("team:", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_owner_like_a_login_is_no_recipient(owner: str | None, shown: str | None) -> None:
    assert recipient(owner) == shown


def test_deployment_at_a_person_names_no_recipient() -> None:
    place = {"openBook_deployment": {"place": "desk", "recipient": "ada.lovelace"}}
    event = openlineage.parse(told.event("COMPLETE", "a", inputs=[told.model("m", "1")], run_facets=place))
    assert [item.recipient for item in event.items if item.role is Role.DEPLOYED] == [None]


def test_long_names_stay_distinct() -> None:
    one, other = tidied("x" * 300 + "1"), tidied("x" * 300 + "2")
    assert len(one) == len(other) == 200
    assert one != other
    assert tidied(" a\u2028b ") == "a b"
    assert tidied("\u200b\t") == ""
    assert bounded("a\u202eb") != bounded("a\u202db")
    long_model = told.dataset("s3://" + "n" * 190, "m" * 190, "1", datasetType={"datasetType": "MODEL"})
    [made] = openlineage.parse(told.event("COMPLETE", "a", outputs=[long_model])).items
    assert isinstance(made, Item)
    assert len(made.name) == 200
