"""What a bucket is asked before erased rows are called gone from it: whether it keeps versions, and which uploads in
parts never ended. obstore has no calls for that. Whoever may not ask calls nothing gone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import unescape

import outgoing
from lake.storage.objects.prefix import CALL_SECONDS, NAME, KeepsVersions, Location, OtherHome
from lake.storage.objects.signature_v4 import headers, query_string
from parts import OutOfReach, PartUnavailable

LARGEST = 4 << 20
STATUS = re.compile(rb"<Status>\s*(Enabled|Suspended)\s*</Status>")
UPLOAD = re.compile(rb"<Upload>.*?</Upload>", re.DOTALL)
KEY, UPLOAD_ID = re.compile(rb"<Key>(.*?)</Key>", re.DOTALL), re.compile(rb"<UploadId>(.*?)</UploadId>", re.DOTALL)


class MayNotAsk(PartUnavailable):
    retry_after = 600

    def __init__(self, status: int) -> None:
        super().__init__(
            f"{NAME} doesn't say whether it keeps versions, or which uploads never ended (answer {status}). Nothing "
            "is called deleted. The people who run Open Book must allow s3:GetBucketVersioning, "
            "s3:ListBucketMultipartUploads and s3:AbortMultipartUpload, or use a service that knows these calls "
            "(docs/several-machines.md)."
        )


def require_no_versions(of: Location) -> None:
    """Raises KeepsVersions if the bucket keeps versions, or did before: some may be left. Raises PartUnavailable."""
    if STATUS.search(_ask(of, "GET", "", {"versioning": ""})):
        raise KeepsVersions


def end_uploads(of: Location, area: str) -> None:
    """End all uploads in parts below an area, and delete what they brought. Nobody else may be writing there. Raises
    PartUnavailable.
    """
    start = "/".join((*filter(None, (urlsplit(of.url).path.strip("/"), area)), ""))
    while uploads := UPLOAD.findall(_ask(of, "GET", "", {"uploads": "", "prefix": start})):
        for upload in uploads:
            key, upload_id = (_first(pattern, upload) for pattern in (KEY, UPLOAD_ID))
            if not key.startswith(start):
                raise MayNotAsk(200)
            _ask(of, "DELETE", key, {"uploadId": upload_id}, gone_is_fine=True)


def _ask(of: Location, method: str, key: str, query: dict[str, str], *, gone_is_fine: bool = False) -> bytes:
    region = of.region or "us-east-1"
    server = (of.endpoint or f"https://s3.{region}.amazonaws.com").rstrip("/")
    bucket = urlsplit(of.url).hostname or ""
    url = f"{server}/{bucket}" + (f"/{quote(key, safe='/-_.~')}" if key else "")
    signed = headers(method, url, query, region=region, key_id=of.key_id, secret=of.secret, now=datetime.now(UTC))
    try:
        with outgoing.call(
            method, f"{url}?{query_string(query)}", signed, largest=LARGEST, silence=CALL_SECONDS, seconds=CALL_SECONDS
        ) as answer:
            status, content = answer.status, answer.read()
    except outgoing.CallFailed:
        raise OutOfReach(NAME) from None
    if status == 404 and gone_is_fine:
        return b""
    if status == 404:
        raise OtherHome
    if status == 429 or status in (500, 502, 503, 504):
        raise OutOfReach(NAME)
    if status not in (200, 204):
        raise MayNotAsk(status)
    return content


def _first(pattern: re.Pattern[bytes], text: bytes) -> str:
    found = pattern.search(text)
    return unescape(found[1].decode()) if found else ""
