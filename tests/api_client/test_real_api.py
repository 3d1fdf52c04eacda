"""The client against the real API: the documented example, and every answer."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import subprocess
import sys
import typing
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import uuid4

import orjson
import pytest

from api_client import GovernanceClient, Scope, models
from api_client.errors import AlreadyOpen, Conflict, Forbidden, Invalid, NotFound, Unauthorized
from governance import schemas
from tests.governance.captured import CAPTURES, put
from tests.support.people import Company

ROOT = Path(__file__).parents[2]
Serving = Callable[..., str]
TokenFor = Callable[..., str]

ANSWERS = [
    (models.Me, schemas.Me),
    (models.Summary, schemas.Summary),
    (models.Capture, schemas.Capture),
    (models.CapturePage, schemas.CapturePage),
    (models.Match, schemas.Match),
    (models.SearchResult, schemas.SearchResult),
    (models.SearchPage, schemas.SearchPage),
    (models.OwnModel, schemas.OwnModel),
    (models.KindCount, schemas.KindCount),
    (models.TrainedOn, schemas.TrainedOn),
    (models.MadeFrom, schemas.MadeFrom),
    (models.UsedAt, schemas.UsedAt),
    (models.ModelPlan, schemas.ModelPlan),
    (models.Lineage, schemas.Lineage),
    (models.LineageNode, schemas.LineageNode),
    (models.LineageEdge, schemas.LineageEdge),
    (models.Violation, schemas.Violation),
    (models.OfficerModel, schemas.OfficerModel),
    (models.OfficerViolation, schemas.OfficerViolation),
    (models.Upcoming, schemas.Upcoming),
    (models.Removal, schemas.Removal),
    (models.Hold, schemas.Hold),
    (models.Retention, schemas.Retention),
    (models.AccessEntry, schemas.AccessEntry),
    (models.AccessLog, schemas.AccessLog),
    (models.StandingAccess, schemas.StandingAccess),
    (models.OtherSystem, schemas.OtherSystem),
    (models.PossibleAccess, schemas.PossibleAccess),
    (models.Slice, schemas.Slice),
    (models.DayCount, schemas.DayCount),
    (models.Withheld, schemas.Withheld),
    (models.AffectedModel, schemas.AffectedModel),
    (models.Preview, schemas.Preview),
    (models.Previewed, schemas.Previewed),
    (models.Event, schemas.Event),
    (models.Decision, schemas.Decision),
    (models.ReceiptInfo, schemas.Receipt),
    (models.ExportInfo, schemas.Export),
    (models.Request, schemas.Request),
    (models.Note, schemas.Note),
    (models.MyLedger, schemas.MyLedger),
    (models.SeenHead, schemas.SeenHead),
    (models.Inclusion, schemas.Inclusion),
    (models.Consistency, schemas.Consistency),
    (models.Head, schemas.Head),
    (models.EmployeeName, schemas.EmployeeName),
    (models.OfficerRequest, schemas.OfficerRequest),
    (models.OfficerHold, schemas.OfficerHold),
]


def test_the_documented_script_runs_with_the_client_alone(
    person: Company, serving: Serving, token_for: TokenFor, tmp_path: Path
) -> None:
    """No other folder of Open Book exists, as for someone who copied only `api_client/`."""
    ada = person("ada@example.com")
    put(ada)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(ROOT / "api_client", elsewhere / "api_client", ignore=shutil.ignore_patterns("__pycache__"))
    script = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "api-client.md").read_text(), flags=re.DOTALL)
    assert script is not None
    (elsewhere / "my_data.py").write_text(script[1])
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPENBOOK_", "PYTHON"))}
    address = serving(worker=True)
    done = subprocess.run(
        [sys.executable, "my_data.py"],
        cwd=elsewhere,
        env=environment | {"OPEN_BOOK_URL": address, "OPEN_BOOK_TOKEN": token_for(ada)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{len(CAPTURES)} records are held about Ada" in done.stdout
    (export,) = elsewhere.glob("open-book-export-*.zip")
    with zipfile.ZipFile(export) as archive:
        manifest = orjson.loads(archive.read("manifest.json"))["statement"]
        asked = orjson.loads(archive.read("requests.json"))
    assert manifest["counts"]["captures"]["catalogued"] == len(CAPTURES)
    assert [request["state"] for request in asked] == ["in_progress"]
    whole = export.read_bytes()
    (tmp_path / "again.zip.part").write_bytes(whole[:10_000])
    with GovernanceClient(address, token_for(ada)) as client:
        assert client.download_export(asked[0]["id"], tmp_path / "again.zip").read_bytes() == whole
        with client.stream_export(asked[0]["id"], byte_range="bytes=-5") as stream:
            assert (stream.status, b"".join(stream.chunks())) == (206, whole[-5:])


def test_every_answer_is_decoded(person: Company, serving: Serving, token_for: TokenFor) -> None:
    ada, eve = person("ada@example.com"), person("eve@example.com")
    olga = person("olga@example.com", role="privacy_officer")
    put(ada)
    address = serving(worker=False)
    with GovernanceClient(address, token_for(ada)) as client:
        assert (client.me().name, client.me().subject) == ("Ada", ada.subject)
        assert client.summary().captures == len(CAPTURES)
        captures = list(client.captures(page_size=2))
        assert [capture.content for capture in captures] == [capture.get("content") for capture in CAPTURES]
        typed = Scope(signals=["keystroke", "scroll"], from_at=captures[3].captured_at)
        assert [capture.signal for capture in client.captures(typed)] == ["keystroke", "keystroke"]
        [result] = client.search.every("hyperlink", typed, limit=1)
        assert (result.capture.signal, [match.field for match in result.matches]) == ("keystroke", ["text"])
        assert client.search.page("nothing like it", masked=True).results == ()
        assert client.models() == ()
        assert sum(entry.events for entry in client.retention().upcoming) == len(CAPTURES)
        assert client.preview("erasure", typed).events == 2
        with pytest.raises(Invalid, match="signals"):
            client.file_request("export", Scope(signals=["telepathy"]))

        filed = client.file_request("export", typed, idempotency_key="once")
        assert client.file_request("export", typed, idempotency_key="once") == filed
        with pytest.raises(AlreadyOpen) as refused:
            client.file_request("export", typed)
        assert refused.value.request_id == filed.id
        listed = client.requests()
        assert ([request.id for request in listed], listed.total) == ([filed.id], 1)
        later = dataclasses.asdict(client.request(filed.id))
        assert dataclasses.asdict(filed) == later | {"acknowledgement": filed.acknowledgement}
        assert filed.acknowledgement
        assert orjson.loads(client.acknowledgement(filed.id))["statement"] == filed.acknowledgement["statement"]
        with GovernanceClient(address, token_for(olga)) as office:
            assert [request.id for request in office.officer.requests()] == [filed.id]
            assert office.officer.decide(filed.id, "extend", "complex").extended
            hold = office.officer.place_hold(
                "ada@example.com", case="TAX-7", exception="gdpr_17_3_b", review_on=date(2099, 1, 1), scope=None
            )
            assert office.officer.holds() == (hold,)
            assert office.officer.lift_hold(hold.hold).lifted_at is not None
        with pytest.raises(Forbidden):
            client.officer.holds()
        assert client.access_log(limit=1).total == 5
        assert client.notes() == ()
        assert client.ledger.mine().seen is None
        assert client.ledger.inclusion_proof(0, 1).size == 1
        assert client.ledger.consistency_proof(1, 2).head.size == 2
        assert (filed.state, filed.ended, filed.export) == ("received", False, None)
        with pytest.raises(Conflict):
            client.stream_export(filed.id)
        with GovernanceClient(address, token_for(eve)) as somebody_else, pytest.raises(NotFound):
            somebody_else.request(filed.id)
        assert client.withdraw(filed.id).state == "withdrawn"
        assert client.receipt(filed.id).startswith(b"{")
        assert client.wait(filed.id).ended
        with pytest.raises(NotFound):
            client.request(uuid4())
    with GovernanceClient(address, "no token") as client, pytest.raises(Unauthorized, match="Sign in again"):
        client.me()
    with GovernanceClient(address, token_for("a-stranger")) as client, pytest.raises(Forbidden):
        client.me()


@pytest.mark.parametrize(("model", "answer"), ANSWERS, ids=lambda kind: kind.__name__)
def test_client_models_match_the_api(model: type, answer: type[schemas.Answer]) -> None:
    assert {field.name for field in dataclasses.fields(model)} == set(answer.model_fields)
    for name, hint in typing.get_type_hints(model).items():
        may_be_null = type(None) in typing.get_args(answer.model_fields[name].annotation)
        assert (type(None) in typing.get_args(hint)) == may_be_null, name
