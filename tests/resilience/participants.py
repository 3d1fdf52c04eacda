"""Everyone who uses a home at the same time while its processes are killed, and what each was promised.

People      captured, and filing requests of every type
Recorder    ingests a recording with the lake's command
Sweeper     enforces retention with the lake's command
Officer     decides, and places and lifts legal holds
Pipeline    reports runs over OpenLineage and makes datasets
Auditor     keeps checkpoints of the ledger
Backups     makes backups with the governance command
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import verifier
from directory import Employee
from lake.storage.connection import writer
from tests.governance.conftest import POLICY, START, wait_until
from tests.governance.lineage import told
from tests.lake.ingesting import ui_log, ui_log_row
from tests.resilience import world
from tests.resilience.traffic import Participant, Trial
from tests.support.lake import store_captures

EXCEL = {"applications": ["Excel"]}
SHORT = replace(POLICY, policy="short", applications=["Old"], retention_days=1)
Filed = tuple[str, dict[str, Any], int]
"""Type, what else the body says, and how many captures it leaves."""


class People(Participant):
    """New people are captured and file requests that may run at the same time."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self.left: list[tuple[Employee, int]] = []

    def turn(self) -> None:
        employee = self.trial.employee(f"p{len(self.left)}@example.com")
        store_captures(employee, 4, content=lambda number: {"text": f"typed {number}"})
        store_captures(employee, 3, application="Chrome", content=lambda number: {"text": f"typed {number}"})
        self.trial.stored(7)
        taking: list[Filed] = [("export", {}, 7), ("erasure", {"scope": EXCEL}, 3), ("erasure", {}, 0)]
        keeping: list[Filed] = [
            ("objection", {}, 7),
            ("export", {"scope": EXCEL}, 7),
            ("rectification", {"note": "A drill."}, 7),
        ]
        chosen = self.dice.sample(self.dice.choice([taking, keeping]), self.dice.randint(1, 3))
        for kind, more, _ in chosen:
            if self.trial.acknowledged(
                "POST", "/v1/requests", self.trial.token_for(employee), json={"type": kind, **more}
            ):
                self.trial.requests += 1
                self.trial.counts[kind] += 1
        self.left.append((employee, min(left for *_, left in chosen)))

    def check(self) -> None:
        super().check()
        for employee, left in self.left:
            assert world.captures_of(employee.subject) == left, employee.email


class Recorder(Participant):
    """Records of one person, in files that are ingested until the command reports success."""

    pause = (0.5, 3.0)
    rows = 20

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self.employee = trial.employee("recorded@example.com")
        self.ingested = 0

    def turn(self) -> None:
        rows = [ui_log_row(number, target_value=f"value {number}") for number in self._numbers()]
        file = ui_log(self.trial.folder / f"recording-{self.ingested}.csv", rows)
        self.trial.command("ingestion", "lake", "ingest", "ui-log", str(file), "--employee", self.employee.email)
        self.ingested += self.rows
        self.trial.stored(self.rows)

    def _numbers(self) -> range:
        return range(self.ingested, self.ingested + self.rows)

    def check(self) -> None:
        super().check()
        found = world.captures_of(self.employee.subject)
        assert found == self.ingested, (found, self.ingested, self.trial.seed)


class Sweeper(Participant):
    """Captures whose last day was long ago; a sweep removes only these."""

    pause = (1.0, 4.0)

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self.employee = trial.employee("expired@example.com")

    def turn(self) -> None:
        start = START + timedelta(seconds=self.dice.random())
        store_captures(self.employee, 5, application="Old", policy=SHORT, start=start)
        self.trial.stored(5)
        self.trial.command("sweep", "lake", "sweep")

    def check(self) -> None:
        super().check()
        assert world.captures_of(self.employee.subject) == 0


class Officer(Participant):
    """Approves requests that wait for a decision; places legal holds on one person and lifts some of them."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self.token = trial.token_for(trial.employee("olga@example.com", role="privacy_officer"))
        self.held = trial.employee("held@example.com")
        self.placed: set[str] = set()
        self.lifted: set[str] = set()

    def turn(self) -> None:
        self.decide()
        if self.dice.random() < 0.5:
            self._place()
        elif self.placed - self.lifted:
            self._lift(self.dice.choice(sorted(self.placed - self.lifted)))

    def decide(self) -> None:
        """Approve everything that waits."""
        listed = self.trial.acknowledged("GET", "/v1/officer/requests", self.token)
        for request in _items(listed.json() if listed else []):
            if request["state"] == "verifying":
                path = f"/v1/requests/{request['id']}/decision"
                # A decision without an answer may have been taken: then it can't be taken again.
                done = (200, 201, 409)
                self.trial.acknowledged("POST", path, self.token, done=done, json={"decision": "approve"})
                self.trial.counts["decision"] += 1

    def _place(self) -> None:
        terms = {"employee": self.held.email, "everything": True, "case": "HR-7", "exception": "gdpr_17_3_e"}
        answer = self.trial.acknowledged("POST", "/v1/holds", self.token, json={**terms, "review_on": "2099-01-31"})
        if answer:
            self.placed.add(answer.json()["hold"])
            self.trial.counts["hold placed"] += 1

    def _lift(self, hold: str) -> None:
        if self.trial.acknowledged("DELETE", f"/v1/holds/{hold}", self.token):
            self.lifted.add(hold)
            self.trial.counts["hold lifted"] += 1

    def check(self) -> None:
        super().check()
        with writer() as connection:
            rows = connection.execute("select hold::varchar, lifted_at is not null from holds").fetchall()
        found = dict(rows)
        assert len(rows) == len(found)
        assert {hold: found.get(hold) for hold in self.placed} == {hold: hold in self.lifted for hold in self.placed}


class Pipeline(Participant):
    """Reports training runs and makes datasets, each under its own name."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self.trained_on = trial.employee("trained@example.com")
        store_captures(self.trained_on, 6)
        trial.stored(6)
        self.models: set[str] = set()
        self.datasets: dict[str, str] = {}

    def turn(self) -> None:
        if self.dice.random() < 0.3:
            self._make_dataset()
        else:
            self._report()

    def _report(self) -> None:
        name = f"assistant-{len(self.models)}"
        inputs = [told.dataset("s3://lake", "web", "1")]
        for state, outputs in (("START", []), ("COMPLETE", [told.model(name, "1")])):
            event = told.event(state, name, len(outputs), inputs=inputs, outputs=outputs)
            self.trial.acknowledged("POST", "/api/v1/lineage", self.trial.pipeline_token, json=event)
            self.trial.counts["lineage event"] += 1
        self.models.add(name)

    def _make_dataset(self) -> None:
        name = f"actions-{len(self.datasets)}"
        body = {"dataset": name, "version": "1"}
        # A call without an answer may have made it: then this version already exists.
        answer = self.trial.acknowledged("POST", "/v1/datasets", self.trial.pipeline_token, done=(201, 409), json=body)
        if answer:
            self.datasets[name] = "1"
            self.trial.counts["dataset"] += 1

    def check(self) -> None:
        super().check()
        wait_until(lambda: self._recorded()[0].keys() >= self.models)  # workers fold reports gradually
        models, datasets = self._recorded()
        assert {name: count for name, count in models.items() if name in self.models} == dict.fromkeys(self.models, 1)
        assert {name: count for name, count in datasets.items() if name in self.datasets} == dict.fromkeys(
            self.datasets, 1
        )

    def _recorded(self) -> tuple[dict[str, int], dict[str, int]]:
        """The number of versions of each model, and of each dataset with a manifest."""
        with writer() as connection:
            models = connection.execute("select model, count(*) from model_versions group by all").fetchall()
            datasets = connection.execute(
                "select dataset, count(*) from dataset_versions where manifest_root is not null group by all"
            ).fetchall()
        return dict(models), dict(datasets)


class Auditor(Participant):
    """Keeps heads of the ledger: the newest one extends them all."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self.token = trial.token_for(trial.employee("auditor@example.com"))
        self.kept: dict[int, verifier.Checkpoint] = {}

    def turn(self) -> None:
        answer = self.trial.acknowledged("GET", "/v1/ledger/checkpoint", self.token)
        if answer:
            checkpoint = verifier.Checkpoint.parse(answer.text)
            assert self.kept.setdefault(checkpoint.size, checkpoint).root == checkpoint.root
            self.trial.counts["checkpoint"] += 1

    def check(self) -> None:
        super().check()
        for size, kept in self.kept.items():  # `verify` raises if a head does not extend this one
            answer = self.trial.acknowledged("GET", f"/v1/ledger/consistency?from={size}", self.token)
            assert answer is not None
            verifier.verify(answer.text, verifier.Trust(older=kept))


class Backups(Participant):
    """Makes backups continuously."""

    pause = (3.0, 8.0)

    def turn(self) -> None:
        self.trial.command("backup", "governance", "backup")


ALL: tuple[type[Participant], ...] = (People, Recorder, Sweeper, Officer, Pipeline, Auditor, Backups)


def _items(listed: Any) -> list[Mapping[str, Any]]:
    return list(listed if isinstance(listed, list) else listed["items"])
