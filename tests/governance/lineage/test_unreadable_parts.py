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


TRAIN = told.dataset("open-book", "actions", "train")
"""It lists Ada."""


def beside(*others: dict[str, Any]) -> Evidence:
    """Of Ada's captures in `m` 1, whose maker read none of hers, beside these events."""
    fit = [
        told.event(state, "fit", 30, inputs=[CLEAN], outputs=[told.model("m", "1")]) for state in ("START", "COMPLETE")
    ]
    graph = graph_of(events_of([*fit, *others]))
    [key] = [key for key, model in graph.models.items() if (model.model, model.version) == ("m", "1")]
    return graph.reach(listing("Ada"))[key].evidence


PARENT = {"run": {"runId": str(told.run_key("fit"))}}


@pytest.mark.parametrize(
    "more",
    [
        {"root": "x"}, {"root": {}}, {"root": {"run": {}}}, {"root": {"run": {"runId": ""}}},
        {"root": {"run": {"runId": None}}}, {"_deleted": "false"}, {"job": 5},
    ],
)  # fmt: skip
@pytest.mark.parametrize("facet", ["parent", "parentRun"])
def test_readable_parent_counts_beside_unreadable_parts(facet: str, more: dict[str, Any]) -> None:
    part = told.event("COMPLETE", "part", 20, inputs=[TRAIN], run_facets={facet: PARENT | more})
    assert beside(part) == Evidence.PROVEN


@pytest.mark.parametrize(
    "facets",
    [
        {"parent": {"run": {}}}, {"parent": {"run": {"runId": ""}}}, {"parent": [PARENT]}, {"parentRun": "x"},
        {"parent": {"run": {"runId": str(told.run_key("other"))}, "root": "x"}}, ["parent"], "x",
    ],
)  # fmt: skip
def test_what_unreadable_parents_read_is_unknown_everywhere(facets: Any) -> None:
    part = told.event("COMPLETE", "part", 20, inputs=[TRAIN], run_facets=facets)
    assert beside(part) == Evidence.UNKNOWN
    assert beside(part | {"inputs": [CLEAN]}) == Evidence.NONE, "nothing of Ada's was read there"


@pytest.mark.parametrize(
    "output",
    [
        told.model("m"),
        told.model("m") | {"facets": {"version": {"datasetVersion": {"v": "1"}}}},
        told.model("m") | {"facets": {"version": "1"}},
        told.model("m") | {"facets": "x"},
        told.dataset("s3://m", "x", "1", symlinks={"identifiers": {"namespace": "model", "name": "m"}}),
        told.dataset("s3://m", "x", "1", symlinks={"identifiers": [{"namespace": "model", "name": "m"}, 5]}),
        told.dataset("s3://m", "x", "1", datasetType={"datasetType": 5}),
        {"namespace": "model"},
        7,
    ],
    ids=range(9),
)
def test_second_makers_unreadable_output_may_be_any_version(output: Any) -> None:
    assert beside(told.event("COMPLETE", "again", 40, inputs=[TRAIN], outputs=[output])) not in (
        Evidence.NONE,
        Evidence.PROVEN,
    )


def test_output_with_a_version_is_no_other_version() -> None:
    start = told.event("START", "again", 35, inputs=[TRAIN], outputs=[told.model("m")])
    assert beside(start, told.event("COMPLETE", "again", 40, outputs=[told.model("m", "2")])) == Evidence.NONE


@pytest.mark.parametrize("gone", [{"run": None}, {"eventType": None}, {"run": None, "eventType": None}])
def test_empty_fields_are_as_if_they_were_absent(gone: dict[str, None]) -> None:
    at = {"eventTime": told.MINUTE.format(1)}
    assert [item.name for item in openlineage.parse(at | gone | {"dataset": told.model("m", "1")}).items] == ["m"]
    job = {"namespace": "a", "name": "fit", "facets": told.purpose("model training")}
    assert openlineage.parse(at | gone | {"job": job}).purpose == "model training"


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
