"""Whatever a controller or processor signs, the answer is valid OpenDSR."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from pydantic import BaseModel
from schemathesis import GenerationMode
from starlette.testclient import TestClient

from governance.opendsr.messages import ErrorAnswer, Received
from tests.governance.opendsr.conftest import PARENT
from tests.governance.opendsr.partner import Partner, list_partners
from tests.support.people import Company

TRAINING = '[[processors]]\ndomain = "parent.example"\nurl = "https://parent.example"\ncertificate = "parent.pem"\n'


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize("path", ["/requests", "/callbacks"])
def test_signed_requests_get_valid_opendsr_answers(
    unknown: TestClient, parent: Partner, person: Company, home: Path, path: str, mode: GenerationMode
) -> None:
    person()
    list_partners(home / "governance", PARENT + TRAINING)
    document = schemathesis.openapi.from_asgi("/openapi.json", unknown.app)
    shapes: dict[int, type[BaseModel]] = {201: Received, 400: ErrorAnswer}

    @seed(1)
    @settings(
        max_examples=40, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(case=document[f"/opendsr/v2{path}"]["POST"].as_strategy(mode))
    def in_shape(case: schemathesis.Case[Any]) -> None:
        body = case.body
        answer = parent.post(unknown, body if isinstance(body, bytes) else json.dumps(body, default=str).encode())
        assert answer.status_code in shapes, answer.text
        shapes[answer.status_code].model_validate(answer.json())

    in_shape()
