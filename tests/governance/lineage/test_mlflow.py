"""From a real MLflow server, filled by its real client, to what a person sees."""

from __future__ import annotations

import http.server
import json
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import clock
import governance.__main__
from governance.ai_models.datasets import record_missing
from governance.db import database
from governance.lineage.folding import fold_pending
from governance.lineage.mlflow_import import Imported, import_from, passes
from governance.lineage.mlflow_server import MlflowServer, MlflowUnavailable
from lake.datasets import making
from tests.governance.conftest import Capture, Client
from tests.governance.lineage import mlflow_service
from tests.governance.lineage.conftest import asked
from tests.support.people import Company

TRAIN = """
import json, sys
import mlflow
import pandas as pd

told = json.loads(sys.argv[1])
client = mlflow.MlflowClient()
mlflow.set_experiment("assistant of ada@example.com")
table = pd.DataFrame({"x": [1.0, 2.0]})


def dataset(name, **where):
    return mlflow.data.from_pandas(table, name=name, **where)


with mlflow.start_run(run_name="secret name", tags={"open-book.purpose": "model training"}) as first:
    mlflow.log_input(dataset("desk"), context="training", tags={"open-book.dataset_version": told["root"]})
    mlflow.log_input(dataset("web", digest="abc"), context="training")
with mlflow.start_run() as second:
    mlflow.log_input(dataset("export", source=f"https://open-book.example/v1/datasets/{told['key']}/parquet"))
    with mlflow.start_run(nested=True) as inner:
        mlflow.log_input(dataset("inner", digest="def"))
with mlflow.start_run() as broken:
    mlflow.log_input(dataset("desk", digest=told["root"][:36]))
client.set_terminated(broken.info.run_id, "FAILED")
client.create_registered_model("assistant", tags={"open-book.owner": "Team Desk"})
for run, tags in (
    (first, {"open-book.purpose": "answers customers"}),
    (second, {"open-book.parent": "models:/assistant/1", "open-book.relation": "distilled"}),
):
    client.create_model_version("assistant", f"runs:/{run.info.run_id}/model", run.info.run_id, tags=tags)
client.set_registered_model_alias("assistant", "champion", "1")
client.transition_model_version_stage("assistant", "1", "Production")
"""

READ = """select m.version, d.namespace, d.dataset, d.version
from model_versions m join run_outputs using (model_version)
join run_inputs using (run) join dataset_versions d using (dataset_version) order by all"""


def move_on(server: str) -> None:
    """A new version replaces the old one, which is archived, and another run starts and ends."""

    def tell(path: str, **body: Any) -> dict[str, Any]:
        data, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{server}/api/2.0/mlflow/{path}", data, headers)
        with urllib.request.urlopen(request) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    tell("registered-models/alias", name="assistant", alias="champion", version="2")
    tell("model-versions/transition-stage", name="assistant", version="1", stage="Archived")
    now = int(time.time() * 1000)
    run = tell("runs/create", experiment_id="0", start_time=now)["run"]["info"]["run_id"]
    tell("runs/update", run_id=run, status="FINISHED", end_time=now + 1000)


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mlflow_service.serving(tmp_path_factory.mktemp("mlflow")) as url:
        yield url


def test_real_mlflow_run_reaches_the_person(
    server: str,
    api: Client,
    person: Company,
    capture: Capture,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, 5)
    capture(bob, 3, application="Chrome")
    made = making.create("desk", making.parse(["application=Excel"]), purpose="model training")
    record_missing()
    mlflow_service.run_client(server, TRAIN, root=made.root, key=str(made.dataset_version))
    monkeypatch.setattr(sys, "argv", ["governance", "mlflow", server])
    assert governance.__main__.main() == 0
    assert "4 runs and 2 model versions were read" in capsys.readouterr().out

    for employee, events in ((ada, 5), (bob, 0)):
        of_model = {one["version"]: one for one in api(employee).get("/v1/me/models").json()}
        assert set(of_model) == {"1", "2"}
        for one in of_model.values():
            assert (one["model"], one["captures"]) == ("assistant", events)
            assert one["owner"] == "Team Desk"
        assert of_model["1"]["purpose"] == "answers customers"
        assert of_model["1"]["evidence"] == ("proven" if events else "possible"), "web is known by name only"
    assert asked(READ) == [
        ("1", "mlflow", "web", "abc"), ("1", "open-book", "desk", "1"), ("2", "open-book", "desk", "1")
    ]  # fmt: skip
    assert asked("select relation from model_parents") == [("distilled",)]
    assert asked("select job, state, purpose from runs order by all") == [
        ("mlflow/experiment 1", "completed", "model training"), ("mlflow/experiment 1", "completed", None),
        ("mlflow/experiment 1", "completed", None), ("mlflow/experiment 1", "failed", None),
    ]  # fmt: skip
    places = "select place, until is null from deployments order by all"
    assert asked(places) == [("MLflow alias champion", True), ("MLflow stage Production", True)]

    assert import_from(MlflowServer(server)) == Imported(4, 2, 0), "nothing is stored twice"
    move_on(server)
    monkeypatch.setenv("OPENBOOK_MLFLOW_SERVERS", server)
    passes.make()
    assert len(asked("select * from runs")) == 4, "it is not due yet"
    soon = clock.now() + timedelta(minutes=16)
    monkeypatch.setattr(clock, "now", lambda: soon)
    passes.make()
    assert len(asked("select * from runs")) == 5
    assert asked("select version, retired_at is null from model_versions order by 1") == [("1", False), ("2", True)]
    assert asked(places) == [
        ("MLflow alias champion", False), ("MLflow alias champion", True), ("MLflow stage Production", False)
    ]  # fmt: skip
    content = (database.governance_folder() / "governance.sqlite").read_bytes()
    for private in (b"secret name", b"ada@example.com", b"mlflow.user"):
        assert private not in content


LOGGED = """
import json, sys
import mlflow
import pandas as pd
from mlflow.entities import LoggedModelInput, LoggedModelOutput

told = json.loads(sys.argv[1])
client = mlflow.MlflowClient()
experiment = mlflow.set_experiment("logged models").experiment_id
desk = mlflow.data.from_pandas(pd.DataFrame({"x": [1.0]}), name="desk")
ours = {"open-book.dataset_version": told["root"]}


def register(name, run):
    client.create_registered_model(name)
    return client.create_model_version(name, f"runs:/{run.info.run_id}/model", run.info.run_id)


with mlflow.start_run() as first:
    mlflow.log_input(desk, context="training", tags=ours)
logged = client.create_logged_model(experiment, source_run_id=first.info.run_id)
client.log_outputs(first.info.run_id, [LoggedModelOutput(logged.model_id, 0)])
with mlflow.start_run() as second:
    pass
client.log_inputs(second.info.run_id, models=[LoggedModelInput(logged.model_id)])
register("from logged", second)
with mlflow.start_run() as parent:
    with mlflow.start_run(nested=True):
        mlflow.log_input(desk, context="training", tags=ours)
register("child read", parent)
with mlflow.start_run() as parent:
    mlflow.log_input(desk, context="training", tags=ours)
    with mlflow.start_run(nested=True) as child:
        pass
register("parent read", child)
with mlflow.start_run() as tested:
    mlflow.log_input(desk, context="test", tags=ours)
register("tested", tested)
for name in ("deleted", "before"):
    with mlflow.start_run() as run:
        mlflow.log_input(desk, context="training", tags=ours)
    register(name, run)
"""

LATER = """
import mlflow

client = mlflow.MlflowClient()
client.delete_model_version("deleted", "1")
client.rename_registered_model("before", "after")
"""


def test_logged_models_and_nested_runs_reach_the_person(
    server: str, api: Client, person: Company, capture: Capture
) -> None:
    ada = person("ada@example.com")
    capture(ada, 5)
    made = making.create("desk", making.parse([]), purpose="model training")
    record_missing()

    def evidence() -> dict[str, str]:
        import_from(MlflowServer(server))
        fold_pending()
        mine = api(ada).get("/v1/me/models", params={"limit": 100}).json()
        return {model["model"]: model["evidence"] for model in mine if not model["model"].startswith("assistant")}

    mlflow_service.run_client(server, LOGGED, root=made.root)
    before = evidence()
    [unregistered] = [name for name in before if name.startswith("logged model m-")]
    assert before == {
        unregistered: "proven", "from logged": "possible", "child read": "proven", "parent read": "unknown",
        "tested": "possible", "deleted": "proven", "before": "proven",
    }  # fmt: skip
    mlflow_service.run_client(server, LATER)
    assert evidence() == before | {"after": "proven"}, "what used the records stays listed"


class Pages(http.server.BaseHTTPRequestHandler):
    """Answers like MLflow, two entries per page; the test sets the contents."""

    answers: Callable[[str, dict[str, Any]], tuple[int, bytes]]

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        question = json.loads(self.rfile.read(length) or b"{}") if length else {"query": self.path.partition("?")[2]}
        question["authorization"] = self.headers.get("Authorization")
        status, body = type(self).answers(self.path.partition("?")[0], question)
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "https://elsewhere.example/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def answering(answers: Callable[[str, dict[str, Any]], tuple[int, bytes]]) -> Iterator[str]:
    handler = type("Handler", (Pages,), {"answers": staticmethod(answers)})
    server = http.server.ThreadingHTTPServer(("localhost", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_all_pages_are_read_and_loops_abort(home: Path) -> None:
    asked_for: list[str] = []

    def pages(path: str, question: dict[str, Any]) -> tuple[int, bytes]:
        asked_for.append(question["authorization"])
        page = 2 if "page_token=next" in question["query"] else 1
        found = [{"name": f"model {page}"}]
        return 200, json.dumps({"registered_models": found, "next_page_token": "next" if page == 1 else ""}).encode()

    with answering(pages) as host:
        models = list(MlflowServer(f"http://ada:p%40ss@{host}/").registered_models())
    assert [model["name"] for model in models] == ["model 1", "model 2"]
    assert set(asked_for) == {"Basic YWRhOnBAc3M="}

    def circle(path: str, question: dict[str, Any]) -> tuple[int, bytes]:
        return 200, b'{"registered_models": [], "next_page_token": "again"}'

    with answering(circle) as host, pytest.raises(MlflowUnavailable, match="Is it one"):
        list(MlflowServer(f"http://{host}").registered_models())


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, b"", "refuses access"),
        (403, b"", "OPENBOOK_MLFLOW_TOKEN"),
        (404, b"", "no MLflow REST API"),
        (302, b"", "redirects"),
        (500, b"", "answered 500"),
        (200, b"<html>", "Is it one"),
        (200, b"[" * 100_000, "Is it one"),
        (200, b'{"model_versions": {}}', "Is it one"),
        (200, b'{"model_versions": [1]}', "Is it one"),
    ],
    ids=range(9),
)
def test_unreadable_server_error_hides_the_password(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    body: bytes,
    words: str,
) -> None:
    with answering(lambda path, question: (status, body)) as host:
        monkeypatch.setenv("OPENBOOK_MLFLOW_SERVERS", f"http://ada:secret@{host}")
        monkeypatch.setattr(sys, "argv", ["governance", "mlflow", f"http://{host}"])
        assert governance.__main__.main() == 1
    told = capsys.readouterr().err
    assert words in told
    assert "secret" not in told


def test_invalid_url_and_unreachable_server_are_reported(home: Path) -> None:
    for url in ("mlflow.example.com", "file:///etc/passwd", "http://", ""):
        with pytest.raises(ValueError, match="http or https URL"):
            MlflowServer(url)
    with pytest.raises(MlflowUnavailable, match="can't be reached"):
        import_from(MlflowServer("http://ada:secret@localhost:9"))
