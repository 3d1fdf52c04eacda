"""The pinned requirements files follow pyproject.toml; `make requirements` brings them in line."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conventions.sources import ROOT, files, imported, modules

SOURCES = {file.parts[0] for file in files(".py")}
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>\S+)(?P<rest>(?:.*\\\n)*.*\n(?: +#.*\n)*)", re.MULTILINE)

FILES = {
    "requirements.txt": (True, ()),
    "requirements/demo.txt": (True, ("demo",)),
    "requirements/test.txt": (True, ("demo", "test")),
    "requirements/bench.txt": (True, ("demo", "test", "bench")),
    "requirements/activitywatch.txt": (False, ("activitywatch",)),
    "requirements/mlflow.txt": (False, ("mlflow",)),
    "requirements/s3.txt": (False, ("s3",)),
    "requirements/sbom.txt": (False, ("sbom",)),
}
"""File -> whether it holds the product's own dependencies, and which groups."""


def declared(product: bool, groups: tuple[str, ...]) -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = list(project["project"]["dependencies"]) if product else []
    for group in groups:
        lines += project["dependency-groups"][group]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def pins(file: str) -> dict[str, list[re.Match[str]]]:
    """By name; several if another Python gets another version."""
    found: dict[str, list[re.Match[str]]] = defaultdict(list)
    for match in PIN.finditer((ROOT / file).read_text()):
        found[match["name"]].append(match)
    return found


@pytest.mark.parametrize("file", FILES)
def test_every_dependency_is_pinned_to_a_version_that_pyproject_allows(file: str) -> None:
    pinned = pins(file)
    for name, requirement in declared(*FILES[file]).items():
        assert name in pinned, f"{name} is not in {file}: run make requirements"
        for pin in pinned[name]:
            assert requirement.specifier.contains(pin["version"], prereleases=True), f"{requirement}: {file}"


@pytest.mark.parametrize("file", FILES)
def test_no_requirement_is_left_that_pyproject_dropped(file: str) -> None:
    asked_for_directly = {
        name
        for name, found in pins(file).items()
        if any(re.search(r"\bopen-book\b|pyproject", pin["rest"]) for pin in found)
    }
    assert asked_for_directly == set(declared(*FILES[file]))


@pytest.mark.parametrize("file", FILES)
def test_pins_have_hashes_and_name_no_index_or_folder(file: str) -> None:
    text = (ROOT / file).read_text()
    found = [pin for several in pins(file).values() for pin in several]
    assert len(found) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))
    assert all("--hash=sha256:" in pin["rest"] for pin in found)
    assert "://" not in text
    assert not re.search(r"^(-|\.|/)|file:|find-links", text, re.MULTILINE)


@pytest.mark.parametrize("file", ["requirements.txt", "requirements/demo.txt"])
def test_tests_run_with_the_production_versions(file: str) -> None:
    tested = pins("requirements/test.txt")
    for name, found in pins(file).items():
        assert [pin["version"] for pin in tested[name]] == [pin["version"] for pin in found]


def only_for(file: str, others: str) -> set[str]:
    """The distributions that `file` installs and `others` does not."""
    return pins(file).keys() - pins(others).keys()


def test_production_installs_nothing_of_the_demos_identity_provider() -> None:
    assert {"canaille", "flask", "werkzeug"} <= only_for("requirements/demo.txt", "requirements.txt")


@pytest.mark.parametrize("package", sorted(SOURCES - {"benchmarks", "demo", "tests"}))
def test_the_product_imports_nothing_that_production_does_not_install(package: str) -> None:
    elsewhere = only_for("requirements/test.txt", "requirements.txt")
    provided = packages_distributions()
    for file, tree in modules(package):
        for name in imported(tree) & provided.keys():
            distributions = {canonicalize_name(each) for each in provided[name]}
            assert not distributions <= elsewhere, f"{file} imports {name}, which production does not install"
