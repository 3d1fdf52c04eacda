"""The security events that were written, checked against the schema of OCSF."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

import security_events

CLASSES = {3001: "account_change", 3002: "authentication", 6003: "api_activity"}


def events_in(file: Path) -> list[dict[str, Any]]:
    """All of them, oldest first. Fails for one that OCSF doesn't allow."""
    events = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    for event in events:
        check(event)
    return events


def check(event: dict[str, Any]) -> None:
    faults = [f"{fault.instance_path}: {fault.message}" for fault in _validator(event["class_uid"]).iter_errors(event)]
    assert faults == [], event


@cache
def _validator(class_uid: int) -> Any:
    known = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=security_events.VERSION))
    return jsonschema_rs.validator_for(known.get_class_schema(class_name=CLASSES[class_uid], profiles=[]))
