"""Secrets that are easy to recognise, one in each setting that has one, and the search for them.

A secret is found in any form in which a program might have let it out: as it is, percent-encoded, in hex, or in base64,
also as part of something longer that was encoded as a whole, such as `user:password`.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

SPECIAL = "/+=&%:"
"""Characters that are percent-encoded in addresses, so that the encoded form differs."""


def forms(secret: bytes) -> set[bytes]:
    found = {secret, secret.hex().encode(), secret.hex().upper().encode()}
    if secret.isascii():
        text = secret.decode()
        found |= {quote(text, safe="").encode(), quote(text).encode(), quote_plus(text).encode()}
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + secret)
        inside = encoded[(before * 8 + 5) // 6 : len(encoded) - (4 if (before + len(secret)) % 3 else 0)]
        found |= {inside, inside.replace(b"+", b"-").replace(b"/", b"_")}
    return found


@dataclass
class Planted:
    """The secrets by name, the settings that have them, and what of the product has to be searched."""

    settings: dict[str, str]
    secrets: dict[str, bytes]
    said: list[tuple[str, bytes]] = field(default_factory=list)
    """What the product said: where, and the bytes."""

    def plant(self, name: str) -> str:
        """Another secret, which somebody sends."""
        made = f"planted-{secrets.token_urlsafe(12)}"
        self.secrets[name] = made.encode()
        return made

    def say(self, where: str, content: bytes) -> None:
        self.said.append((where, content))

    def found(self, places: Iterable[tuple[str, bytes]]) -> list[str]:
        """Which secrets are in which of the places."""
        looked_for = {name: forms(secret) for name, secret in self.secrets.items()}
        return [
            f"{name} in {where}"
            for where, content in places
            for name, spelled in looked_for.items()
            if any(form in content for form in spelled)
        ]


def plant(token: str, token_entry: str, mlflow: str) -> Planted:
    """`token`: a service token and its entry; `mlflow`: the host and port of a server."""
    keys = {name: secrets.token_bytes(32) for name in ("MASTER_KEY", "MASTER_KEY_PREVIOUS", "SIGNING_KEY")}
    texts = (
        "COOKIE_SECRET",
        "COOKIE_SECRET_PREVIOUS",
        "CLIENT_SECRET",
        "INTROSPECTION_SECRET",
        "MLFLOW_TOKEN",
        "MAIL_PASSWORD",
    )
    words = {name: f"{secrets.token_urlsafe(24)}{SPECIAL}{secrets.token_urlsafe(12)}" for name in texts}
    password, of_proxy, of_hook = (secrets.token_urlsafe(24) for _ in range(3))
    servers = f"http://{mlflow},private=http://reader:{password}@{mlflow}"
    proxy = f"http://someone:{of_proxy}@localhost:1"
    settings = {
        **{f"OPENBOOK_{name}": base64.b64encode(key).decode() for name, key in keys.items()},
        **{f"OPENBOOK_{name}": word for name, word in words.items()},
        "OPENBOOK_SERVICE_TOKENS": token_entry,
        "OPENBOOK_MLFLOW_SERVERS": servers,
        "OPENBOOK_DIGEST_WEBHOOKS": f"http://localhost:1/services/{of_hook}",
        "HTTP_PROXY": proxy,
        "NO_PROXY": "localhost,127.0.0.1",
    }
    hidden = {
        **keys,
        **{name: word.encode() for name, word in words.items()},
        "SERVICE_TOKENS": token.encode(),
        "MLFLOW_SERVERS": password.encode(),
        "HTTP_PROXY": of_proxy.encode(),
        "DIGEST_WEBHOOKS": of_hook.encode(),
    }
    return Planted(settings, hidden)


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """All files below a folder: the parts of a home, logs, databases with their write-ahead logs."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()


def command_lines() -> Iterator[tuple[str, bytes]]:
    """What everybody on this machine sees of each process."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            yield f"the command line of process {process.name}", (process / "cmdline").read_bytes()
        except OSError:
            continue  # it has ended
