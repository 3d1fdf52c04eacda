"""A tiny OIDC issuer for tests: it serves a discovery document and a JWKS over HTTP, and signs tokens.

Real keys, real signatures, real HTTP; only the sign-in page is missing.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

import clock


@cache
def first_key() -> RSAKey:
    """The first key of every issuer; generated once, because that takes long."""
    return RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


OF_OTHERS: list[tuple[dict[str, Any], str]] = [
    ({"iss": "http://localhost:1"}, "issued by somebody else"),
    ({"iss": None}, "issued by somebody else"),
    ({"aud": "payroll"}, "for another application"),
    ({"aud": ["payroll", "open-book-admin"]}, "for another application"),
    ({"aud": None}, "for another application"),
]
"""Claims of tokens that are by or for somebody else, and why they are refused."""


class Issuer:
    """`url` is the `iss` of its tokens. `published` are the keys in its JWKS; `signing` signs."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests = 0
        self.signing: RSAKey | ECKey = first_key()
        self.published: list[RSAKey | ECKey] = [self.signing]

    def rotate(self) -> None:
        """Sign with a new key from now on; the old one is withdrawn."""
        self.signing = RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})
        self.published = [self.signing]

    def claims_for(self, sub: str, /, **overrides: Any) -> dict[str, Any]:
        """Claims of a good access token; an override of None removes the claim."""
        now = int(clock.now().timestamp())
        claims = {"iss": self.url, "aud": "open-book", "sub": sub, "iat": now, "exp": now + 3600, **overrides}
        return {name: value for name, value in claims.items() if value is not None}

    def logout_token(self, typ: str | None = "logout+jwt", **overrides: Any) -> str:
        """A signed logout token; it names no one unless `sub` or `sid` is given."""
        now = int(clock.now().timestamp())
        events: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}
        claims = {"iss": self.url, "aud": "open-book", "iat": now, "exp": now + 120, "jti": f"notice {next(_numbers)}"}
        claims |= {"events": events, **overrides}
        header = {"alg": "RS256", "kid": self.signing.kid, **({"typ": typ} if typ else {})}
        return jwt.encode(header, {name: value for name, value in claims.items() if value is not None}, self.signing)

    def event(self, typ: str | None = "secevent+jwt", **overrides: Any) -> str:
        """A signed security event token: "session revoked"."""
        now = int(clock.now().timestamp())
        events: dict[str, Any] = {"https://schemas.openid.net/secevent/caep/event-type/session-revoked": {}}
        claims = {"iss": self.url, "aud": "open-book", "iat": now, "jti": f"event {next(_numbers)}", "events": events}
        header = {"alg": "RS256", "kid": self.signing.kid, **({"typ": typ} if typ else {})}
        given = {name: value for name, value in {**claims, **overrides}.items() if value is not None}
        return jwt.encode(header, given, self.signing)

    def token_for(self, sub: str, /, **overrides: Any) -> str:
        """A signed access token of `sub`."""
        algorithm = "ES256" if isinstance(self.signing, ECKey) else "RS256"
        return jwt.encode(
            {"alg": algorithm, "kid": self.signing.kid},
            self.claims_for(sub, **overrides),
            self.signing,
            algorithms=["RS256", "ES256"],
        )

    def document(self, path: str) -> dict[str, Any] | None:
        self.requests += 1
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": f"{self.url}/jwks.json"}
        if path == "/jwks.json":
            return dict(KeySet(list(self.published)).as_dict(private=False))
        return None


_numbers = itertools.count(1)


@contextmanager
def serving_issuer(host: str = "localhost") -> Iterator[Issuer]:
    """An issuer on a free port of a host, until the block ends.

    Its address is its own, even if an earlier one had the same port: what is known of that one's keys doesn't count.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = issuer.document(self.path.removeprefix(path))
            body = json.dumps(document).encode()
            self.send_response(200 if document is not None else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer((host, 0), Handler) as server:
        path = f"/issuer-{next(_numbers)}"
        issuer = Issuer(f"http://{host}:{server.server_port}{path}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
