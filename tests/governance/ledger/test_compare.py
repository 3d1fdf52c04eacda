"""Several people compare their files: a ledger that was shown differently to two of them is found."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from governance.ledger.signing import signer
from tests.governance.conftest import Client
from tests.governance.ledger.c2sp import consistency
from tests.governance.ledger.ending import ended_request, receipt_of
from tests.governance.ledger.manifests import leaf_list, leaves, people
from tests.governance.ledger.signing import COUNCIL, ENTRIES, LOG, Holder, checkpoint, head, receipt
from tests.governance.ledger.trees import StoredTree
from tests.governance.working import carry_out
from tests.support.people import Company
from verifier import (
    ACKNOWLEDGEMENT,
    CONSISTENCY,
    COSIGNATURE,
    EXPORT,
    KEY_CHANGES,
    ML_DSA,
    Checkpoint,
    Datasets,
    Key,
    Refused,
    Trust,
    Unreadable,
    compare,
    main,
    message,
    verify,
)

FORKED = StoredTree([*ENTRIES[:3], bytes(32), *ENTRIES[4:]])


def grown(size: int, *since: int) -> str:
    return json.dumps({"format": CONSISTENCY, "head": head(size, *since)})


def test_files_of_one_ledger_agree() -> None:
    verdict = compare([json.dumps(receipt(7)), grown(13, 7), checkpoint(7).note], Trust([LOG.key]))
    assert "No two of these heads" in " ".join(verdict.proven)
    assert not verdict.unproven


def test_split_view_of_one_size_is_found() -> None:
    other = checkpoint(13, FORKED).note
    with pytest.raises(Refused, match="FORKED"):
        compare([json.dumps(receipt()), other], Trust([LOG.key]))


def test_split_view_of_two_sizes_is_found_by_a_link() -> None:
    theirs = checkpoint(7, FORKED).note
    with pytest.raises(Refused, match="FORKED"):
        compare([theirs, json.dumps(receipt(7))], Trust([LOG.key]))
    verdict = compare([theirs, json.dumps(receipt())], Trust([LOG.key]))
    assert any("1 pairs of heads" in line for line in verdict.unproven), "nothing connects the two"


def test_split_view_in_two_links_to_one_size_is_found() -> None:
    theirs = json.dumps({"format": CONSISTENCY, "head": head(12, 7, tree=FORKED)})
    with pytest.raises(Refused, match="FORKED"):
        compare([grown(13, 7), theirs], Trust([LOG.key]))


def test_heads_of_another_key_are_no_fork() -> None:
    """Anybody can make a file with this name of a ledger and a key of their own."""
    stranger = Holder(LOG.key.name, seed=9)
    files = [grown(13), checkpoint(13, FORKED, log=stranger).note, grown(13, 7)]
    verdict = compare(files, Trust([LOG.key, stranger.key]))
    assert any("2 pairs of heads are of one ledger: different keys" in line for line in verdict.unproven)


@pytest.mark.parametrize("second", [None, COUNCIL.signs(checkpoint(9))], ids=["one head each", "two heads in a file"])
def test_nothing_is_compared_if_all_keys_differ(
    second: Checkpoint | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = Holder(LOG.key.name, seed=9)
    files = [tmp_path / "one", tmp_path / "two"]
    files[0].write_text(json.dumps(receipt(9, witnessed=second)), encoding="utf-8")
    files[1].write_text(checkpoint(13, FORKED, log=stranger).note, encoding="utf-8")
    keys = ["--key", str(LOG.key), "--key", str(stranger.key)]
    assert main([str(files[0]), "--compare", str(files[1]), *keys]) == 2
    assert "Nothing was compared: different keys signed the files" in capsys.readouterr().out


def test_heads_that_nothing_connects_are_not_called_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "one", tmp_path / "two"]
    files[0].write_text(grown(13), encoding="utf-8")
    files[1].write_text(checkpoint(7, FORKED).note, encoding="utf-8")
    assert main([str(files[0]), "--compare", str(files[1]), "--key", str(LOG.key)]) == 3
    said = capsys.readouterr().out
    assert "NO TWO of their heads could be compared" in said
    assert "contradict each other" not in said


def test_a_checkpoint_of_two_keys_is_held_under_both() -> None:
    second = Holder(LOG.key.name, seed=9)
    both = second.signs(checkpoint(13))
    fork = json.dumps({"format": CONSISTENCY, "head": head(13, log=second, tree=FORKED)})
    for keys in ([LOG.key, second.key], [second.key, LOG.key]):
        with pytest.raises(Refused, match="FORKED"):
            compare([both.note, fork], Trust(keys))


@pytest.mark.parametrize(
    "trust",
    [Trust([LOG.key], leaves={}), Trust([LOG.key], register={}), Trust([LOG.key], acknowledgement={})],
    ids=["leaves", "register", "acknowledgement"],
)
def test_a_checkpoint_alone_ignores_no_file(trust: Trust) -> None:
    with pytest.raises(Unreadable, match="is not used with a checkpoint"):
        verify(checkpoint(13).note, trust)


def test_a_kept_checkpoint_of_another_key_is_no_rewriting() -> None:
    stranger = Holder(LOG.key.name, seed=9)
    kept = checkpoint(7, FORKED, log=stranger)
    with pytest.raises(Refused, match="of another ledger, or the ledger was rewritten when its key was changed"):
        verify(grown(13, 7), Trust([LOG.key, stranger.key], older=kept))


@pytest.mark.parametrize("newer", [LOG, Holder(LOG.key.name, seed=9)], ids=["one key", "across a key change"])
def test_swapped_files_are_told_to_be_swapped(newer: Holder) -> None:
    kept = checkpoint(13, log=newer)
    with pytest.raises(Refused, match=r"[Ss]wap the two"):
        verify(grown(7), Trust([LOG.key, newer.key], older=kept))


def headless() -> dict[str, dict[str, object]]:
    """A file of each kind in which nothing of the ledger is shown."""
    return {
        "leaves": leaf_list(leaves(people(3))),
        "export": {"format": EXPORT},
        "key changes": {"format": KEY_CHANGES, "key": str(LOG.key), "changes": []},
    }


@pytest.mark.parametrize("kind", headless())
@pytest.mark.parametrize(
    "given", [{"older": checkpoint(7)}, {"witnesses": [COUNCIL.key]}], ids=["checkpoint", "witness"]
)
def test_a_file_without_the_ledger_ignores_no_option(kind: str, given: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="is not used with"):
        verify(json.dumps(headless()[kind]), Trust(**given))


def test_leaves_are_signed_by_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "leaves"
    file.write_text(json.dumps(headless()["leaves"]), encoding="utf-8")
    assert main([str(file)]) == 3
    assert "nobody signs a list of leaves" in capsys.readouterr().out
    assert main([str(file), "--key", str(LOG.key)]) == 3


def test_acknowledgement_outside_the_ledger_was_seen_by_no_witness() -> None:
    statement = {"kind": "request_received", "at": "2026-03-05T10:00:00Z"}
    signature = base64.b64encode(LOG.sign(message(ACKNOWLEDGEMENT, statement))).decode()
    file = {"format": ACKNOWLEDGEMENT, "key": str(LOG.key), "statement": statement, "signature": signature}
    verdict = verify(json.dumps(file | {"ledger": None}), Trust([LOG.key], [COUNCIL.key]))
    assert any("That the witness saw this entry" in line for line in verdict.unproven)


@pytest.mark.parametrize(
    "other", [{"ledger": None}, {"ledger": None, "head": None}], ids=["not in the ledger yet", "without a head"]
)
def test_a_file_without_a_head_can_not_be_compared(
    other: dict[str, None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "one", tmp_path / "two"]
    files[0].write_text(grown(13), encoding="utf-8")
    files[1].write_text(json.dumps(receipt() | other), encoding="utf-8")
    assert main([str(files[0]), "--compare", str(files[1]), "--key", str(LOG.key)]) == 2
    assert "nothing to compare" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--checkpoint", "--leaves", "--register", "--acknowledgement", "--earlier"])
def test_an_option_that_would_be_ignored_is_refused(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text(grown(13), encoding="utf-8")
    given = [str(file), option, str(file), "--key", str(LOG.key)]
    assert main([*given, "--compare", str(file)]) == 2
    assert "is not used with" in capsys.readouterr().out
    if option != "--checkpoint":
        assert main(given) == 2
        assert "is not used with" in capsys.readouterr().out


def test_the_key_of_a_ledger_is_no_witness(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.write_text(grown(13), encoding="utf-8")
    assert main([str(file), "--witness", str(LOG.key), "--key", str(LOG.key)]) == 2
    assert "must be the key of a witness" in capsys.readouterr().out


@pytest.mark.parametrize("trusted", [True, False], ids=["key given", "key from the file"])
@pytest.mark.parametrize("named", [LOG.key.name, "council.example"])
def test_the_key_of_a_ledger_retyped_is_no_witness(
    named: str, trusted: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever signs the ledger can sign as its witness with the same key, under another type and name."""
    disguised = Holder(named, COSIGNATURE)
    assert disguised.key.public == LOG.key.public
    file = tmp_path / "file"
    seen = disguised.signs(checkpoint(13))
    file.write_text(json.dumps({"format": CONSISTENCY, "head": head(13, witnessed=seen)}), encoding="utf-8")
    keys = ["--key", str(LOG.key)] if trusted else []
    assert main([str(file), "--witness", str(disguised.key), *keys]) == 2
    assert "must be the key of a witness" in capsys.readouterr().out


def test_files_of_other_systems_are_read(tmp_path: Path) -> None:
    """With a byte order mark, and with the line ends of Windows."""
    file, kept = tmp_path / "file", tmp_path / "kept"
    file.write_text(grown(13, 7), encoding="utf-8-sig")
    kept.write_bytes(checkpoint(7).note.replace("\n", "\r\n").encode())
    assert main([str(file), "--checkpoint", str(kept), "--key", str(LOG.key)]) == 0
    assert main([str(kept), "--key", str(LOG.key)]) == 0


def test_split_view_in_a_witnessed_head_is_found() -> None:
    seen = COUNCIL.signs(checkpoint(9, FORKED))
    with pytest.raises(Refused, match="FORKED"):
        compare([json.dumps(receipt(witnessed=seen)), grown(13, 9)], Trust([LOG.key]))


def test_two_lists_of_dataset_versions_are_found() -> None:
    line = str(Datasets.parse([["5a1f0c52-5f3c-4c50-9f35-b2a4b8a4c3e1", "ab" * 32, 3]]).line)
    plain = checkpoint(13)
    other = LOG.signs(replace(plain, signatures=(), extensions=(line,)))
    with pytest.raises(Refused, match="FORKED"):
        compare([plain.note, other.note], Trust([LOG.key]))


def test_files_of_different_ledgers_are_not_compared() -> None:
    other = Holder("other.example/ledger", seed=5)
    with pytest.raises(Unreadable, match="different ledgers"):
        compare([checkpoint(7).note, checkpoint(7, log=other).note], Trust([LOG.key, other.key]))


def test_two_people_compare_at_the_command_line(
    api: Client, person: Company, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, sizes = [], []
    for name in ("ada", "bob"):
        client = api(person(f"{name}@example.com"))
        request = ended_request(client)
        receipt_file, found = tmp_path / f"{name}.json", receipt_of(client, request)
        receipt_file.write_text(json.dumps(found), encoding="utf-8")
        files.append(str(receipt_file))
        sizes.append(found["ledger"]["head"]["size"])
    command = [files[0], "--compare", files[1], "--key", str(signer().key)]
    assert main(command) == 3
    assert "with `since=` and the size of the smaller head" in capsys.readouterr().out
    receipt_file.write_text(json.dumps(receipt_of(client, request, since=sizes[0])), encoding="utf-8")
    assert main(command) == 0
    assert "2 files with 2 heads" in capsys.readouterr().out
    assert main([files[0], "--compare", str(tmp_path / "none"), "--key", str(signer().key)]) == 2


def test_tlog_proof_is_read_by_another_program(api: Client, person: Company, tmp_path: Path) -> None:
    client = api(person())
    request = client.post("/v1/requests", json={"type": "objection"}).json()["id"]
    carry_out(request)
    answer = client.get(f"/v1/requests/{request}/receipt.tlog-proof")
    assert answer.headers["content-disposition"].endswith('.tlog-proof"')
    proof, note = answer.text.split("\n\n", 1)
    version, extra, index, *path = proof.split("\n")
    origin, size, root, *_ = note.split("\n")
    assert version == "c2sp.org/tlog-proof@v1"
    data = base64.b64decode(extra.removeprefix("extra "))
    assert json.loads(data[32:])["request"] == request
    found = hashlib.sha256(b"\0" + hashlib.sha256(data).digest()).digest()
    place, last = int(index.removeprefix("index ")), int(size) - 1
    for sibling in map(base64.b64decode, path):  # RFC 9162, 2.1.3.2
        if place & 1 or place == last:
            found = hashlib.sha256(b"\1" + sibling + found).digest()
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\1" + found + sibling).digest()
        place, last = place >> 1, last >> 1
    assert (base64.b64encode(found).decode(), origin) == (root, signer().key.name)
    verdict = verify(answer.text, Trust([signer().key]))
    assert any("ledger contains it" in line for line in verdict.proven)
    with pytest.raises(Refused, match="inclusion proof"):
        verify(answer.text.replace(f"\n{index}\n", "\nindex 0\n"), Trust([signer().key]))


def test_ml_dsa_cosignature_is_checked() -> None:
    """The message as C2SP tlog-cosignature describes it."""
    private, name, time = MLDSA44PrivateKey.generate(), "council.example", 1_790_000_000
    key = Key(name, private.public_key().public_bytes_raw(), ML_DSA)
    assert Key.parse(str(key)) == key
    plain = checkpoint(9)
    signed = b"subtree/v1\n\0" + struct.pack(">B", len(name)) + name.encode() + struct.pack(">Q", time)
    signed += struct.pack(">B", len(plain.origin)) + plain.origin.encode() + struct.pack(">QQ", 0, 9) + plain.root
    line = (name, key.id, struct.pack(">Q", time) + private.sign(signed))
    seen = replace(plain, signatures=(*plain.signatures, line))
    assert Checkpoint.parse(seen.note).signed_by(key)
    verdict = verify(json.dumps(receipt(9, witnessed=seen)), Trust([LOG.key], [key]))
    assert any("council.example saw" in each for each in verdict.proven)
    assert not replace(seen, size=8).signed_by(key)
    assert not replace(seen, signatures=((name, key.id, bytes(8) + line[2][8:]),)).signed_by(key)


def test_links_of_the_comparison_are_those_of_the_standard() -> None:
    assert [bytes.fromhex(each) for each in head(13, 7)["earlier"][0]["proof"]] == consistency(7, ENTRIES)
