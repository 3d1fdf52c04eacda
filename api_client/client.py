"""The client: one method for each thing that a person can do with the governance API."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx

from api_client.decoding import decode
from api_client.errors import Conflict, NotFound, NotReady, StillOpen
from api_client.exports import ExportStream, save, why_not_ready
from api_client.ledger import Ledger
from api_client.listing import USUAL_PAGE, Listing, fetch_page
from api_client.models import (
    AccessLog,
    Area,
    Capture,
    CapturePage,
    DatasetRead,
    FiledRequest,
    Lineage,
    ListedRequest,
    Me,
    NewAccessor,
    Note,
    OwnModel,
    PossibleAccess,
    Preview,
    Programme,
    Request,
    Retention,
    Scope,
    Summary,
    Violation,
)
from api_client.notifications import Notifications
from api_client.officer import Officer
from api_client.recording import Recordings
from api_client.saved_views import SavedViews
from api_client.searching import Search
from api_client.sending import Retries, Sender, http_client, json_of

Item = TypeVar("Item")


class GovernanceClient:
    """The governance API, as the person to whom `token` belongs.

    `search` finds words in your records; `officer` has a privacy officer's calls; `ledger`, `recording`, `views` and
    `notifications` those about the ledger, pauses, saved views and what you are told.

    Every method may raise TransportError (no answer), a StatusError (the API refused) or UnexpectedAnswer. Not
    thread-safe, because `token` may be your own function; create one client per thread.
    """

    def __init__(
        self,
        base_url: str,
        token: str | Callable[[], str],
        *,
        timeout: float = 30.0,
        retries: Retries | None = None,
        language: str | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`token`: an access token, or a function that returns it. `timeout`: seconds without data until a call is
        aborted. `language`: of the sentences in answers, as in `Accept-Language`; English by default. `transport`: how
        httpx reaches the API (a proxy, a test)."""
        headers = {"Accept": "application/json"} | ({"Accept-Language": language} if language else {})
        self._http = http_client(base_url, timeout, transport, headers)
        self._sender = Sender(self._http, token, retries or Retries())
        self.officer = Officer(self._sender)
        self.ledger = Ledger(self._sender)
        self.recording = Recordings(self._sender)
        self.notifications = Notifications(self._sender)
        self.search = Search(self._sender)
        self.views = SavedViews(self._sender)

    def me(self) -> Me:
        """Your identity according to the API."""
        return decode(Me, self._get("/v1/me"))

    def summary(self) -> Summary:
        """What is held about you, in numbers."""
        return decode(Summary, self._get("/v1/me/summary"))

    def captures(self, scope: Scope | None = None, *, page_size: int = 1000) -> Iterator[Capture]:
        """All your records in the scope, oldest first, fetched page by page while you iterate."""
        wanted = (scope or Scope()).as_json()
        lists = {"signal": wanted.pop("signals", None), "application": wanted.pop("applications", None)}
        params = {name: value for name, value in (lists | wanted | {"limit": page_size}).items() if value is not None}
        while True:
            page = decode(CapturePage, self._get("/v1/me/captures", params))
            yield from page.captures
            if page.next is None:
                return
            params = {**params, "cursor": page.next}

    def models(self, *, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[OwnModel]:
        """The model versions, best-proven first: what of yours each was trained on, how certain that is, and its state
        with regard to what you withdrew. This and the other lists are paginated (at most 100 entries per page):
        `every(client.models)` iterates over all.
        """
        return self._page(OwnModel, "/v1/me/models", offset, limit)

    def model_datasets(
        self, model_version: UUID | str, *, offset: int = 0, limit: int = USUAL_PAGE
    ) -> Listing[DatasetRead]:
        """Every dataset version that a model version was trained on, those with a manifest first. Raises NotFound."""
        return self._page(DatasetRead, f"/v1/me/models/{_quoted(model_version)}/datasets", offset, limit)

    def lineage(self) -> Lineage:
        """The same as a graph: your records, datasets, runs, model versions, where those are in use."""
        return decode(Lineage, self._get("/v1/me/lineage"))

    def violations(self, *, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[Violation]:
        """Runs that used your records without permission, newest first."""
        return self._page(Violation, "/v1/me/violations", offset, limit)

    def retention(self, *, offset: int = 0, limit: int = 1000) -> Retention:
        """What will be deleted when, what was deleted, and what is held back from deletion."""
        return decode(Retention, self._get("/v1/me/retention", {"offset": offset, "limit": limit}))

    def notes(self, *, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[Note]:
        """Your notes in force, from the rectifications that you filed."""
        return self._page(Note, "/v1/me/notes", offset, limit)

    def access_log(
        self,
        *,
        from_at: datetime | None = None,
        until_at: datetime | None = None,
        offset: int = 0,
        limit: int = 100,
        by: str = "anyone",
    ) -> AccessLog:
        """Who or what else read your data, newest first; at most 1000 entries per page. `by`: "open_book"
        for its own work, in which nobody sees anything, "others" for everything else.
        """
        span = Scope(from_at=from_at, until_at=until_at).as_json()
        which = {} if by == "anyone" else {"by": by}
        return decode(AccessLog, self._get("/v1/me/access-log", span | {"offset": offset, "limit": limit} | which))

    def possible_access(self) -> PossibleAccess:
        """Who could see your data, and whether your employer's other systems report who does."""
        return decode(PossibleAccess, self._get("/v1/me/possible-access"))

    def area(self) -> Area:
        """What was published about the people below you. Raises Forbidden if there are none."""
        return decode(Area, self._get("/v1/area"))

    def programme(self) -> Programme:
        """What was published about the whole company."""
        return decode(Programme, self._get("/v1/programme"))

    def preview(self, kind: str, scope: Scope | None = None, *, zone: str = "UTC") -> Preview:
        """What a request of this kind (see `file_request`) would do, by days of an IANA zone. Changes nothing."""
        body = {"type": kind, "scope": (scope or Scope()).as_json(), "zone": zone}
        return decode(Preview, json_of(self._sender.send("POST", "/v1/requests/preview", json=body)))

    def file_request(
        self,
        kind: str,
        scope: Scope | None = None,
        *,
        note: str | None = None,
        share_note: bool = False,
        wait_a_day: bool = False,
        idempotency_key: str | None = None,
    ) -> FiledRequest:
        """File a request (without a scope, for everything); it is processed automatically. Keep the acknowledgement.

        `kind`: "export"; "erasure"; "objection" (no training on it); "restriction" (keep it, but do not use it);
        "masking" (your name in records of others; no scope); "rectification", with a `note` to be read with them; the
        officer who decides may read it only if you `share_note`. An erasure can `wait_a_day`: see `starts_at`.

        It is filed once, however often it has to be sent. Pass your own `idempotency_key` to make that hold across a
        restart of your program. Raises AlreadyOpen, with the id, if the same request is already open.
        """
        body: dict[str, Any] = {"type": kind, "scope": (scope or Scope()).as_json()}
        if note is not None:
            body["note"] = note
        if share_note:
            body["share_note"] = True
        if wait_a_day:
            body["wait_a_day"] = True
        headers = {"Idempotency-Key": idempotency_key or str(uuid4())}
        return decode(FiledRequest, json_of(self._sender.send("POST", "/v1/requests", json=body, headers=headers)))

    def requests(self, *, offset: int = 0, limit: int = USUAL_PAGE) -> Listing[ListedRequest]:
        """Your requests, newest first, including past ones, without their outcomes: see `request`."""
        return self._page(ListedRequest, "/v1/requests", offset, limit)

    def request(self, request_id: UUID | str) -> Request:
        """One of your requests. Raises NotFound."""
        return decode(Request, self._get(_path(request_id)))

    def share_note(self, request_id: UUID | str, *, shared: bool) -> Request:
        """Let the privacy officer who decides read your note, or no longer. Raises Conflict once it is decided."""
        path = f"{_path(request_id)}/note-sharing"
        return decode(Request, json_of(self._sender.send("PUT", path, json={"shared": shared})))

    def withdraw(self, request_id: UUID | str) -> Request:
        """Withdraw a request, or end one that is in force. Raises Conflict once work on it has begun."""
        try:
            return decode(Request, json_of(self._sender.send("DELETE", _path(request_id))))
        except Conflict:
            # It may already be withdrawn, by a call of ours whose answer was lost.
            request = self.request(request_id)
            if request.state != "withdrawn":
                raise
            return request

    def wait(self, request_id: UUID | str, *, timeout: float = 3600.0, poll: float = 1.0) -> Request:
        """The request once it has ended. `timeout` and `poll` are in seconds; polling slows down to ten times `poll`.
        Raises StillOpen.
        """
        until = time.monotonic() + timeout
        pause = poll
        while not (request := self.request(request_id)).ended:
            if time.monotonic() + pause > until:
                raise StillOpen(f"Request {request.id} is {request.state} and is due on {request.due_on:%d %B %Y}.")
            self._sender.sleep(pause)
            pause = min(pause * 1.5, poll * 10)
        return request

    def stream_export(
        self, request_id: UUID | str, *, byte_range: str | None = None, if_range: str | None = None
    ) -> ExportStream:
        """The ZIP of an export request, unverified, to pass on as it arrives: all of it, or the part selected by the
        values of `Range` and `If-Range`. Raises NotFound, Conflict, Gone, and StatusError (416) for a range that
        doesn't exist.
        """
        return self._stream(request_id, byte_range, if_range)

    def download_export(self, request_id: UUID | str, path: Path | str) -> Path:
        """Download the ZIP of an export request to a file (or to a folder, with a default name).

        It gets its name only if its size and SHA-256 match what the API says about this export; only you can read it.
        An interrupted download is resumed, also by the next call of this method (from `….part`). Returns its path.
        Raises NotReady, DamagedDownload, OSError.
        """
        request = self.request(request_id)
        if request.export is None or not request.export.available:
            raise NotReady(why_not_ready(request))
        target = Path(path)
        if target.is_dir():
            target /= f"open-book-export-{request.id}.zip"
        export = request.export
        fetch = partial(self._stream, request.id, repeatable=False)
        return self._sender.repeat(lambda: save(export, target, fetch))

    def register(self) -> bytes:
        """The proof that you are in the register of people, with one address and one subject: a file for the verifier.
        Raises NotFound if you are not in it yet."""
        return self._sender.send("GET", "/v1/me/register").content

    def new_accessors(self) -> tuple[NewAccessor, ...]:
        """Kinds of accessor that read your data for the first time in the last two weeks, the latest first."""
        return tuple(decode(NewAccessor, each) for each in self._get("/v1/me/new-accessors"))

    def picture(self, capture_id: UUID | str, *, small: bool = False) -> bytes:
        """The picture of a screenshot of yours, as WebP; `small`: at most 320 pixels. Raises NotFound."""
        params = {"size": "thumbnail"} if small else None
        return self._sender.send("GET", f"/v1/me/captures/{_quoted(capture_id)}/picture", params=params).content

    def access_log_proof(self) -> bytes:
        """Your access log as the ledger has it: a file to keep. Raises NotFound if it isn't in the ledger yet."""
        return self._sender.send("GET", "/v1/me/access-log/proof").content

    def acknowledgement(self, request_id: UUID | str) -> bytes:
        """The signed proof that you filed a request, when, and until when it must be answered: a file for the verifier.
        Raises NotFound, Gone."""
        return self._sender.send("GET", f"{_path(request_id)}/acknowledgement").content

    def receipt(self, request_id: UUID | str, number: int | None = None) -> bytes:
        """A signed receipt of a request: keep the exact bytes. Default: the newest. Raises NotFound, Conflict."""
        params = {} if number is None else {"number": number}
        return self._sender.send("GET", f"{_path(request_id)}/receipt", params=params).content

    def receipt_page(self, request_id: UUID | str, number: int | None = None) -> str:
        """The same receipt as an HTML page for people."""
        params = {} if number is None else {"number": number}
        html = {"Accept": "text/html"}
        return self._sender.send("GET", f"{_path(request_id)}/receipt.html", params=params, headers=html).text

    def download_receipt(self, request_id: UUID | str, path: Path | str, number: int | None = None) -> Path:
        """Save a receipt to a file (or to a folder, with a default name), as returned by `receipt`. Returns its path.
        Raises NotReady, OSError."""
        try:
            receipt = self.receipt(request_id, number)
        except (NotFound, Conflict) as error:
            raise NotReady(f"Request {request_id} has no such receipt: {error.detail}") from error
        target = Path(path)
        if target.is_dir():
            target /= f"open-book-receipt-{request_id}{'' if number is None else f'-{number}'}.json"
        target.write_bytes(receipt)
        return target

    def membership(self, dataset_version: UUID | str) -> bytes:
        """The proof which of your records are in a dataset version: keep the exact bytes, which the verifier reads.
        Raises NotFound, and Conflict until the ledger has the dataset version."""
        return self._sender.send("GET", f"/v1/me/datasets/{_quoted(dataset_version)}/proof").content

    def leaves(self, dataset_version: UUID | str) -> bytes:
        """All leaves of the manifest of a dataset version, for the verifier's `--leaves`. Raises NotFound."""
        return self._sender.send("GET", f"/v1/datasets/{_quoted(dataset_version)}/leaves").content

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        return json_of(self._sender.send("GET", path, params=params))

    def _page(self, kind: type[Item], path: str, offset: int, limit: int) -> Listing[Item]:
        return fetch_page(self._sender, kind, path, offset=offset, limit=limit)

    def _stream(
        self, request_id: UUID | str, byte_range: str | None, if_range: str | None, *, repeatable: bool = True
    ) -> ExportStream:
        headers = {"Accept": "application/zip", "Accept-Encoding": "identity"}
        if byte_range is not None:
            headers["Range"] = byte_range
            headers |= {"If-Range": if_range} if if_range is not None else {}
        path = f"{_path(request_id)}/export"
        return ExportStream(self._sender.send("GET", path, repeatable=repeatable, stream=True, headers=headers))


def _path(request_id: UUID | str) -> str:
    return f"/v1/requests/{_quoted(request_id)}"


def _quoted(key: UUID | str) -> str:
    return quote(str(key), safe="")
