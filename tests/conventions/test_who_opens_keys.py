"""Where content keys are opened, and for whom: a new place has to be added here, with a reason to be the person."""

from __future__ import annotations

import ast

import pytest

from tests.conventions.sources import modules

PACKAGES = ("dashboard", "directory", "governance", "lake", "queries")
ONESELF = {
    "directory/access_tokens.py": "the owner of a token that was verified there",
    "governance/requests/filing.py": "routes pass the subject of a verified token",
    "governance/requests/notes.py": "words that the person files now, and their own notes in force",
}
"""Modules that say that the person themselves reads, and why that is so."""
SUBJECTS = {
    "directory/access_tokens.py": "sign-in",
    "queries/person.py": "for a worker's request, whose entry is written there",
}
UNWRAPPING = {
    "directory/keys/ring.py",
    "directory/keys/master.py",  # tells which master key wraps one
    "directory/keys/rewrapping.py",  # wraps them with another; gives out none
}


def calling(*names: str) -> set[str]:
    found = set()
    for package in PACKAGES:
        for file, tree in modules(package):
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                    name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                    if name in names:
                        found.add(file.as_posix())
    return found


def test_only_known_places_read_as_the_person() -> None:
    assert calling("Oneself") == ONESELF.keys()
    assert calling("Subject") == SUBJECTS.keys()


@pytest.mark.parametrize("name", ["unwrap", "aes_key_unwrap", "_unwrap"])
def test_only_the_key_ring_unwraps_keys(name: str) -> None:
    assert calling(name) <= UNWRAPPING


def test_only_the_key_ring_opens_with_the_key_service() -> None:
    opening = {
        file.as_posix()
        for package in PACKAGES
        for file, tree in modules(package)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "open" and "key_service()" in ast.unparse(node.value)
    }
    assert opening == {"directory/keys/ring.py"}


def test_only_the_key_ring_reads_wrapped_keys() -> None:
    users = {
        file.as_posix()
        for package in PACKAGES
        for file, tree in modules(package)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "wrapped"
    }
    assert users == UNWRAPPING
