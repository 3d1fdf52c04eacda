"""The progress of processors that acknowledged an erasure: by polling them, and from their callbacks.

Either way, a status counts only if they signed it, and a final status is final: later ones change nothing. We poll
after five seconds, then less and less often, at least every hour, for half a year.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError
from sqlalchemy import select

import clock
from governance.db.database import due, reading, writing
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State
from governance.ledger import trusted_time
from governance.opendsr import notices, outbound, partners, signing
from governance.opendsr.errors import BadRequest
from governance.opendsr.messages import Callback, Status
from governance.opendsr.notices import NoticeState
from governance.opendsr.notifying import callback_url, headers_for
from governance.opendsr.partners import Processor
from governance.opendsr.serving import faults_of
from governance.opendsr.tables import ProcessorNoticeRow
from governance.requests.filing import note
from governance.requests.retries import LONGEST_PAUSE, pause_after

logger = logging.getLogger("governance")

FOR = timedelta(days=180)
AT_ONCE = 100

ENDS = {"completed": NoticeState.COMPLETED, "cancelled": NoticeState.CANCELLED}
IN_PART = "{domain} says that it erased part of its copies and must keep the rest for now."
KNOWN_STATES = frozenset(State)


def poll_due() -> None:
    """Poll the processors that are due."""
    listed = partners.load().processors
    to_ask = (
        select(ProcessorNoticeRow)
        .where(ProcessorNoticeRow.ask_at.is_not(None), due(ProcessorNoticeRow.ask_at, LONGEST_PAUSE))
        .where(ProcessorNoticeRow.domain.in_(listed))
        .order_by(ProcessorNoticeRow.ask_at)
        .limit(AT_ONCE)
    )
    with reading() as session:
        waiting = list(session.scalars(to_ask))
    for notice in waiting:
        _ask(listed[notice.domain], notice.subject_request_id)


def receive_callback(processor: Processor, body: bytes) -> None:
    """Process a callback whose signature was verified. Raises BadRequest."""
    try:
        callback = Callback.model_validate(orjson.loads(body))
        subject_request_id = UUID(callback.subject_request_id)
    except ValidationError as error:
        raise BadRequest("This is not an OpenDSR callback; see `errors`.", *faults_of(error)) from error
    except ValueError as error:
        raise BadRequest("This is not an OpenDSR callback.") from error
    if callback.status_callback_url != callback_url():
        raise BadRequest("This callback is for someone else.")
    with reading() as session:
        notice = session.get(ProcessorNoticeRow, subject_request_id)
    if notice is None or notice.domain != processor.domain:
        raise BadRequest("We have sent you no such request.")
    _take_in(processor, subject_request_id, callback)


def _ask(processor: Processor, subject_request_id: UUID) -> None:
    path = f"/requests/{subject_request_id}"
    try:
        signed = signing.sign_call("GET", f"{processor.domain}{path}")
        answer = outbound.call("GET", f"{processor.url}{path}", headers_for(processor, signed))
        signing.verify(answer.headers, answer.body, {processor.domain: processor})
        status = Status.model_validate_json(answer.body) if answer.status == 200 else None
    except (outbound.Unreachable, signing.NotVerified, ValidationError) as error:
        logger.warning("polling %s failed: %s", processor.domain, type(error).__name__)
        status = None
    with reading() as session:
        notice = session.get_one(ProcessorNoticeRow, subject_request_id)
    since = notice.acknowledged_at or notice.changed_at
    given_up = clock.now_utc() - since > FOR and trusted_time.allows("giving up on processors")
    with writing() as session:
        notice = session.get_one(ProcessorNoticeRow, subject_request_id)
        notice.asked += 1
        notice.ask_at = None if given_up else clock.now_utc() + pause_after(notice.asked + 1)
    if status is not None and status.subject_request_id == str(subject_request_id):
        _take_in(processor, subject_request_id, status)


def _take_in(processor: Processor, subject_request_id: UUID, status: Status) -> None:
    """A partial erasure is not final: the rest may follow."""
    kept = _kept(processor, status)
    with writing() as session:
        notice = session.get_one(ProcessorNoticeRow, subject_request_id)
        if notice.state in ENDS.values():
            return
        before, notice.status = notice.status, kept
        if kept.get("state") == State.PARTIALLY_COMPLETED:
            if before is None or before.get("state") != kept["state"]:
                note(session.get_one(RequestRow, notice.request_id), IN_PART.format(domain=notice.domain))
        elif status.request_status in ENDS:
            notice.ask_at = None
            notices.change(session, notice, ENDS[status.request_status])


def _kept(processor: Processor, status: Status) -> dict[str, Any]:
    """Codes and times only; their texts don't appear on our pages."""
    said = (status.extensions or {}).get(processor.domain, {}).get("state")
    kept = status.model_dump(mode="json", include={"request_status", "expected_completion_time"})
    return {**kept, "state": said} if isinstance(said, str) and said in KNOWN_STATES else kept
