"""The verifier: valid files are proven, and each kind of tampering has its own error."""

from __future__ import annotations

import base64
import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.governance.ledger.signing import COUNCIL, INDEX, LOG, STATEMENT, Holder, checkpoint, head, receipt
from tests.governance.ledger.trees import StoredTree, counted
from verifier import (
    CONSISTENCY,
    FAULTS,
    NEVER_PROVEN,
    Checkpoint,
    Key,
    Refused,
    Trust,
    Unreadable,
    canonical,
    main,
    verify,
)

OTHER = str(Holder(LOG.key.name, seed=9).key)
SPEC_CHECKPOINT = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurm\
RDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeo\
lMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""
"""The example of the C2SP specifications of checkpoints and cosignatures."""


def check(document: dict[str, Any] | str, *keys: Key, witness: Holder | None = None, older: Any = None) -> Any:
    text = document if isinstance(document, str) else json.dumps(document)
    return verify(text, Trust(keys, [witness.key] if witness else [], older))


def refused(document: dict[str, Any] | str, *keys: Key, **trust: Any) -> str:
    with pytest.raises(Refused) as caught:
        check(document, *keys, **trust)
    assert str(caught.value) == FAULTS[caught.value.fault]
    return caught.value.fault


def changed(document: dict[str, Any], *path: str | int, to: Any) -> dict[str, Any]:
    document = copy.deepcopy(document)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to(place[path[-1]]) if callable(to) else to
    return document


def flip_hex(text: str) -> str:
    return ("0" if text[0] != "0" else "1") + text[1:]


def flip_base64(text: str) -> str:
    data = base64.b64decode(text)
    return base64.b64encode(bytes([data[0] ^ 1]) + data[1:]).decode()


def flip_note_signature(note: str) -> str:
    start, _, last = note.rstrip("\n").rpartition(" ")
    data = base64.b64decode(last)
    return f"{start} {base64.b64encode(data[:-1] + bytes([data[-1] ^ 1])).decode()}\n"


def flip_note_root(note: str) -> str:
    origin, size, root, rest = note.split("\n", 3)
    return "\n".join([origin, size, flip_base64(root), rest])


def test_valid_receipt_is_proven_with_limits() -> None:
    verdict = check(receipt(), LOG.key)
    assert any(str(LOG.key) in line for line in verdict.proven)
    assert any(f"entry {INDEX} of 13" in line for line in verdict.proven)
    assert set(NEVER_PROVEN) < set(verdict.unproven)
    assert not any("came with the file" in line for line in verdict.unproven)
    assert any("erased: 12" in line for line in verdict.says)
    assert "backups: none" in verdict.says


def test_missing_own_key_is_not_proven() -> None:
    assert any("came with the file" in line for line in check(receipt()).unproven)


def test_different_head_key_names_both_keys() -> None:
    other = Holder(LOG.key.name, seed=9)
    mixed = changed(receipt(), "ledger", "head", to=receipt(log=other)["ledger"]["head"])
    proven = check(mixed).proven
    assert any(str(LOG.key) in line and "statement" in line for line in proven)
    assert any(str(other.key) in line and "head" in line for line in proven)


TAMPERED: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "statement": ("statement", lambda it: changed(it, "statement", "state", to="denied")),
    "statement, a count": ("statement", lambda it: changed(it, "statement", "stores", 0, "erased", to=13)),
    "statement, one more field": ("statement", lambda it: changed(it, "statement", to=lambda s: {**s, "extra": 1})),
    "signature": ("signature", lambda it: changed(it, "signature", to=flip_base64)),
    "key": ("key", lambda it: changed(it, "key", to=OTHER)),
    "key of the checkpoint": ("key", lambda it: changed(it, "ledger", "head", "key", to=OTHER)),
    "key, not its id": ("key", lambda it: changed(it, "key", to=lambda key: key[:-4] + "AAAA")),
    "salt": ("commitment", lambda it: changed(it, "ledger", "salt", to=flip_hex)),
    "commitment": ("commitment", lambda it: changed(it, "ledger", "commitment", to=flip_hex)),
    "inclusion proof": ("inclusion", lambda it: changed(it, "ledger", "inclusion", 1, to=flip_hex)),
    "inclusion proof, shorter": ("inclusion", lambda it: changed(it, "ledger", "inclusion", to=lambda it: it[1:])),
    "index": ("inclusion", lambda it: changed(it, "ledger", "index", to=4)),
    "size of the checkpoint": (
        "checkpoint size",
        lambda it: changed(it, "ledger", "head", "checkpoint", to=lambda note: note.replace("\n13\n", "\n14\n")),
    ),
    "size beside the checkpoint": ("checkpoint size", lambda it: changed(it, "ledger", "head", "size", to=12)),
    "root of the checkpoint": (
        "checkpoint root",
        lambda it: changed(it, "ledger", "head", "checkpoint", to=flip_note_root),
    ),
    "root beside the checkpoint": ("checkpoint root", lambda it: changed(it, "ledger", "head", "root", to=flip_hex)),
    "signature of the checkpoint": (
        "checkpoint signature",
        lambda it: changed(it, "ledger", "head", "checkpoint", to=flip_note_signature),
    ),
    "origin of the checkpoint": (
        "checkpoint origin",
        lambda it: changed(it, "ledger", "head", "checkpoint", to=lambda note: "x" + note),
    ),
    "an older, genuine checkpoint": (
        "inclusion",
        lambda it: changed(it, "ledger", "head", to=head(12)),
    ),
    "proof that the ledger grew": (
        "consistency",
        lambda it: changed(it, "ledger", "head", "earlier", 0, "proof", 0, to=flip_hex),
    ),
    "older root": ("consistency", lambda it: changed(it, "ledger", "head", "earlier", 0, "root", to=flip_hex)),
}  # fmt: skip


@pytest.mark.parametrize(("fault", "tamper"), TAMPERED.values(), ids=TAMPERED)
@pytest.mark.parametrize("keys", [(), (LOG.key,)], ids=["key in the file", "key of one's own"])
def test_each_tampering_has_its_own_error(
    keys: tuple[Key, ...], fault: str, tamper: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    document = receipt(7)
    check(document, *keys)
    found = refused(tamper(document), *keys)
    assert found == fault or (keys and fault == "key" and found == "untrusted key")


def test_error_messages_are_distinct() -> None:
    assert len(set(FAULTS.values())) == len(FAULTS)


def test_forged_receipt_is_detected_with_the_real_key() -> None:
    forged = receipt(log=Holder(LOG.key.name, seed=9))
    check(forged)
    assert refused(forged, LOG.key) == "untrusted key"


def test_receipt_from_before_key_change_needs_both_keys() -> None:
    new = Holder(LOG.key.name, seed=9)
    document = changed(receipt(), "ledger", "head", to=head(log=new))
    check(document, LOG.key, new.key)
    assert refused(document, LOG.key) == "untrusted key"


def test_older_checkpoint_consistency() -> None:
    document = receipt(7)
    for older in (checkpoint(7), checkpoint(13), checkpoint(0)):
        assert any("only grew since your older" in line for line in check(document, older=older).proven)
    assert any("never rewritten" in line for line in check(document).unproven)
    other = StoredTree(counted(20))
    for older, fault in (
        (checkpoint(7, other), "older checkpoint"),
        (checkpoint(13, other), "older checkpoint"),
        (checkpoint(20, other), "ledger shrank"),
        (checkpoint(7, log=Holder(LOG.key.name, seed=9)), "older checkpoint signature"),
        (Checkpoint(LOG.key.name, 7, bytes(32), checkpoint(7).signatures), "older checkpoint signature"),
    ):
        assert refused(document, older=older) == fault


def test_older_checkpoint_without_a_link_is_not_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, kept = tmp_path / "receipt.json", tmp_path / "kept.txt"
    file.write_text(json.dumps(receipt(7)), encoding="utf-8")
    kept.write_text(checkpoint(6).note, encoding="utf-8")
    assert main([str(file), "--key", str(LOG.key), "--checkpoint", str(kept)]) == 3
    assert "NOT CHECKED" in capsys.readouterr().out
    kept.write_text(checkpoint(7).note, encoding="utf-8")
    assert main([str(file), "--key", str(LOG.key), "--checkpoint", str(kept)]) == 0


def test_growth_is_claimed_only_since_a_kept_checkpoint() -> None:
    assert not any("only grew" in line for line in check(receipt(7)).proven)


def test_scope_without_limits_is_printed_as_everything() -> None:
    limits = dict.fromkeys(("signals", "applications", "from", "until"))
    everything = check(receipt(statement={**STATEMENT, "scope": limits})).says
    some = check(receipt(statement={**STATEMENT, "scope": limits | {"signals": ["scroll"]}})).says
    assert "scope: everything" in everything
    assert "scope: everything" not in some
    assert "        - scroll" in some


def test_witness_counts_only_for_a_consistent_head() -> None:
    signed = COUNCIL.signs(checkpoint(9))
    assert any("council.example saw" in line for line in check(receipt(9, witnessed=signed), witness=COUNCIL).proven)
    fresh = changed(receipt(), "ledger", "head", "checkpoint", to=COUNCIL.signs(checkpoint(13)).note)
    assert any("when it had 13" in line for line in check(fresh, witness=COUNCIL).proven)
    assert any("no key of a witness" in line for line in check(fresh).unproven)
    early = COUNCIL.signs(checkpoint(3))
    verdict = check(receipt(3, witnessed=early), witness=COUNCIL)
    assert any("newer than what the witness signed" in line for line in verdict.unproven)
    other = StoredTree(counted(20))
    for document in (
        receipt(),
        receipt(9, witnessed=checkpoint(9)),
        receipt(9, witnessed=COUNCIL.signs(checkpoint(9, other))),
        receipt(7, witnessed=signed),
        changed(receipt(9, witnessed=signed), "ledger", "head", "witnessed", to=flip_note_signature),
        receipt(9, witnessed=Holder("council.example", 4, seed=8).signs(checkpoint(9))),
    ):
        assert refused(document, witness=COUNCIL) == "witness"


def test_standalone_consistency_and_checkpoint_files() -> None:
    document = {"format": CONSISTENCY, "head": head(13, 7)}
    verdict = check(document, LOG.key, older=checkpoint(7))
    assert any("its 7 entries are unchanged" in line for line in verdict.proven)
    assert refused(changed(document, "head", "earlier", 0, "proof", 0, to=flip_hex)) == "consistency"
    note = checkpoint(13).note
    assert check(note, LOG.key, older=checkpoint(13)).proven
    assert refused(note, LOG.key, older=checkpoint(13, StoredTree(counted(13)))) == "older checkpoint"
    assert refused(flip_note_signature(note), LOG.key) == "checkpoint signature"
    assert refused(note, Holder("other").key) == "checkpoint origin"
    with pytest.raises(Unreadable, match="--key"):
        check(note)


DAMAGED: list[Any] = [
    "",
    "hello",
    "[]",
    "{}",
    "{",
    "{" * 20_000,
    '{"format": "open-book/receipt/v2"}',
    '{"format": {}}',
    {"format": "open-book/receipt/v1"},
    changed(receipt(), "statement", to=[1.5]),
    changed(receipt(), "statement", "state", to=2**60),
    json.dumps(receipt()).replace('"state": "completed"', '"state": "completed", "state": "denied"'),
    json.dumps(receipt()).replace("12", "1e1"),
    changed(receipt(), "ledger", "index", to="5"),
    changed(receipt(), "ledger", "salt", to="00"),
    changed(receipt(), "ledger", "inclusion", to="abc"),
    changed(receipt(), "ledger", "head", "checkpoint", to=lambda note: note.replace("\n13\n", "\n013\n")),
    changed(receipt(), "ledger", "head", "checkpoint", to=lambda note: note.replace("— ", "- ")),
    changed(receipt(), "ledger", "head", "checkpoint", to=lambda note: note.replace("\n", "\r\n")),
    changed(receipt(), "key", to="nobody"),
    changed(receipt(), "key", to=lambda key: key + "AAAA"),
    changed(receipt(), "signature", to=lambda text: text[:-1]),
    changed(receipt(), "signature", to=None),
]


@pytest.mark.parametrize("document", DAMAGED, ids=range(len(DAMAGED)))
def test_unreadable_file_is_reported(document: Any) -> None:
    with pytest.raises(Unreadable, match=r"\w"):
        check(document)
    with pytest.raises(Unreadable, match=r"\w"):
        verify(b"\xff\xfe")


def test_any_changed_letter_is_detected() -> None:
    document = receipt(7, witnessed=COUNCIL.signs(checkpoint(7)))
    text = json.dumps(document, ensure_ascii=False)
    same, letters = random.Random(7), '0123456789abcdef+/=A"{}'
    for at in same.sample(range(len(text)), 400):
        damaged = text[:at] + same.choice([letter for letter in letters if letter != text[at]]) + text[at + 1 :]
        with pytest.raises((Refused, Unreadable)):
            check(damaged, LOG.key, witness=COUNCIL, older=checkpoint(7))


def test_specification_checkpoint_round_trips() -> None:
    parsed = Checkpoint.parse(SPEC_CHECKPOINT)
    assert (parsed.origin, parsed.size) == ("example.com/behind-the-sofa", 20852163)
    assert [name for name, _, _ in parsed.signatures] == ["example.com/behind-the-sofa", "witness.example.com/w1"]
    assert parsed.note == SPEC_CHECKPOINT


def test_key_id_matches_the_specification() -> None:
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"  # of Go's package note
    key = Key.parse(text)
    assert (key.name, key.id.hex(), str(key)) == ("PeterNeumann", "c74f20a3", text)
    with pytest.raises(Refused):
        Key.parse(text.replace("PeterNeumann", "PeterNeuman"))


def test_canonical_json_matches_rfc_8785() -> None:
    document = {
        "\u20ac": "Euro",
        "\r": "CR",
        "1": "One",
        "\U0001f602": "Smiley",
        "\ufb33": "Dalet",
        "a": [True, None, -5],
    }
    assert canonical(document).decode() == (
        '{"\\r":"CR","1":"One","a":[true,null,-5],"\u20ac":"Euro","\U0001f602":"Smiley","\ufb33":"Dalet"}'
    )
    assert canonical('\b\t\n\f\r"\\/\u000f\u007f\u2028') == b'"\\b\\t\\n\\f\\r\\"\\\\/\\u000f\x7f\xe2\x80\xa8"'
    for no in (1.0, float("nan"), 2**53, -(2**53), {"a": (1,)}, "\ud800", b"", {"\ud800": 1}):
        with pytest.raises(ValueError, match=r"."):
            canonical(no)


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
        max_leaves=12,
    )
)
def test_canonical_json_ignores_formatting(document: Any) -> None:
    written = canonical(document)
    assert json.loads(written) == document
    assert canonical(json.loads(json.dumps(document, indent=3))) == written
