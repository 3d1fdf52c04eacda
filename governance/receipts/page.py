"""A receipt as a page for people: one file that loads nothing and runs nothing, and prints well.

Jinja escapes every value; a content security policy that allows only this page's own style backs that up.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from governance.domain.moments import parse_moment
from governance.receipts.statement import NOT_RECORDED
from languages import mark
from languages.saying import Said, current, moment, shown, t
from law import limits
from verifier import NEVER_PROVEN, Checkpoint

TYPES = {
    "export": mark("an export of what this register holds about you"),
    "erasure": mark("deletion"),
    "objection": mark("that none of your data is used for training"),
    "restriction": mark("that what is held is kept, but not used"),
    "rectification": mark("that your note is shown with what was captured"),
    "masking": mark("that your name is masked in records of others that mention you"),
}
STATES = {
    "completed": mark("It was completed."),
    "partially_completed": mark("It was completed in part; what had to be kept is listed below."),
    "denied": mark("It was denied."),
    "withdrawn": mark("You withdrew it."),
}
MODEL_STATES = {
    "never_included": mark("never included"),
    "made_before": mark("finished before the first of these records, as its runs reported"),
    "excluded_before_training": mark("left out before training"),
    "excluded_from_next_run": mark("left out of the next training"),
    "retrain_scheduled": mark("a retraining without it is planned"),
    "retrained_without": mark("retrained without it"),
    "retained_in_weights": mark("what it learned is still in it"),
    "model_retired": mark("no longer in use"),
}

SAID_TOO_MUCH = "read something else under that name"
WHAT_IS_KNOWN = mark(
    "Where it says that a run “read something else under that name”: that was more than was known when this receipt "
    "was signed. The ledger had the list of that dataset only after the run began, so nothing shows that the run read "
    "this list, and nothing shows that it read something else."
)

STORES = {"captures": mark("records")}
"""What people call a store, where that is not its name."""

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _moment(value: Any) -> str:
    try:
        return shown(moment(parse_moment(value)))
    except ValueError:
        return _cell(value)


def _day(value: Any) -> str:
    try:
        return current().day(date.fromisoformat(value))
    except (TypeError, ValueError):
        return _cell(value)


def _cell(value: Any) -> str:
    if value is None:
        return t("none")
    return current().number(value) if isinstance(value, int) else shown(str(value))


@pass_context
def _text(_: Context, text: str, **values: object) -> str:
    """With the context, Jinja doesn't compute it once for all."""
    return t(text, **values)


_environment.filters |= {"moment": _moment, "day": _day, "cell": _cell, "t": _text, "shown": shown}
_template = _environment.get_template("page.html")
_style = re.search(
    r"<style>(.*?)</style>", (Path(__file__).parent / "page.html").read_text(encoding="utf-8"), re.DOTALL
)
assert _style is not None
_STYLE_HASH = base64.b64encode(hashlib.sha256(_style.group(1).encode()).digest()).decode()

POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def render(document: Mapping[str, Any], name: str, models: Mapping[str, Said] | None = None) -> str:
    """The page of a fetched receipt. `name`: the reader's. `models`: sentences about models that can be translated."""
    stated = document["statement"]
    ledger = document["ledger"]
    return _template.render(
        lang=current().code,
        name=name,
        receipt=stated,
        scope=_scope(stated["scope"]),
        asked=shown(TYPES.get(stated["type"], stated["type"])),
        state=shown(STATES.get(stated["state"], stated["state"])),
        model_states=MODEL_STATES,
        model_words=models or {},
        stores=STORES,
        said_too_much=WHAT_IS_KNOWN if SAID_TOO_MUCH in json.dumps(stated.get("models")) else None,
        not_recorded=NOT_RECORDED,
        key=document["key"],
        signature=document["signature"],
        index=ledger["index"] if ledger else None,
        checkpoint=Checkpoint.parse(ledger["head"]["checkpoint"]) if ledger else None,
        in_ledger_from=document.get("in_ledger_from"),
        before_objection=limits.BEFORE_OBJECTION,
        never_proven=NEVER_PROVEN,
        issued_at=stated["at"],
    )


def _scope(scope: Mapping[str, Any]) -> str:
    listed = current().listed
    parts = [
        listed([shown(signal.replace("_", " ")) for signal in scope["signals"]]) if scope.get("signals") else "",
        t("in {applications}", applications=listed(scope["applications"])) if scope.get("applications") else "",
        t("from {time}", time=_moment(scope["from"])) if scope.get("from") else "",
        t("until {time}", time=_moment(scope["until"])) if scope.get("until") else "",
    ]
    return ", ".join(part for part in parts if part) or t("everything")
