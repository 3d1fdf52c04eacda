"""AWS Signature Version 4 for calls without a body, for what obstore has no call for.

The canonical request, the string to sign and the signing key are those of "Create a signed AWS API request" (AWS
General Reference), for the service `s3`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlsplit

EMPTY = hashlib.sha256(b"").hexdigest()


def query_string(query: Mapping[str, str]) -> str:
    """In the order and encoding that is signed."""
    return "&".join(f"{quote(name, safe='-_.~')}={quote(query[name], safe='-_.~')}" for name in sorted(query))


def headers(
    method: str, url: str, query: Mapping[str, str], *, region: str, key_id: str, secret: str, now: datetime
) -> dict[str, str]:
    """The headers of a call of `url?query_string(query)`; `url` is percent-encoded, `now` is UTC."""
    parts = urlsplit(url)
    time, day = f"{now:%Y%m%dT%H%M%SZ}", f"{now:%Y%m%d}"
    signed = {"host": parts.netloc, "x-amz-content-sha256": EMPTY, "x-amz-date": time}
    names = ";".join(signed)
    lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
    canonical = "\n".join((method, parts.path or "/", query_string(query), lines, names, EMPTY))  # step 1
    scope = f"{day}/{region}/s3/aws4_request"
    to_sign = "\n".join(("AWS4-HMAC-SHA256", time, scope, hashlib.sha256(canonical.encode()).hexdigest()))  # 2, 3
    key = f"AWS4{secret}".encode()
    for part in (day, region, "s3", "aws4_request"):  # step 4
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    authorization = f"AWS4-HMAC-SHA256 Credential={key_id}/{scope},SignedHeaders={names},Signature={signature}"
    return {**signed, "authorization": authorization}
