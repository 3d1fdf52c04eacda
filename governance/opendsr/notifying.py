"""Notifying processors of an erasure, as the controller, and storing their answers.

Each processor on our list is notified under an id of its own, which stays the same for repeated notices. As long as one
of them has not acknowledged, the step fails, visible to the person, and is retried; those that have acknowledged are
not notified again. An acknowledgement is enough to complete the request; `governance.opendsr.processor_status` tracks
what follows. A legal hold keeps our captures, which are the evidence; processors erase their copies.

From an acknowledgement we store its contents, its SHA-256 and the signature over that, but not the identity that it
repeats. So that no one can guess that identity from the SHA-256, our message contains a salt that only our key can
reproduce.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import lazyload

import clock
from governance.db.database import reading, writing
from governance.db.tables import RequestRow
from governance.domain.moments import format_moment, parse_moment
from governance.opendsr import identities, notices, outbound, partners, signing
from governance.opendsr.messages import API_VERSION, ErrorAnswer, Received
from governance.opendsr.notices import TO_BE_NOTIFIED, NoticeState
from governance.opendsr.partners import Processor
from governance.opendsr.tables import ProcessorNoticeRow
from governance.requests.progress import Postponed, PostponedSome, add
from governance.requests.retries import pause_after
from languages import mark
from law.regimes import regime

logger = logging.getLogger("governance")

QUIET = timedelta(seconds=4)
_unreachable: dict[str, datetime] = {}
"""When a processor was last unreachable, so that many erasures don't wait for it one after another."""


class NotAcknowledged(Exception):
    """It answered, but not in a way that we can rely on; the message says why, for the person."""


@dataclass(frozen=True)
class Acknowledgement:
    """A processor's signed 201, parsed."""

    received: Received
    answer: outbound.Answer


def notify(*request_ids: UUID) -> None:
    """Notify every processor that has not acknowledged yet. Raises Postponed; PostponedSome if one could not be
    notified."""
    try:
        listed = partners.load().processors
    except partners.InvalidPartners as error:
        logger.error("%s", error)
        raise Postponed(mark("The list of companies that hold copies can't be used just now.")) from error
    with writing() as session:
        for row in session.scalars(select(RequestRow).where(RequestRow.id.in_(request_ids)).options(lazyload("*"))):
            if "processors" not in (row.outcome or {}):
                add(row, processors=[])
    missing = {request_id: _missing(request_id, listed) for request_id in request_ids} if listed else {}
    if any(missing.values()):
        raise PostponedSome({request_id: " ".join(words) for request_id, words in missing.items() if words})


def _missing(request_id: UUID, listed: Mapping[str, Processor]) -> list[str]:
    """Notifies the processors of one erasure; what is missing then, in words."""
    missing = []
    for notice in notices.prepare(request_id, listed):
        if notice.state in TO_BE_NOTIFIED:
            why = _notify(listed[notice.domain], notice)
            missing += [f"{notice.domain} could not be asked to erase its copies: {why}."] if why else []
    return missing


def _notify(processor: Processor, notice: ProcessorNoticeRow) -> str | None:
    """Notify one processor and record the outcome; returns why it has to be repeated, if it has."""
    why = None
    acknowledgement = None
    try:
        body = _body(processor, notice)
        if body is None:
            state = NoticeState.NOT_TOLD
        else:
            acknowledgement = _acknowledgement(processor, body, _post(processor, body))
            state = NoticeState.ACKNOWLEDGED if acknowledgement else NoticeState.NOT_KNOWN
    except outbound.Unreachable as error:
        state, why = NoticeState.UNREACHABLE, str(error)
    except NotAcknowledged as error:
        state, why = NoticeState.TOLD, str(error)
    except signing.UnusableKey as error:
        logger.error("%s", error)
        state, why = NoticeState.UNREACHABLE, "our own signature can't be created just now"
    with writing() as session:
        row = session.get_one(ProcessorNoticeRow, notice.subject_request_id)
        row.attempts += why is not None
        if acknowledgement:
            row.acknowledged_at = clock.now_utc()
            row.acknowledgement = _kept(acknowledgement)
            row.ask_at = clock.now_utc() + pause_after(1)
        notices.change(session, row, state)
    return why


def _body(processor: Processor, notice: ProcessorNoticeRow) -> bytes | None:
    """The notice to the processor, the same each time; None if it can't be notified."""
    with reading() as session:
        request = session.get_one(RequestRow, notice.request_id)
    if request.scope and not processor.understands_scope:
        return None
    try:
        identity = identities.identity_for(processor, request.subject)
    except identities.NoIdentity:
        return None
    regulation = regime(request.regime).opendsr
    if regulation is None:
        return None
    extension: dict[str, Any] = {"salt": signing.unguessable(f"opendsr {notice.subject_request_id}")}
    if request.scope:
        extension["scope"] = request.scope
    message = {
        "api_version": API_VERSION,
        "regulation": regulation,
        "subject_request_id": str(notice.subject_request_id),
        "subject_request_type": "erasure",
        "submitted_time": format_moment(parse_moment(request.received_at)),
        "subject_identities": [identity.model_dump()],
        "status_callback_urls": [callback_url()],
        "extensions": {processor.domain: extension},
    }
    return orjson.dumps(message, option=orjson.OPT_SORT_KEYS)


def callback_url() -> str:
    return f"{signing.own_url()}/callbacks"


def headers_for(processor: Processor, signed: dict[str, str]) -> dict[str, str]:
    return {**signed, **({"Authorization": processor.authorization} if processor.authorization else {})}


def _post(processor: Processor, body: bytes) -> outbound.Answer:
    """Raises Unreachable, UnusableKey."""
    last = _unreachable.get(processor.url)
    if last is not None and abs(clock.now() - last) < QUIET:
        raise outbound.Unreachable("it can't be reached just now")
    headers = headers_for(processor, signing.sign_message("POST", f"{processor.domain}/requests", body))
    try:
        answer = outbound.call("POST", f"{processor.url}/requests", headers, body)
    except outbound.Unreachable:
        _unreachable[processor.url] = clock.now()
        raise
    _unreachable.pop(processor.url, None)
    return answer


def _acknowledgement(processor: Processor, body: bytes, answer: outbound.Answer) -> Acknowledgement | None:
    """The answer, if it is a signed answer to our notice; None: it doesn't know the person. Raises NotAcknowledged."""
    try:
        signing.verify(answer.headers, answer.body, {processor.domain: processor})
    except signing.NotVerified as error:
        logger.warning("%s answered %d, not verified: %s", processor.domain, answer.status, error)
        raise NotAcknowledged("its answer can't be verified") from error
    try:
        if answer.status == 400:
            refused = ErrorAnswer.model_validate_json(answer.body)
            if any((one.domain, one.reason) == ("subject_identities", "not_found") for one in refused.error.errors):
                return None
        if answer.status != 201:
            raise NotAcknowledged(f"it answered with the error {answer.status}")
        received = Received.model_validate_json(answer.body)
    except ValidationError as error:
        raise NotAcknowledged("its answer is not OpenDSR") from error
    ours = orjson.loads(body)["subject_request_id"]
    if received.subject_request_id != ours or base64.b64encode(body).decode() != received.encoded_request:
        raise NotAcknowledged("its answer is to something else")
    return Acknowledgement(received, answer)


def _kept(acknowledgement: Acknowledgement) -> dict[str, Any]:
    return {
        **acknowledgement.received.model_dump(mode="json", exclude={"encoded_request"}),
        "sha256": hashlib.sha256(acknowledgement.answer.body).hexdigest(),
        "signature": acknowledgement.answer.headers.get(signing.SIGNATURE.lower()),
        "signed_by": acknowledgement.answer.headers.get(signing.DOMAIN.lower()),
    }
