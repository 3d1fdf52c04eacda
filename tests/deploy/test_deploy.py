"""The files in `deploy/`: valid for the tools that read them, and true to the settings and processes of Open Book."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMMANDS = {"api": ["governance", "serve"], "worker": ["governance", "work"], "dashboard": ["dashboard"]}
KUBERNETES = "1.34"


def manifests() -> list[Any]:
    files = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    return [part for file in files for part in yaml.safe_load_all(file.read_text(encoding="utf-8"))]


def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def value_of(unit: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text(encoding="utf-8").replace("/opt/openbook/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text.replace("/opt/openbook", str(ROOT)), encoding="utf-8")
    names = ["openbook.target", "openbook-api.service", "openbook-dashboard.service", "openbook-worker@1.service"]
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name in names)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for name in names[1:]:
        secure = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(tmp_path / name)]
        assert subprocess.run(secure, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("manifest", manifests(), ids=lambda one: f"{one['kind']} {one['metadata']['name']}")
def test_kubernetes_accepts_the_manifests(manifest: Any) -> None:
    kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def test_a_mistake_in_a_manifest_is_found() -> None:
    [pod] = [one for one in manifests() if one["kind"] == "StatefulSet"]
    pod["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(pod, KUBERNETES, strict=True)


def test_each_way_runs_the_same_processes() -> None:
    units = {
        re.sub(r"^openbook-|@?\.service$", "", unit.name): shlex.split(value_of(unit, "ExecStart")[0])[2:]
        for unit in UNITS
    }
    [pod] = [one for one in manifests() if one["kind"] == "StatefulSet"]
    containers = {one["name"]: one["args"] for one in pod["spec"]["template"]["spec"]["containers"]}
    services = {name: one["command"] for name, one in compose()["services"].items()}
    assert units == containers == services == COMMANDS


def test_each_process_gets_only_its_own_secrets() -> None:
    [pod] = [one for one in manifests() if one["kind"] == "StatefulSet"]
    for one in pod["spec"]["template"]["spec"]["containers"]:
        secrets = [source["secretRef"]["name"] for source in one["envFrom"] if "secretRef" in source]
        assert secrets == [f"open-book-{one['name']}"]
    for name, one in compose()["services"].items():
        assert one["env_file"] == ["openbook.env", f"{name}.env"]
    for unit in UNITS:
        name = re.sub(r"^openbook-|@?\.service$", "", unit.name)
        assert value_of(unit, "EnvironmentFile") == ["/etc/openbook/openbook.env", f"/etc/openbook/{name}.env"]


def test_settings_named_there_exist_and_are_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (DEPLOY / "openbook.env").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    [config] = [one for one in manifests() if one["kind"] == "ConfigMap"]
    assert config["data"] == given
    assert {name.removeprefix("OPENBOOK_").lower() for name in given} <= set(Settings.model_fields)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert Settings().api_url == given["OPENBOOK_API_URL"]


def test_image_has_everything_that_its_processes_import(tmp_path: Path) -> None:
    """Without an engine: the files that the Containerfile copies, in a folder of their own."""
    recipe = (DEPLOY / "Containerfile").read_text(encoding="utf-8").partition("WORKDIR /opt/openbook\nCOPY --from")[2]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for line in re.findall(r"^COPY (?!--from)(.*)$", recipe, re.MULTILINE):
        *sources, target = line.split()
        for source in sources:
            assert f"!{source}" in ignored
            for found in ROOT.glob(source):
                if found.is_dir():
                    shutil.copytree(found, tmp_path / target, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(found, tmp_path)
    imports = (
        "import governance.__main__, governance.api.app, governance.worker.process, dashboard.__main__, lake.__main__"
    )
    code = f"{imports}, directory.__main__, api_client; import lake, sys; print(lake.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "OPENBOOK_HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "lake" / "__init__.py")
