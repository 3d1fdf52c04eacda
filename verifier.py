"""Checks, without trusting anyone, what Open Book signed: a receipt, an export, a proof that you are or are not in a
dataset version, a proof that the ledger only grew, a checkpoint.

    python verifier.py FILE [--key VKEY] [--witness VKEY] [--checkpoint OLDER] [--leaves LEAVES]
                            [--register REGISTER] [--acknowledgement ACKNOWLEDGEMENT] [--earlier EARLIER]
                            [--compare OTHER …]

One file that needs Python 3.10 and `pip install cryptography`: no network, and nothing else of Open Book. It says
what is proven and what is not. Its exit status is 0 if everything in the file holds and a key that you gave signed
it, 3 if it holds and you gave no key, so that anyone may have signed it, or nobody did, or it is not in the ledger yet,
or you gave an older checkpoint to which it has no link, 1 if something is refused, 2 if the file can't be read or
nothing could be compared.

    ledger       a Merkle tree (RFC 9162, 2.1) of commitments; commitment = SHA-256(salt || canonical statement)
    canonical    JSON as in RFC 8785, without fractions, which we never sign
    checkpoint   C2SP tlog-checkpoint: origin, size and root of the tree, as a note signed with Ed25519; an extension
                 line commits to the list of dataset versions: each one, the root of its manifest, its ledger entry
    cosignature  C2SP tlog-cosignature (v1): a witness saw this head, and never one that contradicts it
    acknowledgement
                 what was asked, when, and until when it must be answered; signed when a request is filed
    receipt      a statement; a signature over its format, a line break and the statement; and the proof that the
                 ledger contains it. The ledger gets its entries in batches: until then there is only the signature
    export       a ZIP; its manifest.json is signed like a receipt and names size and SHA-256 of every other file
    membership   that a dataset version holds certain slices of a person and no others, or none (their leaf in the tree
                 of its manifest), that it listed them with slices that were erased since (the leaf alone), or that they
                 have no leaf (the two adjacent leaves around their place); its root is in the ledger
    register     that a person is in the register of people, with one address and one subject; or all its leaves
    access log   who looked at a person's data: entries in a chain, whose end one day's anchor in the ledger commits to
    key changes  which key follows which: each one signed the name of the next
    leaves       all leaves of a manifest, which anyone may fetch: only with them is it certain that they are in order

The result is a value or one of these errors:
    Unreadable   not a known kind of file, or a part of it is missing or damaged
    Refused      something does not match; `fault` names what, the message describes it

To add a kind of proof, add a function to CHECKS, under the `format` of its files.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import TextIOWrapper
from itertools import permutations
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

RECEIPT = "open-book/receipt/v1"
CONSISTENCY = "open-book/consistency/v1"
EXPORT = "open-book/export/v1"
MANIFEST = "open-book/manifest/v1"  # a leaf for each person of whom something is listed
MANIFEST_OF_ALL = "open-book/manifest/v2"  # a leaf for each person in the directory, whatever is listed of them
MEMBERSHIP = "open-book/membership/v1"
LEAVES = "open-book/leaves/v1"
ACKNOWLEDGEMENT = "open-book/acknowledgement/v1"
REGISTER = "open-book/register/v1"
REGISTER_LEAVES = "open-book/register-leaves/v1"
ACCESS_LOG = "open-book/access-log/v1"
KEY_CHANGE = "open-book/key-change/v1"
KEY_CHANGES = "open-book/key-changes/v1"
DATASETS = "open-book/datasets/v1"
WITHOUT_HEAD = (EXPORT, LEAVES, KEY_CHANGES)  # files in which nothing of the ledger is shown
SLICE = {"day", "signal", "application", "events", "digest"}
TLOG_PROOF = "c2sp.org/tlog-proof@v1"
ED25519, COSIGNATURE, ML_DSA = 1, 4, 6  # signature types of C2SP notes
PUBLIC = {ED25519: 32, COSIGNATURE: 32, ML_DSA: 1312}  # bytes of a public key
SALT = 32
LARGEST = 2**53 - 1  # RFC 8785 writes whole numbers up to here
MOST_SIGNATURES = 100
MOST_EXTENSIONS = 16
MOST_MANIFEST = 16 << 20
DESCRIPTORS = (0, 12, 16, 20, 24)  # bytes that a ZIP may have after the content of a file whose size came late
UNICODE_PATH = 0x7075  # an extra field of a ZIP that gives a file a second name

FAULTS = {
    "key": "The key in this file is not the one that was used to sign it: the key was replaced or altered.",
    "untrusted key": "This was signed with another key than the one you trust. Either it is forged, or the "
    "key was replaced and you gave only one of the two: then give both, --key twice. /v1/ledger/key-changes, checked "
    "with the older key, names the newer one.",
    "key change": "A key in this file was not named by the key before it: the change was altered or made up.",
    "statement": "The statement was altered after it was signed: neither the signature nor the ledger matches it.",
    "signature": "The signature is not by this key over this statement. The statement is the one in the ledger; "
    "the signature was altered.",
    "commitment": "The salt and the statement do not give the commitment in this file: salt or commitment were altered "
    "or belong to another entry.",
    "inclusion": "The inclusion proof does not lead from this entry to the checkpoint: the proof or the entry's index "
    "was altered, or the ledger does not contain this statement.",
    "checkpoint size": "The checkpoint gives another size of the ledger than the proof. One of them was altered.",
    "checkpoint root": "The checkpoint has another root than the proof leads to. One of them was altered.",
    "checkpoint origin": "The checkpoint belongs to another ledger than the key.",
    "checkpoint signature": "The checkpoint is not signed by this key: its text or its signature was altered.",
    "witness": "No witness that you trust has signed this; or what the witness signed was altered.",
    "consistency": "The proof that the ledger only grew leads elsewhere: it was altered, or the ledger was rewritten. "
    "Fetch it again; if the error stays, keep the file.",
    "older checkpoint signature": "The older checkpoint is not signed by this key. Is it of the same ledger?",
    "older checkpoint": "The ledger was REWRITTEN: it does not continue the older checkpoint. Keep both files: "
    "together, the two signatures prove it.",
    "older of another key": "This does not continue the older checkpoint, which another of your keys signed: it is of "
    "another ledger, or the ledger was rewritten when its key was changed. In that case, keep both files.",
    "older is larger": "The older checkpoint has more entries, and another of your keys signed it. Is this file the "
    "older one? Then swap the two. If not, entries may have been removed when the key was changed: keep both files.",
    "ledger shrank": "The older checkpoint has more entries than this one. If this file is the newer one, entries "
    "were removed from the ledger: keep both files, they prove it. Otherwise swap the two.",
    "manifest": "The manifest of this export was altered after it was signed, or its signature was.",
    "no manifest": "The export has no manifest.json: it was removed, so nothing in the export can be checked.",
    "file altered": "A file of this export is not the one that was signed: ",
    "file missing": "A file that was signed is missing from this export: ",
    "file added": "A file was added to this export after it was signed: ",
    "not only files": "This ZIP contains more than its files: something was added before, between or after them. "
    "Other programs may show it instead of what was signed.",
    "counts": "The counts in the manifest don't add up: listed must be whole + in part + left out. Signed like this: ",
    "datasets": "The list of dataset versions is not the one that the checkpoint commits to: a row was altered, added, "
    "removed, is out of order, or is there twice.",
    "datasets rewritten": "The list of dataset versions was REWRITTEN: it does not contain what the older checkpoint "
    "committed to. Keep both files: together, the two signatures prove it.",
    "not the listed root": "The list of dataset versions has another manifest for this dataset version, or another "
    "entry, or none: this proof is about a manifest that others are not shown.",
    "list left out": "The checkpoint commits to a list of dataset versions, and this file leaves the list out: it may "
    "have another manifest for this dataset version. Fetch the proof again; if the list stays away, keep the file.",
    "not public": "The ledger's entry has a salt, so others could not find it. Entries of this kind are public.",
    "register statement": "The ledger's entry is about something else, or has another number of leaves.",
    "not in the register": "Your address and subject with this salt are not at this place of the register: a part of "
    "the file was altered, or it is somebody else's.",
    "register leaves": "These are not the leaves of this register: one was altered, added or removed, is out of order, "
    "or is there twice.",
    "access log statement": "The ledger's entry is about something else, or about another day.",
    "access log entries": "The entries in this file do not lead to the log that was anchored: entries were REMOVED OR "
    "CHANGED since, or the file was altered. Fetch it again; if the error stays, keep it, and the ones you saved.",
    "not in the access logs": "This log is not among those that were anchored that day: it was changed since, or a "
    "part of the file was altered. Fetch it again; if the error stays, keep it, and the ones you saved.",
    "log of another": "The two access logs are of two different people.",
    "access log rewritten": "The access log was REWRITTEN: it does not continue the one that you saved. Entries were "
    "removed or changed. Keep both files: together with the ledger they prove it.",
    "two roots": "Two of these files have DIFFERENT MANIFESTS of one dataset version, both from one key: different "
    "people are shown different truths. Keep both files: together, they prove it.",
    "register of another": "The register file is about another person than the proof: their subjects differ.",
    "register too small": "The manifest has more leaves than a register that is newer. People are never removed from "
    "the directory, so somebody in the manifest was hidden from the register. Keep both files.",
    "manifest too small": "The manifest has fewer leaves than a register that is older. People are never removed from "
    "the directory, so somebody was left out of the manifest. Keep both files.",
    "forked": "The ledger was FORKED: two of these files are of different ledgers with one key. Keep all files: "
    "together, their signatures prove it.",
    "another request": "The acknowledgement and the receipt are about two different requests.",
    "request changed": "The receipt is not about the request as it was acknowledged: its type, scope, note, time of "
    "receipt or first deadline differs. Keep both files: together, the two signatures prove it.",
    "manifest root": "The root of the manifest does not follow from its tree and its number of people: one of them was "
    "altered, or belongs to another dataset version.",
    "dataset statement": "The ledger's entry is about another dataset version, or another manifest of it.",
    "slices": "The slices are not in order, or one is listed twice: they were altered.",
    "presence": "Your slices don't lead to the root of the manifest: a slice was altered, added or removed, or the "
    "proof was, or they are somebody else's.",
    "neighbour": "One of the two neighbours is not in the manifest: it was altered, or its proof was.",
    "not neighbours": "The two named leaves are not adjacent in the manifest: someone could be between them.",
    "not between": "You don't belong between the two named leaves: your place in the manifest is elsewhere.",
    "named as neighbour": "One of the two neighbours is you: you are in this dataset version.",
    "not empty": "The manifest claims to be empty, but its root is not that of an empty one.",
    "leaves": "This list of leaves does not belong to the manifest: a leaf was altered, added or removed, or it is the "
    "list of another dataset version.",
    "leaves out of order": "The leaves of the manifest are not in order, or one is there twice: someone could be "
    "hidden in it. It was made like this; keep both files.",
    "hidden in the leaves": "The proof says that you are absent, but you are in the list of leaves. Keep both files.",
}
NEVER_PROVEN = (
    "That no copy exists outside the stores that the statement lists: no signature can show that.",
    "That what was learned from the data was forgotten: weights of a model that was not retrained still contain it.",
    "That the statement is true: a signature shows only who says it.",
    "The times: they come from your employer's clocks.",
)
UNKNOWN_KEY = (
    "That your employer signed it: the key came with the file, and anyone can make one. Give one that you got "
    "elsewhere with --key."
)
ONE_LEDGER = (
    "That the proof and the register are of one ledger: nothing connects them. Fetch the newer one again with `since=` "
    "and the size of the older one, and compare the files with --compare."
)
LEFT_OUT = "That you were not left out: only people who joined after this was made have no leaf in it."
OTHER_NUMBER = (
    "That the manifest's leaves are those of the register: their numbers differ, so people must have joined between "
    "the two. Fetch the register again, or the proof of a newer dataset version, and compare those."
)
NOT_SIGNED = "That this is the root in the ledger: nobody signs a list of leaves. Compare it with a proof of yours."
NO_PAIR = "That the files are of one ledger: NO TWO of their heads could be compared."
NOT_SEEN = "That the witness saw this entry: it is newer than what the witness signed."
NOT_YET = (
    "That the ledger contains it: it takes in entries at fixed times. Fetch this again after the time above. If it has "
    "no proof the day after, keep this file: the ledger lacks what the employer signed."
)
NO_LINK = (
    "That it continues your older checkpoint: this was NOT CHECKED, because the file has no proof that connects the "
    "two. That is no sign of tampering: fetch it again with `since=` and the size in the second line of yours."
)


EARLIER_NOT_REACHED = (
    "That it continues the log that you saved earlier: this was NOT CHECKED, because the newer file has only the "
    "newest entries, and the earlier one ends before them."
)


class Unreadable(Exception):
    """This can't be checked; the message says which part can't be read."""


class Refused(Exception):
    """Something does not match. `fault` is a key of FAULTS, the message its text."""

    def __init__(self, fault: str, which: str = "") -> None:
        super().__init__(FAULTS[fault] + which)
        self.fault = fault


@dataclass(frozen=True)
class Trust:
    """What the user supplies: keys from elsewhere, and a checkpoint that they kept."""

    keys: Sequence[Key] = ()
    witnesses: Sequence[Key] = ()
    older: Checkpoint | None = None
    leaves: dict[str, Any] | None = None
    """All leaves of a manifest, fetched without revealing who asks."""
    register: dict[str, Any] | None = None
    """The register of people: all its leaves, or the reader's own."""
    acknowledgement: dict[str, Any] | None = None
    """What the employer signed when the request of a receipt was filed."""
    earlier: dict[str, Any] | None = None
    """The access log as the reader saved it on an earlier day."""


@dataclass
class Verdict:
    """What a file says, what is proven, and what is not. A refusal is raised instead."""

    says: list[str] = field(default_factory=list)
    proven: list[str] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    heads: list[Shown] = field(default_factory=list)
    """Every head of a ledger that was verified, and no other."""
    roots: dict[UUID, bytes] = field(default_factory=dict)
    """Dataset version -> root of its manifest, as the ledger has it."""


# RFC 9162, 2.1: the tree


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


EMPTY_ROOT = hashlib.sha256(b"").digest()


def tree_root(leaf_hashes: Sequence[bytes]) -> bytes:
    """RFC 9162, 2.1.1: the root over the hashes of all leaves."""
    level = list(leaf_hashes) or [EMPTY_ROOT]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [node_hash(*pair) for pair in pairs] + level[len(level) & ~1 :]
    return level[0]


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes | None:
    """RFC 9162, 2.1.3.2: the root to which the proof leads, None if the proof can't be one of such a tree."""
    if not 0 <= index < size:
        return None
    fn, sn, root = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            root = node_hash(sibling, root)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = node_hash(root, sibling)
        fn, sn = fn >> 1, sn >> 1
    return root if sn == 0 else None


def consistent(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """RFC 9162, 2.1.4.2: whether the tree of `second` leaves begins with the tree of `first` leaves."""
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    if not 0 < first < second or not proof:
        return False
    path = [*([first_root] if first & (first - 1) == 0 else []), *proof]
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = path[0]
    for node in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old, new = node_hash(node, old), node_hash(node, new)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, node)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and old == first_root and new == second_root


# RFC 8785: what is signed, byte by byte


def canonical(document: Any) -> bytes:
    """Canonical JSON. Raises ValueError for values that are never signed here, such as fractions."""
    return json.dumps(_ordered(document), separators=(",", ":"), ensure_ascii=False).encode()


def message(kind: str, statement: Any) -> bytes:
    """The signed bytes of a statement in a file of that kind, so that it can't pass as another kind."""
    return kind.encode() + b"\n" + canonical(statement)


def commitment(salt: bytes, statement: Any) -> bytes:
    return hashlib.sha256(salt + canonical(statement)).digest()


def _ordered(value: Any) -> Any:
    """The same value with names in the order of their UTF-16 code units."""
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))}
    if isinstance(value, list):
        return [_ordered(inner) for inner in value]
    if value is None or isinstance(value, str) or (isinstance(value, int) and abs(value) <= LARGEST):
        return value
    raise ValueError("A value is neither text nor a whole number.")


# Manifests: the contents of a dataset version


def person_key(dataset_version: UUID, subject: UUID) -> bytes:
    """A person's key in a dataset version: it reveals neither who they are nor that they are in another version."""
    return hashlib.sha256(b"open-book/person/v1" + dataset_version.bytes + subject.bytes).digest()


def slice_leaf(line: dict[str, Any]) -> bytes:
    """The leaf of one slice: subject, day, signal, application, events, digest."""
    return leaf_hash(canonical(line))


def person_leaf(person: bytes, root: bytes) -> bytes:
    """The leaf of one person: their key, and the root over their slices."""
    return leaf_hash(person + root)


def hidden_root(dataset_version: UUID, subject: UUID, slices: bytes) -> bytes:
    """The root over a person's slices as a manifest of everybody has it. Without the subject nobody can tell whether it
    covers any (if not: EMPTY_ROOT), nor that the same slices are in another version."""
    return hashlib.sha256(b"open-book/slices/v2" + dataset_version.bytes + subject.bytes + slices).digest()


def manifest_root(dataset_version: UUID, people: int, tree: bytes, form: str = MANIFEST) -> bytes:
    """The commitment of a dataset version: its leaves, and how many. Raises ValueError."""
    if form not in (MANIFEST, MANIFEST_OF_ALL):
        raise ValueError(f"The manifest is of an unknown format: {form}")
    return hashlib.sha256(
        canonical({"format": form, "dataset_version": str(dataset_version), "people": people, "tree": tree.hex()})
    ).digest()


def register_leaf(salt: bytes, email: str, subject: UUID) -> bytes:
    """The hash of a person's leaf in the register of people."""
    return leaf_hash(hashlib.sha256(salt + canonical({"email": email, "subject": str(subject)})).digest())


# C2SP: keys, notes, checkpoints


@dataclass(frozen=True)
class Key:
    """A verifier key (vkey): `name+id+base64(type || public key)`."""

    name: str
    public: bytes
    type: int = ED25519

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> Key:
        """Raises Unreadable, or Refused if the id belongs to another key."""
        parts = text.strip().split("+", 2)
        if len(parts) != 3 or not _is_name(parts[0]) or not re.fullmatch("[0-9a-f]{8}", parts[1]):
            raise Unreadable("A key must look like name+1a2b3c4d+AbC…")
        data = _base64(parts[2], "a key")
        if not data or len(data) - 1 != PUBLIC.get(data[0]):
            raise Unreadable("A key is of an unknown kind; Ed25519 and ML-DSA-44 are supported.")
        key = cls(parts[0], data[1:], data[0])
        if key.id.hex() != parts[1]:
            raise Refused("key")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.type]) + self.public).decode()}"

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """The signature of a witness begins with its time, which is signed, too. Raises Unreadable."""
        time, rest = signature[:8], signature[8:]
        try:
            if self.type == ML_DSA:
                _ml_dsa_44(self.public).verify(rest, self._subtree(text, time))
            elif self.type == COSIGNATURE:
                text = b"cosignature/v1\ntime %d\n" % int.from_bytes(time, "big") + text
                Ed25519PublicKey.from_public_bytes(self.public).verify(rest, text)
            else:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True

    def _subtree(self, checkpoint: bytes, time: bytes) -> bytes:
        """What ML-DSA signs (C2SP tlog-cosignature): not the extension lines."""
        origin, size, root = checkpoint.split(b"\n")[:3]
        name = self.name.encode()
        end = struct.pack(">QQ", 0, int(size)) + base64.b64decode(root)
        return b"subtree/v1\n\0" + bytes([len(name)]) + name + time + bytes([len(origin)]) + origin + end


def _ml_dsa_44(public: bytes) -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
    except ImportError as error:
        raise Unreadable("ML-DSA keys need a newer version of `cryptography`.") from error
    return MLDSA44PublicKey.from_public_bytes(public)


@dataclass(frozen=True)
class Checkpoint:
    """The head of a ledger: size and root of the tree, and who signed them."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...] = ()
    """Name, key id, signature."""
    extensions: tuple[str, ...] = ()
    """Signed lines below the root; ours is `Datasets.line`."""

    @property
    def text(self) -> str:
        """The signed text."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @property
    def datasets(self) -> str | None:
        """The line that commits to the list of dataset versions."""
        return next((line for line in self.extensions if line.split(" ")[0] == DATASETS), None)

    @property
    def note(self) -> str:
        lines = (f"— {name} {base64.b64encode(id_ + bytes_).decode()}\n" for name, id_, bytes_ in self.signatures)
        return self.text + "\n" + "".join(lines)

    @classmethod
    def parse(cls, note: str) -> Checkpoint:
        """Raises Unreadable."""
        text, blank, below = note.rpartition("\n\n")
        lines = text.split("\n")
        if not blank or not below.endswith("\n") or not 3 <= len(lines) <= 3 + MOST_EXTENSIONS:
            raise Unreadable("This is not a checkpoint: it must have an origin, a size, a root and signatures.")
        if not all(line and line.isprintable() for line in (lines[0], *lines[3:])):
            raise Unreadable("The origin or an extension line of the checkpoint can't be read.")
        if not re.fullmatch("0|[1-9][0-9]{0,15}", lines[1]) or len(root := _base64(lines[2], "the root")) != 32:
            raise Unreadable("The size or the root of the checkpoint can't be read.")
        signatures: list[tuple[str, bytes, bytes]] = []
        for line in below[:-1].split("\n"):
            dash, _, rest = line.partition(" ")
            name, _, encoded = rest.partition(" ")
            data = _base64(encoded, "a signature of the checkpoint")
            if dash != "—" or not _is_name(name) or len(data) < 5 or len(signatures) == MOST_SIGNATURES:
                raise Unreadable("A signature line of the checkpoint can't be read.")
            signatures.append((name, data[:4], data[4:]))
        return cls(lines[0], int(lines[1]), root, tuple(signatures), tuple(lines[3:]))

    def by(self, key: Key) -> list[bytes]:
        """The signatures that claim to be by this key."""
        return [signature for name, id_, signature in self.signatures if (name, id_) == (key.name, key.id)]

    def signed_by(self, key: Key) -> bool:
        """Whether exactly this key signed; one invalid signature by it invalidates the others."""
        own = self.by(key)
        return bool(own) and all(key.verifies(self.text.encode(), signature) for signature in own)


@dataclass(frozen=True)
class Datasets:
    """The public list of dataset versions in a ledger, to which checkpoints commit.

    Each row is a dataset version, the root of its manifest, and the index of the ledger entry about it. The rows are
    in strictly increasing order of the dataset versions, so each is listed once.
    """

    rows: tuple[tuple[str, str, int], ...]

    @classmethod
    def parse(cls, rows: Any) -> Datasets:
        """Raises ValueError, TypeError, Unreadable, Refused."""
        listed = tuple((str(_uuid(version)), _hash(root).hex(), int(index)) for version, root, index in rows)
        versions = [version for version, _, _ in listed]
        _demand("datasets", versions == sorted(set(versions)))
        return cls(listed)

    def until(self, size: int) -> Datasets:
        """The list as it was in the ledger of that size."""
        return Datasets(tuple(row for row in self.rows if row[2] < size))

    @property
    def line(self) -> str | None:
        """The extension line of a checkpoint; none if nothing is listed."""
        if not self.rows:
            return None
        text = "".join(f"{version} {root} {index}\n" for version, root, index in self.rows)
        digest = hashlib.sha256(f"{DATASETS}\n{text}".encode()).digest()
        return f"{DATASETS} {len(self.rows)} {base64.b64encode(digest).decode()}"


def _is_name(text: str) -> bool:
    return bool(text) and text.isprintable() and "+" not in text and not re.search(r"\s", text)


def _base64(text: Any, what: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        data = None
    if data is None or base64.b64encode(data).decode() != text:
        raise Unreadable(f"The base64 of {what} is damaged.")
    return data


# Files


def verify(data: str | bytes, trust: Trust | None = None) -> Verdict:
    """Check the text of a file. Raises Unreadable, Refused."""
    trust = trust or Trust()
    try:
        text = (data.decode() if isinstance(data, bytes) else data).removeprefix("\ufeff").replace("\r\n", "\n")
        if text.startswith(TLOG_PROOF + "\n"):
            _require_use(trust, TLOG_PROOF)
            return _tlog_proof(text, trust)
        if not text.lstrip().startswith("{"):
            _require_use(trust, "a checkpoint")
            return _checkpoint(Checkpoint.parse(text), trust)
        document = _document(text)
        kind = document["format"]
        _require_use(trust, kind)
        return CHECKS[kind](document, trust)
    except KeyError as error:
        raise Unreadable(f"This is not a known kind of file, or a part is missing: {error}.") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable("The file is damaged: a part of it is invalid.") from error


def _require_use(trust: Trust, kind: str) -> None:
    """Raises Unreadable for an option that would be ignored with a file of this kind."""
    for option, given, used in (
        ("--leaves", trust.leaves is not None, kind == MEMBERSHIP),
        ("--register", trust.register is not None, kind == MEMBERSHIP),
        ("--acknowledgement", trust.acknowledgement is not None, kind == RECEIPT),
        ("--earlier", trust.earlier is not None, kind == ACCESS_LOG),
        ("--checkpoint", trust.older is not None, kind not in WITHOUT_HEAD),
        ("--witness", bool(trust.witnesses), kind not in WITHOUT_HEAD),
    ):
        if given and not used:
            raise Unreadable(f"{option} is not used with {kind}. Nothing was checked.")


def _document(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_float=_fraction, parse_constant=_fraction)
    except (ValueError, RecursionError) as error:
        raise Unreadable("The file is damaged: it is not valid JSON.") from error


def _receipt(document: dict[str, Any], trust: Trust) -> Verdict:
    verdict = _signed(RECEIPT, document, trust)
    if trust.acknowledgement is not None:
        _same_request(trust.acknowledgement, document, trust, verdict)
    verdict.unproven += NEVER_PROVEN
    return verdict


def _acknowledgement(document: dict[str, Any], trust: Trust) -> Verdict:
    verdict = _signed(ACKNOWLEDGEMENT, document, trust)
    note, salt = document["statement"].get("note_sha256"), document.get("note_salt")
    if note is not None and salt is not None:
        verdict.proven.append(
            f"It covers your note: only the text that has the SHA-256 {_hash(note).hex()} after the salt "
            f"{_hash(salt).hex()}. docs/ledger.md shows how to compare yours."
        )
    elif note is not None:
        verdict.unproven.append(
            "Which text your note has: this file has no salt. An earlier copy of yours may have it."
        )
    elif document["statement"].get("type") == "rectification":
        verdict.unproven.append("Which text your note has: this acknowledgement is of a version that covered no notes.")
    verdict.unproven += ["What became of the request: that is in its receipt.", NEVER_PROVEN[3]]
    return verdict


def _signed(kind: str, document: dict[str, Any], trust: Trust) -> Verdict:
    """Check a signed statement that the ledger contains."""
    key, statement, ledger = Key.parse(document["key"]), document["statement"], document["ledger"]
    _demand("untrusted key", not trust.keys or key in trust.keys)
    if not key.verifies(message(kind, statement), _base64(document["signature"], "the signature")):
        if ledger is not None:
            _demand("statement", _hash(ledger["commitment"]) == commitment(_salt(ledger["salt"]), statement))
            _demand("key", bool(Checkpoint.parse(ledger["head"]["checkpoint"]).by(key)))
        raise Refused("signature")
    verdict = Verdict(list(_words(statement)), [f"The holder of the key {key} signed exactly this statement."])
    if ledger is not None:
        _entry(ledger, statement, trust, verdict)
    else:
        if due := document.get("in_ledger_from"):
            verdict.says.append(f"in the ledger from: {due} (not signed)")
        verdict.unproven += [*([] if trust.keys else [UNKNOWN_KEY]), NOT_YET]
        verdict.unproven += [*([NO_LINK] if trust.older else []), *([NOT_SEEN] if trust.witnesses else [])]
    return verdict


def _tlog_proof(text: str, trust: Trust) -> Verdict:
    """C2SP tlog-proof: that the ledger contains an entry; the extra data are its salt and its statement."""
    above, _, note = text.partition("\n\n")
    lines = above.split("\n")
    if len(lines) < 3 or not lines[1].startswith("extra ") or not re.fullmatch("index (0|[1-9][0-9]{0,15})", lines[2]):
        raise Unreadable("The proof must have a line of extra data and the index of its entry.")
    extra = _base64(lines[1].removeprefix("extra "), "the extra data")
    statement = _document(extra[SALT:].decode())
    verdict = Verdict(list(_words(statement)))
    entry = {
        "index": int(lines[2].removeprefix("index ")),
        "commitment": hashlib.sha256(extra).hexdigest(),
        "salt": extra[:SALT].hex(),
        "inclusion": [_base64(line, "the proof").hex() for line in lines[3:]],
        "head": _alone(Checkpoint.parse(note), trust),
    }
    _entry(entry, statement, trust, verdict)
    verdict.unproven += NEVER_PROVEN
    return verdict


def _same_request(earlier: dict[str, Any], receipt: dict[str, Any], trust: Trust, verdict: Verdict) -> None:
    """Check that a receipt answers the request that was acknowledged, as it was acknowledged."""
    if earlier["format"] != ACKNOWLEDGEMENT:
        raise Unreadable("The file given with --acknowledgement is not an acknowledgement.")
    asked_for = _acknowledgement(earlier, replace(trust, older=None, witnesses=()))  # older than what these attest
    asked, answered = earlier["statement"], receipt["statement"]
    _demand("another request", asked["request"] == answered["request"] and asked["subject"] == answered["subject"])
    same = ("type", "scope", "regime", "received_at")
    _demand("request changed", all(asked[name] == answered[name] for name in same))
    _demand("request changed", asked["due_at"] == answered["first_due_at"])
    if "note_sha256" in asked and "note_sha256" in answered:
        _demand("request changed", asked["note_sha256"] == answered["note_sha256"])
    if earlier["ledger"] is not None and receipt["ledger"] is not None:
        _demand("request changed", earlier["ledger"]["index"] < receipt["ledger"]["index"])
    _one_ledger(asked_for, verdict)
    verdict.proven.append(
        f"The receipt answers the request that was acknowledged: the same scope, received {asked['received_at']}, with "
        f"the same first deadline, {asked['due_at']}."
    )


def _one_ledger(*verdicts: Verdict) -> list[bool]:
    """For each two heads of one key, whether anything connects them. Raises Refused if they contradict each other."""
    pairs = permutations([head for verdict in verdicts for head in verdict.heads], 2)
    return [_contradict(older, newer) for older, newer in pairs if older.key == newer.key]


def _entry(ledger: dict[str, Any], statement: Any, trust: Trust, verdict: Verdict) -> None:
    """Check that the ledger contains the statement."""
    index, committed = ledger["index"], _hash(ledger["commitment"])
    _demand("commitment", committed == commitment(_salt(ledger["salt"]), statement))
    head, witnessed = _head(ledger["head"], trust, verdict)
    proof = [_hash(each) for each in ledger["inclusion"]]
    _demand("inclusion", head.root == root_from_inclusion(index, head.size, leaf_hash(committed), proof))
    verdict.proven.append(f"The ledger contains it as entry {index} of {head.size}; taking it back would show.")
    if trust.witnesses and witnessed <= index:
        verdict.unproven.append(NOT_SEEN)


def _membership(document: dict[str, Any], trust: Trust) -> Verdict:
    """The person's slices in a dataset version: exactly these, or none."""
    statement, manifest = document["statement"], document["manifest"]
    version, subject = _uuid(manifest["dataset_version"]), _uuid(document["subject"])
    people, tree, root = manifest["people"], _hash(manifest["tree"]), _hash(manifest["root"])
    form = manifest.get("format", MANIFEST)
    _demand("manifest root", root == manifest_root(version, people, tree, form))
    told = {"kind": "dataset_version", "dataset_version": str(version), "root": root.hex()}
    _demand("dataset statement", all(statement[name] == value for name, value in told.items()))
    _demand("dataset statement", statement.get("people", people) == people)  # stated by earlier versions
    verdict = Verdict(list(_words(statement)))
    me, present = person_key(version, subject), document["present"]
    if (present is None) == (document["absent"] is None):
        raise Unreadable("The file must say either what of yours is in the dataset version, or that nothing is.")
    if present is not None:
        empty = hidden_root(version, subject, EMPTY_ROOT) if form == MANIFEST_OF_ALL else None
        leaf = person_leaf(me, _own_root(present, version, subject, empty, verdict))
        path = [_hash(each) for each in present["inclusion"]]
        _demand("presence", tree == root_from_inclusion(present["index"], people, leaf, path))
    else:
        _absent(document["absent"], subject, me, people, tree, verdict)
        if form == MANIFEST_OF_ALL:
            verdict.unproven.append(LEFT_OUT)
    _entry(document["ledger"], statement, trust, verdict)
    _only_root(document["ledger"], version, root, verdict)
    verdict.roots[version] = root
    if trust.leaves is None:
        verdict.unproven.append(
            "That the whole manifest is in order: a leaf of yours could be hidden where it does not belong. Fetch the "
            "list of leaves, which is the same for everyone, and give it with --leaves."
        )
    else:
        listed = _leaves_of(trust.leaves, version, people, tree)
        _demand("hidden in the leaves", present is not None or me not in {person for person, _ in listed})
        verdict.proven.append(f"All {people} leaves of the manifest are in order: no one is hidden or there twice.")
    if trust.register is not None:
        _count_against(trust.register, document, people, form, trust, verdict)
    verdict.unproven += [
        "That a run read this dataset version and nothing else: the manifest says what is in it, not who read it.",
        "That the hashes in the slices are those of your records: compare them with your export.",
        *NEVER_PROVEN[1:],
    ]
    return verdict


def _only_root(ledger: dict[str, Any], version: UUID, root: bytes, verdict: Verdict) -> None:
    """Check that nobody can be shown another manifest of this dataset version in the same ledger."""
    rows = ledger["head"].get("datasets")
    _demand("list left out", rows is not None or Checkpoint.parse(ledger["head"]["checkpoint"]).datasets is None)
    if rows is None:
        verdict.unproven.append(
            "That no other root was told: the file has no list of dataset versions, because an earlier version made "
            "it. Fetch it again."
        )
        return
    _demand("not the listed root", (str(version), root.hex(), ledger["index"]) in Datasets.parse(rows).rows)
    _demand("not public", ledger["salt"] == "")
    verdict.proven.append(
        "The checkpoint commits to one list of dataset versions, and it has this one once, with this manifest: anyone "
        "with the same checkpoint is shown the same."
    )


def _own_root(present: dict[str, Any], version: UUID, subject: UUID, empty: bytes | None, verdict: Verdict) -> bytes:
    """The root in the person's leaf, over exactly these slices. `empty`: that over none; None: none is impossible."""
    if present.get("erased") is not None:
        return _erased_root(present, subject, empty, verdict)
    lines = present["slices"]
    if any(line.keys() != SLICE for line in lines):
        raise Unreadable("A slice in the file has missing or extra parts.")
    order = [(line["day"], line["signal"], line["application"]) for line in lines]
    _demand("slices", bool(lines or empty) and order == sorted(set(order)))
    if empty and not lines:
        verdict.says.append("slices of yours: none")
        verdict.proven.append(f"This dataset version holds nothing of the person {subject}: their leaf is empty.")
        return empty
    root = tree_root([slice_leaf({**line, "subject": str(subject)}) for line in lines])
    events = sum(line["events"] for line in lines)
    verdict.says += [f"slices of yours: {len(lines)}, with {_records(events)}, {order[0][0]} to {order[-1][0]}"]
    verdict.proven.append(
        f"This dataset version holds exactly these {len(lines)} slices of the person {subject}, {_records(events)}: "
        "their leaf covers all of them, so none is missing and none was added."
    )
    return hidden_root(version, subject, root) if empty else root


def _erased_root(present: dict[str, Any], subject: UUID, empty: bytes | None, verdict: Verdict) -> bytes:
    """The root in the leaf of a person of whose slices nothing else is left."""
    erased = present["erased"]
    request, at, root = _uuid(erased["request"]), erased["at"], _hash(erased["root"])
    _demand("slices", present["slices"] == [])
    _demand("presence", root != empty)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", at):
        raise Unreadable("The time of the erasure can't be read.")
    verdict.says.append(
        f"slices of yours: erased, says the file, at your request {request} of {at}; their hash is left"
    )
    verdict.proven.append(f"This dataset version listed the person {subject}: their leaf is in its manifest.")
    verdict.unproven.append(
        "With which records, and with how many: that was erased, and the hash that is left does not show it. A proof "
        "that you kept from before still shows it, and can be checked."
    )
    verdict.unproven.append("That you asked for this, and when: nobody signed that here. Compare the receipt of it.")
    return root


def _count_against(
    register: dict[str, Any], document: dict[str, Any], people: int, form: str, trust: Trust, verdict: Verdict
) -> None:
    """Compare the number of a manifest's leaves with that of the register, which has to be of the same ledger."""
    if register.get("format") not in (REGISTER, REGISTER_LEAVES) or form != MANIFEST_OF_ALL:
        raise Unreadable("--register takes a file of the register of people, for a manifest of everybody (v2).")
    about = CHECKS[register["format"]](register, replace(trust, leaves=None, register=None))
    _demand("register of another", register.get("subject", document["subject"]) == document["subject"])
    verdict.proven += [f"Of the register: {line}" for line in about.proven if line not in verdict.proven]
    verdict.unproven += [f"Of the register: {line}" for line in about.unproven if line not in verdict.unproven]
    linked = _one_ledger(about, verdict)
    if not any(linked):
        verdict.unproven.append(ONE_LEDGER)
    if not linked:
        return
    day, counted = register["statement"]["day"], register["statement"]["leaves"]
    newer = register["ledger"]["index"] > document["ledger"]["index"]
    _demand("register too small", counted >= people or not newer)
    _demand("manifest too small", people >= counted or newer)
    if people == counted:
        verdict.proven.append(
            f"The manifest and the register of {day} have {people} leaves each: if each person finds theirs in both, "
            "and that is the number of people who have ever been on the payroll since the directory was made, there "
            "are no others."
        )
    else:
        verdict.says.append(f"The manifest has {people} leaves, and the register of {day} has {counted}.")
        verdict.unproven.append(OTHER_NUMBER)


def _records(number: int) -> str:
    return f"{number} {'record' if number == 1 else 'records'}"


def _absent(absent: dict[str, Any], subject: UUID, me: bytes, people: int, tree: bytes, verdict: Verdict) -> None:
    """Check that the person's leaf would be between two adjacent ones, or before the first or after the last."""
    before, after = absent["before"], absent["after"]
    for neighbour in (each for each in (before, after) if each is not None):
        person, root = _hash(neighbour["person"]), _hash(neighbour["root"])
        path = [_hash(each) for each in neighbour["inclusion"]]
        _demand("neighbour", tree == root_from_inclusion(neighbour["index"], people, person_leaf(person, root), path))
        _demand("named as neighbour", person != me)
    if people == 0:
        _demand("not empty", tree == EMPTY_ROOT)
        verdict.proven.append("This dataset version holds nothing of anyone.")
        return
    first = -1 if before is None else before["index"]
    last = people if after is None else after["index"]
    _demand("not neighbours", last == first + 1)
    _demand("not between", before is None or _hash(before["person"]) < me)
    _demand("not between", after is None or me < _hash(after["person"]))
    verdict.says.append("slices of yours: none")
    verdict.proven.append(
        f"This dataset version holds nothing of the person {subject}: where their leaf would be, between the places "
        f"{first} and {last} of 0 to {people - 1}, there is none."
    )


def _leaves_of(document: dict[str, Any], version: UUID, people: int, tree: bytes) -> list[tuple[bytes, bytes]]:
    """The leaves of a manifest, all of them and in order."""
    if document["format"] != LEAVES:
        raise Unreadable("The file given with --leaves is not a list of leaves.")
    leaves = [(_hash(leaf["person"]), _hash(leaf["root"])) for leaf in document["leaves"]]
    fits = document["dataset_version"] == str(version) and len(leaves) == people
    _demand("leaves", fits and tree_root([person_leaf(*leaf) for leaf in leaves]) == tree)
    called = [person for person, _ in leaves]
    _demand("leaves out of order", called == sorted(set(called)))
    return leaves


def _leaves(document: dict[str, Any], _: Trust) -> Verdict:
    """A list of leaves alone: computes its root."""
    version = _uuid(document["dataset_version"])
    tree = tree_root([person_leaf(_hash(leaf["person"]), _hash(leaf["root"])) for leaf in document["leaves"]])
    people = len(_leaves_of(document, version, len(document["leaves"]), tree))
    root = manifest_root(version, people, tree, document.get("manifest", MANIFEST))
    proven = [f"These leaves are in order, and give the root {root.hex()}."]
    return Verdict([f"{people} leaves in the dataset version {version}"], proven, [NOT_SIGNED])


def _register(document: dict[str, Any], trust: Trust) -> Verdict:
    """A person's leaf in the register."""
    statement, subject, email = document["statement"], _uuid(document["subject"]), document["email"]
    _demand("register statement", statement["kind"] == "register")
    people, root = statement["leaves"], _hash(statement["root"])
    leaf = register_leaf(_hash(document["salt"]), email, subject)
    path = [_hash(each) for each in document["inclusion"]]
    _demand("not in the register", root == root_from_inclusion(document["index"], people, leaf, path))
    verdict = Verdict(list(_words(statement)))
    verdict.proven.append(f"The address {email} with the subject {subject} is one of {people} leaves of this register.")
    _public_entry(document["ledger"], statement, trust, verdict)
    verdict.unproven += [
        "That no one has a second leaf, or data under a subject without one: have your works council compare the "
        "number of leaves with everybody who has been on the payroll since the directory was made, those who left "
        "included, and ask colleagues whether they find theirs.",
        "That data of yours is not kept outside this register: no ledger can show that.",
    ]
    return verdict


def _register_leaves(document: dict[str, Any], trust: Trust) -> Verdict:
    """All leaves of a register."""
    statement = document["statement"]
    leaves = [_hash(leaf) for leaf in document["leaves"]]
    _demand("register statement", statement["kind"] == "register" and statement["leaves"] == len(leaves))
    _demand("register leaves", leaves == sorted(set(leaves)) and tree_root(leaves) == _hash(statement["root"]))
    verdict = Verdict(list(_words(statement)))
    verdict.proven.append(f"The register has exactly {len(leaves)} leaves, all different.")
    _public_entry(document["ledger"], statement, trust, verdict)
    verdict.unproven.append(
        "That each leaf is of one employee: compare their number with everybody who has been on the payroll since the "
        "directory was made, those who left included. How many of them are active is your employer's word."
    )
    return verdict


def _access_log(document: dict[str, Any], trust: Trust) -> Verdict:
    """Who looked at a person's data, up to the day of an anchor; and whether it continues what they saved earlier."""
    log, statement = document["leaf"], document["statement"]
    _demand("access log statement", statement["kind"] == log["kind"] == "access_log")
    _demand("access log statement", statement["day"] == log["day"])
    chains = {name: _ends(document[name]) for name in ("own", "everybody")}
    for name, ends in chains.items():
        last = max(ends)
        _demand("access log entries", log[name] == {"entries": last, "head": ends[last].hex()})
    leaf = leaf_hash(commitment(_hash(document["salt"]), log))
    path = [_hash(each) for each in document["inclusion"]]
    found = root_from_inclusion(document["index"], statement["leaves"], leaf, path)
    _demand("not in the access logs", found == _hash(statement["root"]))
    verdict = Verdict([f"subject: {log['subject']}", *_words(statement)])
    own, everybody = (log[name]["entries"] for name in chains)
    verdict.proven.append(
        f"On {log['day']} the access log of this person had exactly {own} entries of their own and {everybody} about "
        f"everybody; the newest {len(chains['own']) - 1} and {len(chains['everybody']) - 1} are in this file."
    )
    _public_entry(document["ledger"], statement, trust, verdict)
    if trust.earlier:
        _continues(trust.earlier, document, chains, trust, verdict)
    verdict.unproven += [
        "That every view was recorded: what was never recorded is in no log. Nor are entries of that day or later.",
        "That what other systems reported is true: nobody here can check that.",
        NEVER_PROVEN[3],
    ]
    return verdict


def _ends(chain: dict[str, Any]) -> dict[int, bytes]:
    """The head of a chain after each number of entries that the file reaches."""
    count, head = chain["before"]["entries"], _hash(chain["before"]["head"])
    _demand("access log entries", 0 <= count <= LARGEST)
    heads = {count: head}
    for entry in chain["entries"]:
        count, head = count + 1, hashlib.sha256(head + leaf_hash(canonical(entry))).digest()
        heads[count] = head
    return heads


def _continues(
    earlier: dict[str, Any], later: dict[str, Any], chains: dict[str, dict[int, bytes]], trust: Trust, verdict: Verdict
) -> None:
    if earlier["format"] != ACCESS_LOG:
        raise Unreadable("The file given with --earlier is not an access log.")
    before = _access_log(earlier, replace(trust, older=None, witnesses=(), earlier=None))
    kept = earlier["leaf"]
    _demand("log of another", kept["subject"] == later["leaf"]["subject"])
    if earlier["ledger"]["index"] > later["ledger"]["index"]:
        raise Unreadable("The file given with --earlier is the newer one of the two. Swap them.")
    _one_ledger(before, verdict)
    for name, ends in chains.items():
        size = kept[name]["entries"]
        _demand("access log rewritten", size <= max(ends))
        if size < min(ends):
            verdict.unproven.append(EARLIER_NOT_REACHED)
            return
        _demand("access log rewritten", ends[size].hex() == kept[name]["head"])
    verdict.proven.append(f"It continues the log of {kept['day']} that you saved: nothing was removed or changed.")


def _public_entry(ledger: dict[str, Any], statement: Any, trust: Trust, verdict: Verdict) -> None:
    _entry(ledger, statement, trust, verdict)
    _demand("not public", ledger["salt"] == "")


def verify_file(path: Path, trust: Trust | None = None) -> Verdict:
    """Check a file of any kind; an export may be of any size. Raises Unreadable, Refused, OSError."""
    if not zipfile.is_zipfile(path):
        return verify(path.read_bytes(), trust)
    try:
        with zipfile.ZipFile(path) as archive:
            return _export(archive, trust or Trust())
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Unreadable(f"The ZIP is damaged: {error}.") from error
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Unreadable("The manifest is damaged: a part of it is invalid.") from error


def _export(archive: zipfile.ZipFile, trust: Trust) -> Verdict:
    """The manifest, then every other file against it."""
    names = archive.namelist()
    _demand("no manifest", "manifest.json" in names)
    if archive.getinfo("manifest.json").file_size > MOST_MANIFEST:
        raise Unreadable("The manifest is too large.")
    verdict = verify(archive.read("manifest.json"), trust)
    document = json.loads(archive.read("manifest.json"))
    if document["format"] != EXPORT:
        raise Unreadable("The manifest.json in this ZIP is not the manifest of an export.")
    signed = {file["name"]: file for file in document["statement"]["files"]}
    for name in names:
        if (name not in signed and name != "manifest.json") or names.count(name) > 1:
            raise Refused("file added", name)
    _demand("not only files", _only_files(archive))
    for name, file in signed.items():
        if name not in names:
            raise Refused("file missing", name)
        entry = archive.getinfo(name)
        if entry.file_size != file["bytes"] or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused("file altered", name)
        digest, size = hashlib.sha256(), 0
        try:
            with archive.open(name) as content:
                while chunk := content.read(1 << 20):
                    digest.update(chunk)
                    size += len(chunk)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise Refused("file altered", name) from error
        if (size, digest.hexdigest()) != (file["bytes"], file["sha256"]):
            raise Refused("file altered", name)
    verdict.proven.append(f"All {len(signed)} files are the ones that were signed; none is missing, none was added.")
    return verdict


def _only_files(archive: zipfile.ZipFile) -> bool:
    """Whether the ZIP is only its entries, one directly after the other, and their list; each with one name only."""
    file, end = archive.fp, 0
    after_content: tuple[int, ...] = (0,)
    assert file is not None
    for entry in sorted(archive.infolist(), key=lambda entry: entry.header_offset):
        if entry.header_offset - end not in after_content:
            return False
        file.seek(entry.header_offset)
        name, extra = struct.unpack("<26xHH", file.read(30))
        file.seek(name, 1)
        if UNICODE_PATH in _extras(entry.extra) | _extras(file.read(extra)):
            return False
        end = entry.header_offset + 30 + name + extra + entry.compress_size
        after_content = DESCRIPTORS if entry.flag_bits & 8 else (0,)
    file.seek(-22, 2)
    return archive.start_dir - end in after_content and file.read(4) == b"PK\5\6" and not archive.comment


def _extras(data: bytes) -> set[int]:
    """The kinds of the extra fields of an entry."""
    kinds = set()
    while len(data) >= 4:
        kind, size = struct.unpack("<HH", data[:4])
        kinds.add(kind)
        data = data[4 + size :]
    return kinds


def _manifest(document: dict[str, Any], trust: Trust) -> Verdict:
    key, statement = Key.parse(document["key"]), document["statement"]
    _demand("untrusted key", not trust.keys or key in trust.keys)
    message = f"{EXPORT}\n".encode() + canonical(statement)
    _demand("manifest", key.verifies(message, _base64(document["signature"], "the signature")))
    for category, count in statement["counts"].items():
        if count["catalogued"] != count["exported"] + count["redacted"] + count["withheld"]:
            raise Refused("counts", category)
    said = {name: value for name, value in statement.items() if name not in ("files", "words")}
    verdict = Verdict(list(_words(said)), [f"The holder of the key {key} signed exactly this manifest."])
    verdict.proven.append("In every category, what is listed was written whole, written in part, or left out.")
    verdict.unproven += [*([] if trust.keys else [UNKNOWN_KEY]), NEVER_PROVEN[0], NEVER_PROVEN[2], NEVER_PROVEN[3]]
    return verdict


def _key_changes(document: dict[str, Any], trust: Trust) -> Verdict:
    """From a key that the user trusts to the current one, along the keys that each named the next."""
    current, verdict, trusted = Key.parse(document["key"]), Verdict(), list(trust.keys)
    last = None
    for change in document["changes"]:
        names = {"previous": change["previous"], "key": change["key"]}
        previous, key = Key.parse(change["previous"]), Key.parse(change["key"])
        signed = previous.verifies(message(KEY_CHANGE, names), _base64(change["signature"], "the signature"))
        _demand("key change", signed and last in (None, previous))
        if previous in trusted:
            verdict.proven.append(f"The holder of the key {previous} named {key} as the next one.")
            trusted.append(key)
        last = key
    _demand("key change", last in (None, current))
    if trust.keys:
        _demand("untrusted key", current in trusted)
        verdict.proven.append(f"The key is {current} now: give it with --key from now on, beside the older one.")
    else:
        verdict.unproven.append(UNKNOWN_KEY)
    verdict.unproven.append("That no one else had one of the earlier keys; and the times of the changes.")
    return verdict


def _consistency(document: dict[str, Any], trust: Trust) -> Verdict:
    verdict = Verdict()
    _head(document["head"], trust, verdict)
    return verdict


def _checkpoint(checkpoint: Checkpoint, trust: Trust) -> Verdict:
    """A checkpoint alone; it has no proofs, so an older one must be of the same size."""
    verdict = _consistency({"head": _alone(checkpoint, trust)}, trust)
    others = [key for key in trust.keys if key != verdict.heads[0].key and checkpoint.signed_by(key)]
    verdict.heads += [Shown(checkpoint, key) for key in others]
    return verdict


def _alone(checkpoint: Checkpoint, trust: Trust) -> dict[str, Any]:
    """A head without proofs."""
    if not trust.keys:
        raise Unreadable("A checkpoint does not contain its key: give it with --key.")
    key = next((key for key in trust.keys if checkpoint.by(key)), trust.keys[0])
    head = {"key": str(key), "checkpoint": checkpoint.note, "size": checkpoint.size, "root": checkpoint.root.hex()}
    return {**head, "earlier": [], "witnessed": None}


def compare(files: Sequence[str], trust: Trust) -> Verdict:
    """Whether files of several people are of one ledger: each is checked, then all their heads against each other.

    Raises Unreadable, Refused ("forked").
    """
    shown: list[Shown] = []
    roots: dict[tuple[UUID, Key], bytes] = {}
    for number, text in enumerate(files):
        verdict = verify(text, Trust(trust.keys, trust.witnesses))
        if not verdict.heads:
            raise Unreadable("One of the files has no head of a ledger, so there is nothing to compare in it.")
        shown += [replace(each, file=number) for each in verdict.heads]
        for version, root in verdict.roots.items():
            _demand("two roots", roots.setdefault((version, verdict.heads[0].key), root) == root)
    if len({each.head.origin for each in shown}) > 1:
        raise Unreadable("The files are of different ledgers.")
    pairs = list(permutations(shown, 2))
    if all(older.key != newer.key or older.file == newer.file for older, newer in pairs):
        raise Unreadable("Nothing was compared: different keys signed the files. /v1/ledger/key-changes has changes.")
    apart = strangers = together = 0
    for older, newer in pairs:
        if older.key != newer.key:
            strangers += 1
        elif _contradict(older, newer):
            together += older.file != newer.file
        elif older.head.size < newer.head.size:
            apart += 1
    sizes = sorted({each.head.size for each in shown})
    verdict = Verdict([f"{len(files)} files with {len(shown)} heads, of {sizes[0]} to {sizes[-1]} entries"])
    if together:
        verdict.proven.append("No two of these heads that could be compared contradict each other.")
    verdict.unproven += [*([] if trust.keys else [UNKNOWN_KEY]), *([] if together else [NO_PAIR])]
    if apart:
        words = f"That {apart} pairs of heads of different sizes continue each other: no file has a proof that connects"
        verdict.unproven.append(f"{words} them. Fetch the files again with `since=` and the size of the smaller head.")
    if strangers:
        words = f"That {strangers // 2} pairs of heads are of one ledger: different keys signed them, so they were not"
        changed = "If the key was changed, fetch the files again; the changes are at /v1/ledger/key-changes."
        verdict.unproven.append(f"{words} compared. {changed}")
    return verdict


def _contradict(older: Shown, newer: Shown) -> bool:
    """Whether anything connects two heads of one key. Raises Refused if they contradict each other."""
    size = older.head.size
    _demand("forked", size != newer.head.size or older.head.text == newer.head.text)
    for known in (older.earlier.keys() | {size}) & newer.earlier.keys():
        _demand("forked", (older.head.root if known == size else older.earlier[known]) == newer.earlier[known])
    if newer.datasets is not None and size < newer.head.size:
        _demand("forked", newer.datasets.until(size).line == older.head.datasets)
    _demand("forked", size > newer.head.size or _only_grew(older.head.datasets, newer.head.datasets))
    return size == newer.head.size or size in newer.earlier


@dataclass(frozen=True)
class Shown:
    """A head in a file that was checked. It provably continues the earlier roots, by size, and has this list."""

    head: Checkpoint
    key: Key
    earlier: dict[int, bytes] = field(default_factory=dict)
    datasets: Datasets | None = None
    file: int = 0


def _only_grew(older: str | None, newer: str | None) -> bool:
    """Whether the line of a later head may follow that of an earlier one: rows are added, and none is taken away."""
    before, after = (int(line.split(" ")[1]) if line else 0 for line in (older, newer))
    return before < after or older == newer


CHECKS: dict[str, Callable[[dict[str, Any], Trust], Verdict]] = {
    RECEIPT: _receipt,
    ACKNOWLEDGEMENT: _acknowledgement,
    CONSISTENCY: _consistency,
    EXPORT: _manifest,
    MEMBERSHIP: _membership,
    REGISTER: _register,
    REGISTER_LEAVES: _register_leaves,
    ACCESS_LOG: _access_log,
    LEAVES: _leaves,
    KEY_CHANGES: _key_changes,
}


def _head(head: dict[str, Any], trust: Trust, verdict: Verdict) -> tuple[Checkpoint, int]:
    """The checkpoint of a file and the size that trusted witnesses signed, both checked."""
    key, checkpoint = Key.parse(head["key"]), Checkpoint.parse(head["checkpoint"])
    datasets = None if head.get("datasets") is None else Datasets.parse(head["datasets"])
    _demand("untrusted key", not trust.keys or key in trust.keys)
    _demand("checkpoint origin", checkpoint.origin == key.name)
    _demand("checkpoint size", checkpoint.size == head["size"])
    _demand("checkpoint root", checkpoint.root == _hash(head["root"]))
    _demand("key", bool(checkpoint.by(key)))
    _demand("checkpoint signature", checkpoint.signed_by(key))
    _demand("datasets", datasets is None or datasets.until(checkpoint.size).line == checkpoint.datasets)
    _demand("datasets", datasets is None or datasets.until(checkpoint.size) == datasets)
    verdict.proven.append(f"The holder of the key {key} signed the head of a ledger of {checkpoint.size} entries.")
    earlier = {0: EMPTY_ROOT, checkpoint.size: checkpoint.root}
    for link in head["earlier"]:
        size, root, proof = link["size"], _hash(link["root"]), [_hash(each) for each in link["proof"]]
        _demand("consistency", consistent(size, checkpoint.size, root, checkpoint.root, proof))
        earlier.setdefault(size, root)
    if trust.older:
        _demand("older checkpoint signature", any(trust.older.signed_by(each) for each in (*trust.keys, key)))
        same = trust.older.signed_by(key)
        _demand("ledger shrank" if same else "older is larger", trust.older.size <= checkpoint.size)
        if trust.older.size in earlier:
            continued = trust.older.root == earlier[trust.older.size]
            _demand("older checkpoint" if same else "older of another key", continued)
            verdict.proven.append(
                f"The ledger only grew since your older checkpoint: its {trust.older.size} entries are unchanged."
            )
            _same_datasets(trust.older, checkpoint, datasets, verdict)
        else:
            verdict.unproven.append(NO_LINK)
    else:
        verdict.unproven.append("That the ledger was never rewritten: for that, keep a checkpoint and give it later.")
    if not trust.keys:
        verdict.unproven.insert(0, UNKNOWN_KEY)
    verdict.heads.append(shown := Shown(checkpoint, key, earlier, datasets))
    if head["witnessed"] is not None and (seen := Checkpoint.parse(head["witnessed"])).signed_by(key):
        verdict.heads.append(Shown(seen, key))
        _demand("datasets rewritten", seen.size > checkpoint.size or _only_grew(seen.datasets, checkpoint.datasets))
    return checkpoint, _witnessed(head["witnessed"], shown, trust, verdict)


def _same_datasets(older: Checkpoint, newer: Checkpoint, datasets: Datasets | None, verdict: Verdict) -> None:
    """Check that the list of dataset versions only grew."""
    _demand("datasets rewritten", _only_grew(older.datasets, newer.datasets))
    if older.size == newer.size:
        _demand("datasets rewritten", older.datasets == newer.datasets)
    elif datasets is not None:
        _demand("datasets rewritten", datasets.until(older.size).line == older.datasets)
        verdict.proven.append("The list of dataset versions only grew since then.")
    elif older.datasets is not None:
        verdict.unproven.append("That no dataset version was changed since then: this file does not contain the list.")


def _witnessed(newest: str | None, shown: Shown, trust: Trust, verdict: Verdict) -> int:
    """The size of the newest head that a trusted witness signed; 0 if none was given."""
    if not trust.witnesses:
        verdict.unproven.append("That everyone is shown the same ledger: no key of a witness was given.")
        return 0
    own = {key.public for key in (shown.key, *trust.keys)}
    if any(key.type == ED25519 or key.public in own for key in trust.witnesses):
        raise Unreadable("--witness must be the key of a witness, not of a ledger.")
    told = [] if newest is None else [Checkpoint.parse(newest)]
    seen = [each for each in (shown.head, *told) if each.signed_by(shown.key)]
    signed = {each: [key.name for key in trust.witnesses if each.signed_by(key)] for each in seen}
    sizes = [each.size for each, names in signed.items() if names and shown.earlier.get(each.size) == each.root]
    _demand("witness", bool(sizes))
    for each, names in signed.items():
        same = shown.datasets is None or shown.datasets.until(each.size).line == each.datasets
        _demand("datasets rewritten", same or not names)
        verdict.proven += [f"{name} saw this ledger when it had {each.size} entries." for name in names]
    return max(sizes)


def _older(text: str) -> Checkpoint:
    """From a checkpoint, a file with a head, or the answer of `/v1/me/ledger`. Raises Unreadable, Refused."""
    if not text.lstrip().startswith("{"):
        return Checkpoint.parse(text)
    try:
        document = _document(text)
        if "format" not in document:
            return Checkpoint.parse(document.get("head", document)["checkpoint"])
        return verify(text).heads[0].head
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable("The older file contains no checkpoint.") from error


def _demand(fault: str, fits: bool) -> None:
    if not fits:
        raise Refused(fault)


def _salt(text: str) -> bytes:
    """Empty in public entries, whose statement anyone may read."""
    return b"" if text == "" else _hash(text)


def _hash(text: str) -> bytes:
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise Unreadable("A hash in the file is damaged.")
    return bytes.fromhex(text)


def _uuid(text: str) -> UUID:
    if str(found := UUID(text)) != text:
        raise ValueError("A key must be in its standard form.")
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("A name appears twice.")
    return found


def _fraction(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a whole number.")


def _words(value: Any, indent: str = "") -> Iterator[str]:
    """A statement as lines of text."""
    for name, inner in value.items() if isinstance(value, dict) else (("-", each) for each in value):
        label = name if name == "-" else name.replace("_", " ") + ":"
        if name == "scope" and isinstance(inner, dict) and not any(inner.values()):
            yield f"{indent}{label} everything"
        elif isinstance(inner, dict | list) and inner:
            yield f"{indent}{label}"
            yield from _words(inner, indent + "    ")
        else:
            yield f"{indent}{label} {'none' if inner in (None, [], {}) else inner}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="verifier", description="Checks a receipt, an export, a proof, a checkpoint")
    parser.add_argument("file", type=Path)
    parser.add_argument("--compare", type=Path, nargs="+", default=[], help="files of others: are they of one ledger?")
    parser.add_argument("--key", action="append", default=[], help="the employer's key, from another source")
    parser.add_argument("--witness", action="append", default=[], help="the key of a witness, such as a works council")
    parser.add_argument("--checkpoint", type=Path, help="an older checkpoint, or receipt, that you kept")
    parser.add_argument("--leaves", type=Path, help="the list of leaves of a dataset version's manifest")
    parser.add_argument("--register", type=Path, help="the register of people, to compare the number of leaves")
    parser.add_argument("--acknowledgement", type=Path, help="for a receipt: what you got when you filed the request")
    parser.add_argument("--earlier", type=Path, help="for an access log: the one that you saved on an earlier day")
    given = parser.parse_args(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        keys, witnesses = [[Key.parse(text) for text in texts] for texts in (given.key, given.witness)]
        older = _older(given.checkpoint.read_text(encoding="utf-8-sig")) if given.checkpoint else None
        leaves, register, asked, earlier = (
            _document(path.read_text(encoding="utf-8-sig")) if path else None
            for path in (given.leaves, given.register, given.acknowledgement, given.earlier)
        )
        trust = Trust(keys, witnesses, older, leaves, register, asked, earlier)
        if given.compare and (older or leaves or register or asked or earlier):
            raise Unreadable("--compare is not used with other options than --key and --witness.")
        if given.compare:
            verdict = compare([path.read_text(encoding="utf-8-sig") for path in (given.file, *given.compare)], trust)
        else:
            verdict = verify_file(given.file, trust)
    except Refused as error:
        print(f"REFUSED: {_printable(str(error))}")
        return 1
    except (Unreadable, OSError, UnicodeError) as error:
        print(f"This can't be checked: {_printable(str(error))}")
        return 2
    for title, lines in ("It says", verdict.says), ("Proven", verdict.proven), ("NOT proven", verdict.unproven):
        if lines:
            print(f"{title}:", *map(_printable, lines), sep="\n  ")
    less = {UNKNOWN_KEY, NOT_SIGNED, NOT_YET, NO_LINK, NO_PAIR, OTHER_NUMBER, EARLIER_NOT_REACHED}
    return 0 if less.isdisjoint(verdict.unproven) else 3


def _printable(line: str) -> str:
    """Without control characters for the terminal."""
    return "".join(c if c.isprintable() else "?" for c in line)


if __name__ == "__main__":
    sys.exit(main())
