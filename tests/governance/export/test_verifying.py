"""An export can be checked by its owner, offline; each kind of tampering has its own message."""

from __future__ import annotations

import base64
import io
import json
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import verifier
from directory import Employee
from governance.ledger import signing
from tests.governance.export.opening import read, unzip, write
from verifier import Refused, Trust, Unreadable, verify_file

Files = dict[str, bytes]


@pytest.fixture
def export(ada: Employee, path: Path, tmp_path: Path) -> Path:
    write(ada, path)
    file = tmp_path / "export.zip"
    file.write_bytes(read(ada, path))
    return file


def tampered(export: Path, change: Callable[[Files], object]) -> Path:
    with zipfile.ZipFile(export) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(export, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return export


def in_manifest(change: Callable[[dict[str, Any]], object]) -> Callable[[Files], object]:
    def changed(files: Files) -> None:
        document = json.loads(files["manifest.json"])
        change(document)
        files["manifest.json"] = json.dumps(document).encode()

    return changed


def forged(document: dict[str, Any]) -> None:
    """Sign it again, with the attacker's own key."""
    secret = Ed25519PrivateKey.generate()
    key = verifier.Key("open-book", secret.public_key().public_bytes_raw())
    message = f"{verifier.EXPORT}\n".encode() + verifier.canonical(document["statement"])
    document |= {"key": str(key), "signature": base64.b64encode(secret.sign(message)).decode()}


def test_unchanged_export_is_proven(export: Path) -> None:
    verdict = verify_file(export, Trust(keys=[signing.signer().key]))
    assert any(line.startswith("All 33 files are the ones that were signed") for line in verdict.proven)
    assert verifier.UNKNOWN_KEY not in verdict.unproven
    assert any("catalogued: 7" in line for line in verdict.says)
    assert verifier.UNKNOWN_KEY in verify_file(export).unproven


@pytest.mark.parametrize(
    ("change", "fault", "words"),
    [
        (lambda files: files.update({"captures.csv": files["captures.csv"] + b"x"}), "file altered", "captures.csv"),
        (lambda files: files.update({"about.json": b"{}"}), "file altered", "about.json"),
        (lambda files: files.pop("captures.jsonl"), "file missing", "captures.jsonl"),
        (lambda files: files.update({"extra.html": b"<p>"}), "file added", "extra.html"),
        (lambda files: files.pop("manifest.json"), "no manifest", "nothing in the export can be checked"),
        (in_manifest(lambda it: it["statement"].update(subject="somebody else")), "manifest", "altered after"),
        (in_manifest(lambda it: it["statement"]["files"].pop(0)), "manifest", "altered after"),
        (in_manifest(lambda it: it["statement"]["counts"]["captures"].update(withheld=1)), "manifest", "altered after"),
        (in_manifest(lambda it: it.update(signature="A" * 86 + "==")), "manifest", "altered after"),
        (in_manifest(forged), "untrusted key", "another key than the one you trust"),
    ],
)
def test_tampering_is_reported(export: Path, change: Callable[[Files], object], fault: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as refused:
        verify_file(tampered(export, change), Trust(keys=[signing.signer().key]))
    assert refused.value.fault == fault


def test_wrong_signed_counts_are_reported(export: Path) -> None:
    def miscount(document: dict[str, Any]) -> None:
        document["statement"]["counts"]["removals"]["catalogued"] = 3
        forged(document)

    with pytest.raises(Refused, match="Signed like this: removals"):
        verify_file(tampered(export, in_manifest(miscount)))


def test_duplicate_name_is_reported(export: Path) -> None:
    with zipfile.ZipFile(export, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("captures.csv", b"other captures")
    with pytest.raises(Refused, match=r"captures\.csv"):
        verify_file(export)


def second_name(whole: bytes) -> bytes:
    """The ZIP with an extra field (Unicode path) on its first entry, in the central directory."""
    end = len(whole) - 22
    size, start = struct.unpack("<II", whole[end + 12 : end + 20])
    name = struct.unpack("<H", whole[start + 28 : start + 30])[0]
    field = struct.pack("<HHBI", 0x7075, 10, 1, zlib.crc32(whole[start + 46 : start + 46 + name])) + b"x.exe"
    entry = bytearray(whole[start : start + 46 + name])
    entry[30:32] = struct.pack("<H", len(field))
    tail = bytearray(whole[end:])
    tail[12:16] = struct.pack("<I", size + len(field))
    return bytes(whole[:start] + entry + field + whole[start + 46 + name : end] + tail)


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: b"<h1>Something else</h1>" + whole,
        lambda whole: whole + b"\n",
        lambda whole: whole[:-2] + b"\5\0hello",
        second_name,
    ],
    ids=["before", "after", "comment", "second name"],
)
def test_hidden_zip_content_is_reported(export: Path, change: Callable[[bytes], bytes]) -> None:
    tampered(export, lambda _: None)
    export.write_bytes(change(export.read_bytes()))
    with pytest.raises(Refused, match="contains more than its files"):
        verify_file(export)


def test_unlisted_entry_is_reported(export: Path) -> None:
    """Programs that read a ZIP from its beginning would unpack it."""
    tampered(export, lambda _: None)
    whole = export.read_bytes()
    hidden = io.BytesIO()
    with zipfile.ZipFile(hidden, "w") as archive:
        archive.writestr("index.html", b"<h1>Something else</h1>")
    entry = hidden.getvalue()[: archive.start_dir]
    start = struct.unpack("<I", whole[-6:-2])[0]
    end = whole[-22:-6] + struct.pack("<I", start + len(entry)) + whole[-2:]
    export.write_bytes(whole[:start] + entry + whole[start:-22] + end)
    with zipfile.ZipFile(export) as archive:
        assert archive.testzip() is None
    with pytest.raises(Refused, match="contains more than its files"):
        verify_file(export)


def test_foreign_compression_is_reported(export: Path) -> None:
    with zipfile.ZipFile(export) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(export, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in files.items():
            archive.writestr(name, content, zipfile.ZIP_DEFLATED if name == "manifest.json" else None)
    with pytest.raises(Refused) as refused:
        verify_file(export)
    assert refused.value.fault == "file altered"


def test_file_names_cannot_control_the_terminal(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tampered(export, lambda files: files.update({"\x1b[2JProven:": b""}))
    assert verifier.main([str(export)]) == 1
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("manifest", [b"", b"[]", b"{}", b'{"format": "open-book/export/v1"}', b"\xff"])
def test_invalid_manifest_cannot_be_checked(export: Path, manifest: bytes) -> None:
    with pytest.raises(Unreadable):
        verify_file(tampered(export, lambda files: files.update({"manifest.json": manifest})))


def test_changed_zip_bytes_never_pass(export: Path) -> None:
    whole = export.read_bytes()
    for place in range(0, len(whole), 997):
        export.write_bytes(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :])
        try:
            verdict = verify_file(export)
        except (Refused, Unreadable):
            continue
        assert verdict.proven[-1].startswith("All 33 files are the ones that were signed")  # such as a time of a file


def test_bundled_verifier_works_standalone(ada: Employee, path: Path, export: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    files = unzip(ada, path)
    (folder / "verifier.py").write_bytes(files["verifier.py"])
    assert len(files["HOW-TO-CHECK.txt"].decode().splitlines()) == 2
    command = [sys.executable, "-I", "verifier.py", str(export), "--key", str(signing.signer().key)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "All 33 files are the ones that were signed" in done.stdout
    tampered(export, lambda files: files.update({"about.json": b"{}"}))
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "REFUSED: A file of this export is not the one that was signed: about.json" in done.stdout
