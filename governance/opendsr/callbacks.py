"""Notifying controllers of each change of their requests, at the addresses that they gave and that we allow.

Notifications follow the history of the request, so no change is left out, however quick: one signed POST for each entry
that changes the OpenDSR status. A failed one is retried, after five seconds at first and then less and less often, at
least every hour, for about four days. An address that our list no longer allows is not called.
"""

from __future__ import annotations

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

import clock
from governance.db.database import due, reading, writing
from governance.db.tables import EventRow
from governance.domain.lifecycle import State
from governance.opendsr import outbound, partners, signing
from governance.opendsr.messages import Callback
from governance.opendsr.partners import Controller
from governance.opendsr.statuses import STATUSES, status_of
from governance.requests.controller_tables import CallbackRow, ControllerRequestRow
from governance.requests.retries import LONGEST_PAUSE, pause_after

logger = logging.getLogger("governance")

AT_MOST = 100
AT_ONCE = 100

NOTHING_AFTER = (State.COMPLETED, State.DENIED, State.WITHDRAWN)


def send_due() -> None:
    """Send the callbacks that are due."""
    controllers = partners.load().controllers
    to_tell = (
        select(CallbackRow.id, ControllerRequestRow.controller)
        .join(ControllerRequestRow, ControllerRequestRow.request_id == CallbackRow.request_id)
        .where(
            CallbackRow.ended_at.is_(None),
            due(CallbackRow.retry_at, LONGEST_PAUSE),
            select(EventRow.id)
            .where(EventRow.request_id == CallbackRow.request_id, EventRow.id > CallbackRow.told_event)
            .exists(),
        )
        .limit(AT_ONCE)
    )
    with reading() as session:
        waiting = [(row.id, row.controller) for row in session.execute(to_tell)]
    for callback_id, domain in waiting:
        while _send_next(callback_id, controllers.get(domain)):
            pass


def _send_next(callback_id: int, controller: Controller | None) -> bool:
    """Send the next change, if there is one; returns whether there may be another."""
    with writing() as session:
        row = session.get_one(CallbackRow, callback_id)
        if controller is None or not controller.may_be_called_at(row.url):
            row.ended_at = clock.now_utc()
            return False
        event = _next(session, row)
        if event is None:
            return False
        message = _message(session, row, controller, event).model_dump_json(exclude_none=True).encode()
    is_sent = _post(row.url, message, controller.domain)
    with writing() as session:
        row = session.get_one(CallbackRow, callback_id)
        if is_sent:
            row.told_event, row.told_status = event.id, str(STATUSES[State(event.state)])
            row.attempts, row.retry_at = 0, None
            if State(event.state) in NOTHING_AFTER:
                row.ended_at = clock.now_utc()
        else:
            row.attempts += 1
            row.retry_at = clock.now_utc() + pause_after(row.attempts)
            if row.attempts >= AT_MOST:
                row.ended_at = clock.now_utc()
                logger.error("giving up on calling %s back after %d failures", controller.domain, row.attempts)
    return is_sent and row.ended_at is None


def _next(session: Session, row: CallbackRow) -> EventRow | None:
    """The next entry of the history that changes the status; others are skipped."""
    later = select(EventRow).where(EventRow.request_id == row.request_id, EventRow.id > row.told_event)
    for event in session.scalars(later.order_by(EventRow.id)):
        if STATUSES[State(event.state)] not in (None, row.told_status):
            return event
        row.told_event = event.id
    return None


def _message(session: Session, row: CallbackRow, controller: Controller, event: EventRow) -> Callback:
    now = status_of(controller, session.get_one(ControllerRequestRow, row.request_id))
    status = STATUSES[State(event.state)]
    if now.request_status != status:  # the request has moved on: its current details did not apply then
        now = now.model_copy(update={"request_status": status, "results_url": None, "extensions": None})
    return Callback(**dict(now), status_callback_url=row.url)


def _post(url: str, message: bytes, domain: str) -> bool:
    try:
        answer = outbound.call("POST", url, signing.sign_message("POST", url, message), message)
    except outbound.Unreachable:
        return False
    if not 200 <= answer.status < 300:
        logger.warning("%s answered a callback with %d", domain, answer.status)
        return False
    return True
