"""Errors that reach a person are in one tree (`errors`), and one place turns them into answers."""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Iterator

import errors
from governance.api.error_handlers import PROBLEMS
from tests.conventions.sources import ROOT, files, modules

APART = {"api_client", "verifier.py", "witness.py", "demo", "benchmarks", "tests", "docs", "errors.py"}
"""The client, the verifier and the witness import nothing of ours; the demo is no part of the product."""
INTERNAL = {
    "outgoing.py": {"CallFailed"},
    "governance/schemas/problem.py": {"Problem"},
    "directory/sealing.py": {"Unreadable"},
    "directory/keys/ring.py": {"NotTheirKey"},
    "lake/connectors/records.py": {"InvalidRecord"},
    "lake/pictures/decoding.py": {"PictureRefused"},
    "lake/storage/duplicate.py": {"NotCopied"},
    "lake/releases/database.py": {"NoReleases"},
    "governance/export/counts.py": {"ExportDoesNotAddUp"},
    "governance/export/sealed_file.py": {"SealedFileError"},
    "governance/intake/landing.py": {"Unreadable"},
    "governance/intake/people.py": {"NotCaptured"},
    "governance/intake/unpacking.py": {"UnusableColumns"},
    "governance/leases/writing.py": {"Stopped"},
    "governance/lineage/openlineage/decoding.py": {"NotJson", "TooManyValues"},
    "governance/requests/progress.py": {"Postponed"},
    "governance/notifying/smtp.py": {"NotEncrypted"},
    "governance/opendsr/identities.py": {"NoIdentity", "NotFound", "NotSupported"},
    "governance/opendsr/outbound.py": {"Unreachable"},
    "governance/opendsr/signing.py": {"NotVerified"},
    "governance/opendsr/notifying.py": {"NotAcknowledged"},
    "governance/api/edge/gunzip.py": {"NotGzip"},
    "governance/intake/keys.py": {"_RepeatedKey"},
    "dashboard/serving/limits.py": {"TooMany"},
    "dashboard/sign_in/sessions.py": {"TooManySessions"},
}
"""Errors that our own code catches: what a person reads is written where they are caught."""


def test_errors_that_reach_a_person_are_in_one_tree() -> None:
    found: dict[str, set[str]] = {}
    for file in files(".py"):
        if file.parts[0] not in APART:
            names = set(_outside_the_tree(ast.parse((ROOT / file).read_text(encoding="utf-8"))))
            if names:
                found[str(file)] = names
    assert found == INTERNAL


def _outside_the_tree(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.bases and all(_is_builtin_error(base) for base in node.bases):
            yield node.name


def _is_builtin_error(base: ast.expr) -> bool:
    found = getattr(builtins, base.id, None) if isinstance(base, ast.Name) else None
    return isinstance(found, type) and issubclass(found, BaseException)


def test_every_kind_of_error_has_an_answer() -> None:
    kinds = {found for _, found in inspect.getmembers(errors, inspect.isclass)} - {errors.OpenBookError}
    assert len(kinds) > 5
    assert kinds <= PROBLEMS.keys()


def test_errors_without_a_kind_are_unexpected() -> None:
    assert not {errors.OpenBookError, Exception} & PROBLEMS.keys()


def test_routes_translate_no_error_by_hand() -> None:
    found = [
        str(file)
        for file, tree in modules("governance")
        if file.parts[:2] == ("governance", "api")
        for handler in ast.walk(tree)
        if isinstance(handler, ast.ExceptHandler)
        for node in ast.walk(handler)
        if isinstance(node, ast.Raise) and node.exc is not None and f"str({handler.name})" in ast.unparse(node.exc)
    ]
    assert found == ["governance/api/routes/opendsr.py"]  # OpenDSR answers in its own format
