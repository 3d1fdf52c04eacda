"""What production installs may be used in a product: each licence is known, and none is the GPL or the AGPL."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata

import pytest

from tests.conventions.test_requirements import pins

COPYLEFT = re.compile(r"\bA?GPL|Affero|(?<!Lesser )General Public", re.IGNORECASE)
LESSER = {"psycopg", "psycopg-binary", "python-stdnum"}
"""Under the LGPL: libraries that are used unchanged, and that anyone can replace."""


def licences(name: str) -> list[str]:
    """What a distribution says about its licence: the SPDX expression, or else its classifiers, or else its text."""
    of = metadata(name)
    classifiers = [value for value in of.get_all("Classifier") or () if value.startswith("License ::")]
    return [*(of.get_all("License-Expression") or ()), *classifiers, *(of.get_all("License") or ())]


def installed() -> list[str]:
    found = []
    for name in pins("requirements.txt"):
        try:
            metadata(name)
        except PackageNotFoundError:
            continue  # of another system
        found.append(name)
    return found


@pytest.mark.parametrize("name", installed())
def test_production_installs_no_copyleft(name: str) -> None:
    said = licences(name)
    assert said, "it names no licence"
    if name in LESSER:
        assert "LGPL" in said[0]
    else:
        assert not [line for line in said if COPYLEFT.search(line.splitlines()[0])]


def test_most_of_production_was_checked() -> None:
    assert len(installed()) > 0.9 * len(pins("requirements.txt"))


@pytest.mark.parametrize("text", ["GPL-3.0-only", "License :: OSI Approved :: GNU Affero General Public License v3"])
def test_copyleft_would_be_noticed(text: str) -> None:
    assert COPYLEFT.search(text)
