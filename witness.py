"""Co-signs the heads of a ledger, and never two that contradict each other; for a works council or an authority.

    python witness.py init NAME                            make a key, once; prints it as a vkey
    python witness.py add LOG_KEY [--api URL]              watch the ledger with this key
    python witness.py follow [--every SECONDS]             fetch, check and co-sign its head, once or again and again
    python witness.py serve [--listen HOST:PORT]           answer logs and readers over HTTP

One file that needs Python 3.10 and `pip install cryptography`, and nothing else of Open Book. It shares no code with
the verifier either, so an error in one is not in both. Its memory is a folder (`--state`, default: here):

    witness.key       the private key
    KEYID.key         a watched ledger: its key and the address of its API
    KEYID.head        the newest head of it that this witness co-signed
    KEYID-N.evidence  a head that the ledger's key signed although it contradicts the newest one

The head is on disk before its signature is sent, and only this folder decides what is accepted, never what a server
says about the past. If the folder is lost, the key must not be used again: make a new witness.

What a signature means (C2SP tlog-cosignature, v1): of the heads that I have seen this is the largest; it continues all
of them; and the list of dataset versions to which it commits, if any, keeps every row that they committed to.
`serve` speaks C2SP tlog-witness (`POST /add-checkpoint`) and shows its heads at `GET /heads`.
"""

from __future__ import annotations

import argparse
import base64
import fcntl
import hashlib
import json
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR, socket
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG, WITNESS = 1, 4
"""Signature types of C2SP notes."""
DATASETS = "open-book/datasets/v1"
MOST_BODY = 64 * 1024
MOST_ANSWER = 64 << 20
MOST_PROOF = 63
MOST_EVIDENCE = 100
SECONDS = 30
"""For a call to a ledger, and for a caller of `serve` to send its request."""


class Refused(Exception):
    """This head is not co-signed. `status` is what C2SP tlog-witness answers then."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Conflict(Refused):
    """The caller's idea of the newest co-signed head is wrong; `size` is the right one."""

    def __init__(self, size: int) -> None:
        super().__init__(409, f"The newest head that was co-signed has {size} entries.")
        self.size = size


@dataclass(frozen=True)
class Key:
    """A C2SP verifier key: name+id+base64(type || public key)."""

    name: str
    type: int
    public: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.type]) + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Key:
        """Raises ValueError."""
        name, digest, encoded = text.strip().split("+", 2)
        data = base64.b64decode(encoded, validate=True)
        if not data:
            raise ValueError("not an Ed25519 verifier key")
        key = cls(name, data[0], data[1:])
        if key.id.hex() != digest or len(key.public) != 32 or key.type not in (LOG, WITNESS):
            raise ValueError("not an Ed25519 verifier key")
        return key


@dataclass(frozen=True)
class Head:
    """A checkpoint: the signed text, and what it says."""

    text: str
    signatures: tuple[tuple[str, bytes], ...]
    """Name, and key id with signature."""

    @property
    def origin(self) -> str:
        return self.text.split("\n")[0]

    @property
    def size(self) -> int:
        return int(self.text.split("\n")[1])

    @property
    def root(self) -> bytes:
        return base64.b64decode(self.text.split("\n")[2])

    @property
    def datasets(self) -> str | None:
        """The line that commits to the list of dataset versions."""
        return next((line for line in self.text.split("\n")[3:] if line.split(" ")[0] == DATASETS), None)

    @classmethod
    def parse(cls, note: str) -> Head:
        """Raises ValueError."""
        text, blank, below = note.rpartition("\n\n")
        lines = text.split("\n")
        if not blank or not below.endswith("\n") or not 3 <= len(lines) <= 20 or not all(map(str.isprintable, lines)):
            raise ValueError("not a checkpoint")
        if not re.fullmatch("0|[1-9][0-9]{0,17}", lines[1]) or not all(lines):
            raise ValueError("not a checkpoint")
        if base64.b64encode(root := base64.b64decode(lines[2], validate=True)).decode() != lines[2] or len(root) != 32:
            raise ValueError("not a root")
        signatures = []
        for line in below[:-1].split("\n"):
            dash, name, encoded = line.split(" ")
            if dash != "—" or len(data := base64.b64decode(encoded, validate=True)) < 5:
                raise ValueError("not a signature line")
            signatures.append((name, data))
        return cls(text + "\n", tuple(signatures))

    def signed_by(self, key: Key) -> bool:
        """Whether this key signed; a false signature in its name spoils the others."""
        own = [data[4:] for name, data in self.signatures if (name, data[:4]) == (key.name, key.id)]
        try:
            for signature in own:
                Ed25519PublicKey.from_public_bytes(key.public).verify(signature, self.text.encode())
        except InvalidSignature:
            return False
        return bool(own)


def extends(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `new` leaves begins with that of `old` leaves.

    The tree is split like RFC 6962, 2.1.2 makes the proof: at the largest power of two below its size.
    """
    if old == 0:
        return not proof
    left = list(proof)

    def pair(one: bytes, other: bytes) -> bytes:
        return hashlib.sha256(b"\1" + one + other).digest()

    def roots(within: int, size: int, whole: bool) -> tuple[bytes, bytes]:
        """The roots over the first `within` of these `size` leaves, and over all of them."""
        if within == size:
            known = old_root if whole else left.pop()
            return known, known
        half = 1 << ((size - 1).bit_length() - 1)
        other = left.pop()
        if within <= half:
            before, after = roots(within, half, whole)
            return before, pair(after, other)
        before, after = roots(within - half, size - half, False)
        return pair(other, before), pair(other, after)

    try:
        return roots(old, new, True) == (old_root, new_root) and not left
    except IndexError:
        return False


def list_line(rows: Sequence[tuple[str, str, int]]) -> str | None:
    """The line that commits to a list of dataset versions: version, root of the manifest, ledger entry."""
    if not rows:
        return None
    text = "".join(f"{version} {root} {index}\n" for version, root, index in rows)
    digest = hashlib.sha256(f"{DATASETS}\n{text}".encode()).digest()
    return f"{DATASETS} {len(rows)} {base64.b64encode(digest).decode()}"


def check_list(rows: Any, head: Head, before: Head | None) -> None:
    """The list is the one of the head, has each version once, and keeps every row that the older head had.

    Raises ValueError, Refused.
    """
    listed = [(str(version), str(root), int(index)) for version, root, index in rows or ()]
    versions = [version for version, _, _ in listed]
    if versions != sorted(set(versions)) or any(index >= head.size for _, _, index in listed):
        raise Refused(422, "The list of dataset versions is out of order.")
    if list_line(listed) != head.datasets:
        raise Refused(422, "The list of dataset versions is not the one that the checkpoint commits to.")
    if before and list_line([row for row in listed if row[2] < before.size]) != before.datasets:
        raise Refused(422, "The list of dataset versions was REWRITTEN: it lost or changed a row.")


@dataclass(frozen=True)
class Ledger:
    """A watched ledger."""

    key: Key
    api: str | None


class Witness:
    """The folder of a witness: its key, the ledgers that it watches, their heads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        name, _, secret = (folder / "witness.key").read_text(encoding="utf-8").strip().rpartition(" ")
        self._private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret))
        self.key = Key(name, WITNESS, self._private.public_key().public_bytes_raw())
        self._threads: dict[bytes, threading.Lock] = {}

    @classmethod
    def make(cls, folder: Path, name: str) -> Witness:
        """Raises FileExistsError."""
        if not name.isprintable() or re.search(r"[\s+]", name) or not name:
            raise ValueError("A name has no spaces and no +.")
        folder.mkdir(parents=True, exist_ok=True)
        secret = base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()
        file = os.open(folder / "witness.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as written:
            written.write(f"{name} {secret}\n")
        return cls(folder)

    def add(self, key: Key, api: str | None) -> None:
        """Watch a ledger, from its beginning. Raises FileExistsError, ValueError."""
        if api is not None and urlsplit(api).scheme not in ("http", "https"):
            raise ValueError("The address of the API must begin with http:// or https://.")
        with self._alone(key):
            path = self._path(key, "key")
            if path.exists():
                raise FileExistsError(f"{key} is watched already.")
            if not self._path(key, "head").exists():  # whatever was seen before is never forgotten
                write(self._path(key, "head"), "")
            write(path, f"{key}\n{api or ''}\n")

    def ledgers(self) -> list[Ledger]:
        found = [path.read_text(encoding="utf-8").split("\n") for path in sorted(self.folder.glob("*.key"))]
        return [Ledger(Key.parse(key), api or None) for key, api, *_ in (lines for lines in found if len(lines) > 2)]

    def newest(self, key: Key) -> Head | None:
        """The newest co-signed head of a ledger. Raises Refused if it was forgotten."""
        try:
            note = self._path(key, "head").read_text(encoding="utf-8")
        except FileNotFoundError:
            raise Refused(
                503, "What this witness has seen is lost, so it could contradict itself. Make a new witness."
            ) from None
        return Head.parse(note) if note else None

    def note(self, key: Key) -> str | None:
        """The newest co-signed head of a ledger with its signature and ours, now."""
        head = self.newest(key)
        return None if head is None else signed_note(head, key) + self._signature(head)

    def cosign(
        self,
        ledger: Ledger,
        note: str,
        proof: Sequence[bytes],
        *,
        old: int | None = None,
        listed: Callable[[], Any] | None = None,
    ) -> str:
        """The signature line for a head, which is remembered first. `proof`: that it continues the newest one.

        `old`: the size from which the caller says that the proof starts. `listed`: fetches the list of dataset
        versions; without it, a head with another list is refused. Raises Refused, ValueError.
        """
        head = Head.parse(note)
        if head.origin != ledger.key.name or not head.signed_by(ledger.key):
            raise Refused(403, "The ledger's key did not sign this.")
        if old is not None and old > head.size:
            raise Refused(400, "The proof starts after its end.")
        with self._alone(ledger.key):
            before = self.newest(ledger.key)
            size = before.size if before else 0
            if before and head.size == size and head.text != before.text:
                self._keep_evidence(ledger.key, head, before, MOST_EVIDENCE)
                raise Refused(422, "The ledger was FORKED: its key signed two heads of one size.")
            if old is not None and old != size:
                raise Conflict(size)
            if head.size < size:
                raise Refused(409, f"This head has {head.size} entries; one with {size} was co-signed.")
            if before is None or head.size > size:
                self._check_growth(ledger, before, head, proof)
                self._check_list(ledger.key, before, head, listed)
                write(self._path(ledger.key, "head"), signed_note(head, ledger.key))
            elif proof:
                raise Refused(422, "Between two equal sizes there is nothing to prove.")
            return self._signature(head)

    def _check_growth(self, ledger: Ledger, before: Head | None, head: Head, proof: Sequence[bytes]) -> None:
        if head.size == 0 and head.root != hashlib.sha256(b"").digest():
            raise Refused(422, "A ledger without entries has another root.")
        if before is None and proof:
            raise Refused(422, "Before the first head there is nothing to prove.")
        if before and not extends(before.size, before.root, head.size, head.root, proof):
            self._keep_evidence(ledger.key, head, before, room_for(ledger, before, head))
            raise Refused(422, f"The ledger was REWRITTEN, or the proof is wrong: it had {before.size} entries before.")

    def _check_list(self, key: Key, before: Head | None, head: Head, listed: Callable[[], Any] | None) -> None:
        if head.datasets == (before.datasets if before else None):
            return
        if listed is None:
            raise Refused(422, "The list of dataset versions changed, and there is no address to fetch it from.")
        rows = listed()
        try:
            check_list(rows, head, before)
        except Refused:
            if before:
                self._keep_evidence(key, head, before, MOST_EVIDENCE)
            raise

    def _signature(self, head: Head) -> str:
        now = int(time.time())
        signature = self._private.sign(f"cosignature/v1\ntime {now}\n{head.text}".encode())
        return f"— {self.key.name} {base64.b64encode(self.key.id + now.to_bytes(8, 'big') + signature).decode()}\n"

    def _keep_evidence(self, key: Key, head: Head, before: Head, most: int) -> None:
        """Keep a head that was refused, and the one that it contradicts, each pair once."""
        kept = sorted(self.folder.glob(f"{key.id.hex()}-*.evidence"))
        pairs = ((_kept(path), _kept(path.with_suffix(".contradicted"))) for path in kept)
        if len(kept) >= most or (head.text, before.text) in pairs:
            return
        number = len(kept) + 1
        write(self._path(key, "contradicted", f"-{number}"), signed_note(before, key))
        write(self._path(key, "evidence", f"-{number}"), signed_note(head, key))

    def _path(self, key: Key, kind: str, which: str = "") -> Path:
        return self.folder / f"{key.id.hex()}{which}.{kind}"

    @contextmanager
    def _alone(self, key: Key) -> Iterator[None]:
        """Only one thread of one process decides about a ledger at a time; a slow ledger holds up no other."""
        with self._threads.setdefault(key.id, threading.Lock()), self._path(key, "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _kept(path: Path) -> str | None:
    """The text of a head in a file of evidence, if there is one."""
    return Head.parse(path.read_text(encoding="utf-8")).text if path.exists() else None


def signed_note(head: Head, key: Key) -> str:
    """A head with the signatures of this key alone."""
    own = [(name, data) for name, data in head.signatures if data[:4] == key.id]
    return head.text + "\n" + "".join(f"— {name} {base64.b64encode(data).decode()}\n" for name, data in own)


def write(path: Path, text: str) -> None:
    """Replace a file so that it holds the text, whole and on disk, before this returns."""
    draft = path.with_name(path.name + ".draft")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def fetch(url: str, data: bytes | None = None) -> str:
    """The answer to a GET, or to a POST of this text, within SECONDS. Raises OSError, ValueError, HTTPException."""
    address = urlsplit(url)
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = kind(address.netloc, timeout=SECONDS)
    started = time.monotonic()
    try:
        connection.connect()
        left = max(0, started + SECONDS - time.monotonic())
        # A slow server sends a byte before each timeout. The connection forgets its socket before the body is read.
        deadline = threading.Timer(left, _hang_up, [connection.sock])
        deadline.start()
        try:
            path = address._replace(scheme="", netloc="").geturl()
            connection.request("GET" if data is None else "POST", path, data, {"Content-Type": "text/plain"})
            with connection.getresponse() as answer:
                body = answer.read(MOST_ANSWER + 1)
            if time.monotonic() >= started + SECONDS:
                raise TimeoutError("it is too slow")
        finally:
            deadline.cancel()
    finally:
        connection.close()
    if answer.status != HTTPStatus.OK or len(body) > MOST_ANSWER:
        raise ValueError(f"it answers {answer.status}")
    return body.decode()


def _hang_up(open_socket: socket) -> None:
    with suppress(OSError):
        open_socket.shutdown(SHUT_RDWR)


def document(text: str) -> Any:
    """Raises ValueError."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("its answer is nested too deeply") from error


def proof_since(head: Any, size: int) -> list[bytes]:
    """From the answer of a ledger: the proof that its head continues the one of that size; none if it has none."""
    proofs = [link["proof"] for link in head["earlier"] if link["size"] == size]
    return [bytes.fromhex(each) for each in (proofs[0] if proofs else ())]


def room_for(ledger: Ledger, before: Head, head: Head) -> int:
    """A head with a wrong proof is kept as evidence if there are fewer pairs than this.

    Anyone can send an honest head with a wrong proof, which is no evidence. So the ledger is asked for the right proof,
    which it can't have if it was rewritten. If it can't be asked, half of the places are left to contradictions."""
    if ledger.api is None:
        return MOST_EVIDENCE // 2
    try:
        url = f"{ledger.api}/v1/ledger/consistency?from={before.size}&to={head.size}"
        proof = proof_since(document(fetch(url))["head"], before.size)
    except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError):
        return MOST_EVIDENCE // 2
    return 0 if extends(before.size, before.root, head.size, head.root, proof) else MOST_EVIDENCE


def follow(witness: Witness, ledger: Ledger) -> str:
    """Co-sign the current head of a ledger and give it the signature. Raises Refused, ValueError, KeyError, OSError."""
    before = witness.newest(ledger.key)
    since = before.size if before else 0
    head = document(fetch(f"{ledger.api}/v1/ledger/consistency?from={since}"))["head"]
    line = witness.cosign(ledger, head["checkpoint"], proof_since(head, since), listed=lambda: head.get("datasets"))
    try:
        fetch(f"{ledger.api}/v1/ledger/cosignatures", (head["checkpoint"] + line).encode())
    except (OSError, HTTPException, ValueError) as error:
        raise ValueError(f"it did not take the signature ({error}). Does its operator know {witness.key}?") from error
    return f"{ledger.key.name}: co-signed {Head.parse(head['checkpoint']).size} entries"


def answering(witness: Witness) -> type[BaseHTTPRequestHandler]:
    """The HTTP interface."""

    class Handler(BaseHTTPRequestHandler):
        timeout = SECONDS
        server_version, sys_version = "witness", ""

        def do_GET(self) -> None:
            if self.path != "/heads":
                self._answer(404, "Heads are at /heads.\n")
                return
            try:
                notes = [note for each in witness.ledgers() if (note := witness.note(each.key))]
            except Refused as error:
                self._answer(error.status, f"{error}\n")
            else:
                self._answer(200, json.dumps({"witness": str(witness.key), "heads": notes}), "application/json")

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != "/add-checkpoint":
                self._answer(404, "Heads are taken at /add-checkpoint.\n")
            elif not re.fullmatch("[0-9]{1,9}", length) or int(length) > MOST_BODY:
                self._answer(413, f"At most {MOST_BODY} bytes, with Content-Length.\n")
            else:
                self._add(self.rfile.read(int(length)))

        def _add(self, body: bytes) -> None:
            try:
                self._answer(200, add_checkpoint(witness, body))
            except Conflict as error:
                self._answer(409, f"{error.size}\n", "text/x.tlog.size")
            except Refused as error:
                self._answer(error.status, f"{error}\n")
            except (ValueError, TypeError):
                self._answer(400, "This is not a request to add a checkpoint.\n")

        def _answer(self, status: int, text: str, kind: str = "text/plain; charset=utf-8") -> None:
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Callers are not logged."""

    return Handler


def add_checkpoint(witness: Witness, body: bytes) -> str:
    """C2SP tlog-witness, add-checkpoint: the signature line. Raises Refused, ValueError."""
    asked, blank, note = body.decode().partition("\n\n")
    first, *lines = asked.split("\n")
    if not blank or len(lines) > MOST_PROOF or not (old := re.fullmatch("old (0|[1-9][0-9]{0,17})", first)):
        raise ValueError("not an old size, a proof and a checkpoint")
    proof = [base64.b64decode(line, validate=True) for line in lines]
    if any(len(each) != 32 for each in proof):
        raise ValueError("not hashes")
    head = Head.parse(note)
    of_origin = [each for each in witness.ledgers() if each.key.name == head.origin]
    if not of_origin:
        raise Refused(404, "This ledger is not watched.")
    signed = [each for each in of_origin if head.signed_by(each.key)]
    if not signed:
        raise Refused(403, "The ledger's key did not sign this.")
    ledger = signed[0]

    def listed() -> Any:
        try:
            url = f"{ledger.api}/v1/ledger/consistency?from={head.size}&to={head.size}"
            return document(fetch(url))["head"]["datasets"]
        except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused(503, "The list of dataset versions can't be fetched.") from error

    return witness.cosign(ledger, note, proof, old=int(old[1]), listed=listed if ledger.api else None)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="witness", description="Co-signs the heads of a ledger")
    parser.add_argument("--state", type=Path, default=Path(), help="the witness's folder")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("init", help="make a key").add_argument("name")
    adding = commands.add_parser("add", help="watch a ledger")
    adding.add_argument("log_key", help="its vkey, from another source than its server")
    adding.add_argument("--api", help="the address of Open Book's API")
    following = commands.add_parser("follow", help="fetch, check and co-sign")
    following.add_argument("--every", type=float, help="seconds between two rounds; default: one round")
    serving = commands.add_parser("serve", help="answer over HTTP")
    serving.add_argument("--listen", default="localhost:8700")
    given = parser.parse_args(arguments)
    try:
        if given.command == "init":
            print("Witness key:", Witness.make(given.state, given.name).key)
            return 0
        witness = Witness(given.state)
        if given.command == "add":
            witness.add(Key.parse(given.log_key), given.api and given.api.rstrip("/"))
            return 0
    except (OSError, ValueError) as error:
        print(f"Nothing was done: {error}", file=sys.stderr)
        return 2
    if given.command == "serve":
        address = urlsplit(f"//{given.listen}")
        with ThreadingHTTPServer((address.hostname or "localhost", address.port or 0), answering(witness)) as server:
            print(f"http://{server.server_name}:{server.server_port}", flush=True)
            server.serve_forever()
    if not (followed := [ledger for ledger in witness.ledgers() if ledger.api]):
        print("Nothing is watched: add a ledger with --api first.", file=sys.stderr)
        return 2
    while True:
        worst = max(_round(witness, ledger) for ledger in followed)
        if not given.every:
            return worst
        time.sleep(given.every)


def complain(text: str) -> None:
    """Print what may quote a server, without what would steer the terminal."""
    print("".join(each if each.isprintable() else "?" for each in text), file=sys.stderr, flush=True)


def _round(witness: Witness, ledger: Ledger) -> int:
    """Follow a ledger once: 0 if its head is co-signed, 1 if it was refused, 2 if it could not be asked."""
    try:
        print(follow(witness, ledger), flush=True)
    except Refused as error:
        complain(f"{ledger.key.name}: REFUSED. {error}")
        return 1
    except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError) as error:
        kind = "" if type(error) is ValueError else f"{type(error).__name__}: "
        complain(f"{ledger.key.name}: its server can't be used: {kind}{error}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
