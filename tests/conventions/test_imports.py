"""Imports go one way only: dashboard -> queries, api_client; governance -> queries, lake, directory; …"""

from __future__ import annotations

import ast
import sys
from collections import Counter

import pytest

from docs import draw_imports
from tests.conventions.sources import ROOT, files, imported, modules

EVERYBODY = {
    "settings",
    "setting_values",
    "key_settings",
    "clock",
    "collecting",
    "file_modes",
    "outgoing",
    "home",
    "timekeeping",
    "errors",
    "parts",
    "command_line",
    "log_format",
    "rates",
    "tracing",
    "trace_export",
    "otlp",
}
ALONE = {"verifier", "witness"}  # standalone: people run it without the rest
ALLOWED = {
    "api_client": set[str](),
    "languages": set[str](),
    "law": {"settings", "languages"},
    "databases": {"settings", "home", "parts"},
    "directory": EVERYBODY | {"databases", "languages", "law"},
    "lake": EVERYBODY | ALONE | {"databases", "directory", "languages", "law"},
    "queries": EVERYBODY | ALONE | {"directory", "lake", "languages", "law"},
    "governance": EVERYBODY | ALONE | {"databases", "directory", "lake", "languages", "law", "queries"},
    "dashboard": EVERYBODY | ALONE | {"directory", "lake", "languages", "law", "queries", "api_client"},
    "benchmarks": EVERYBODY
    | ALONE
    | {"directory", "lake", "law", "queries", "governance", "api_client", "demo", "tests"},
    "demo": EVERYBODY | ALONE | {"directory", "lake", "law", "queries", "governance", "api_client"},
}
OURS = set(ALLOWED) | EVERYBODY | ALONE | {"tests"}

# The dashboard gets all data from `queries` and `api_client`; of the rest it only uses words, figures and settings, and
# the place where sign-ins are kept.
WORDS_OF = {
    "directory": {"directory", "directory.access_tokens", "directory.tokens.renewing", "directory.web_sessions"},
    "lake": {
        "lake.rules.scope",
        "lake.storage.connection",
        "lake.releases.accounting",
        "lake.releases.hierarchy",
        "lake.safeguards",
    },
}

LAYERS = {
    "governance": (
        "domain logs throttle", "db schemas", "access_log ledger",
        "access_proofs access_reports ai_models receipts recording register saved_views", "requests", "notifying",
        "export rounds", "intake leases lineage opendsr", "copies", "backup", "operations", "fulfilment moving",
        "api worker", "__main__",
    ),
    "lake": (
        "connectors slices spools statements", "archives safeguards storage", "copies lineage masking pictures rules",
        "datasets ingest releases", "attacks terminal", "ingest_command", "__main__",
    ),
    "dashboard": (
        "language pages text", "done language_choice theme tour", "moments paging states", "sign_in tables wording",
        "charts routes scopes serving verification",
        "releases requests", "ai_models captured notifications officer", "story", "views", "app main", "__main__",
    ),
}  # fmt: skip
"""The parts of a package, those that others stand on first: a part imports only from the layers before its own."""
MOST_MODULES = 15


@pytest.mark.parametrize("top", LAYERS)
def test_parts_of_a_package_import_from_the_layers_before_theirs(top: str) -> None:
    level = {f"{top}.{part}": number for number, layer in enumerate(LAYERS[top]) for part in layer.split()}
    graph = draw_imports.inside(top)
    assert graph.keys() == level.keys()
    wrong = {(a, b) for a, targets in graph.items() for b in targets if level[b] >= level[a]}
    assert wrong == set()


def test_the_drawn_graph_is_that_of_the_code() -> None:
    assert draw_imports.PAGE.read_text(encoding="utf-8") == draw_imports.page(), "run python docs/draw_imports.py"


def test_arrows_that_follow_from_others_are_left_out() -> None:
    graph = {"a": {"b", "c"}, "b": {"c"}, "c": set[str]()}
    assert draw_imports.reduced(graph) == {"a": {"b"}, "b": {"c"}, "c": set()}


def test_no_package_has_too_many_modules() -> None:
    found = Counter(file.parent for package in ALLOWED for file, _ in modules(package) if file.stem[:2] != "__")
    many = {str(folder) for folder, count in found.items() if count > MOST_MODULES}
    assert many <= {"governance/db/migrations/versions"}, "only migrations are never merged"


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_imports_go_one_way(package: str) -> None:
    allowed = ALLOWED[package] | {package}
    wrong = {str(file): imported(tree) & OURS - allowed for file, tree in modules(package)}
    assert {file: names for file, names in wrong.items() if names} == {}


BELOW = {
    "outgoing": {"tracing"},
    "otlp": {"outgoing", "tracing"},
    "trace_export": {"otlp", "settings"},
    "timekeeping": {"settings", "clock", "outgoing", "errors"},
    "parts": {"errors"},
    "command_line": {"errors", "parts"},
    "log_format": {"settings"},
    "settings": {"errors", "key_settings", "setting_values"},
}


@pytest.mark.parametrize("module", sorted((EVERYBODY | ALONE) - {"home"}))
def test_shared_modules_import_nothing_else_of_ours(module: str) -> None:
    trees = dict(modules(f"{module}.py"))
    assert trees
    for tree in trees.values():
        assert imported(tree) & OURS <= BELOW.get(module, set())


def test_the_home_imports_settings_errors_and_the_standard_library() -> None:
    [tree] = dict(modules("home.py")).values()
    assert imported(tree) - sys.stdlib_module_names == {"settings", "errors"}


@pytest.mark.parametrize("program", sorted(ALONE))
def test_programs_of_one_file_need_cryptography_and_nothing_else(program: str) -> None:
    for tree in dict(modules(f"{program}.py")).values():
        assert imported(tree) - sys.stdlib_module_names == {"cryptography"}


def test_the_dashboard_reaches_no_database() -> None:
    for file, tree in modules("dashboard"):
        assert not imported(tree) & {"duckdb", "sqlite3", "sqlalchemy"}, file
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in WORDS_OF:
                assert node.module in WORDS_OF[node.module.split(".")[0]], f"{file} imports {node.module}"


@pytest.mark.parametrize("package", sorted(set(ALLOWED) - {"api_client"}))
def test_only_the_api_client_speaks_http(package: str) -> None:
    assert [str(file) for file, tree in modules(package) if "httpx" in imported(tree)] == []


CALLERS = {"outgoing.py", "demo/processes.py", "witness.py"}
"""The demo calls only its own processes; the witness runs elsewhere, alone."""


def test_one_module_calls_other_machines() -> None:
    for file in files(".py"):
        if file.parts[0] in {"tests", "benchmarks"} or str(file) in CALLERS:
            continue
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not names & {"urllib.request", "http.client", "requests", "urllib3", "socket"}, file


def test_the_clock_is_always_imported_as_a_module() -> None:
    for package in ALLOWED:
        for file, tree in modules(package):
            for node in ast.walk(tree):
                assert not (isinstance(node, ast.ImportFrom) and node.module == "clock"), file


def test_subjects_come_only_from_verified_tokens_or_requests() -> None:
    makers = {
        str(file)
        for package in ALLOWED
        for file, tree in modules(package)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
        if (node.func.id if isinstance(node.func, ast.Name) else node.func.attr) == "Subject"
    }
    assert makers == {"directory/access_tokens.py", "queries/person.py"}
