"""Only a first start chooses a key service, a home keeps what it was made with, and impossible settings are refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

import home as homes_of
from directory.keys import KeyRing, Oneself, service
from directory.keys.service import KeyServiceNotNamed, KeyServiceUnavailable
from governance.api.app import create_app
from governance.db import database
from governance.operations import first_start
from home import HomeUnavailable, Part
from settings import InvalidSettings, settings
from tests.governance.conftest import ROOT
from tests.governance.key_service.conftest import connections
from tests.support import homes, softhsm
from tests.support.softhsm import SETTINGS, SoftHsm


@pytest.fixture
def without(no_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    """A home that was made before the settings named a key service."""
    homes.copy(no_home)
    return softhsm.made(tmp_path / "hsm", monkeypatch)


def test_the_first_start_chooses_it(home: Path, hsm: SoftHsm) -> None:
    assert Part.KEY_SERVICE in homes_of.read().parts
    assert homes_of.missing_parts() == []
    assert hsm.objects() == 1
    assert "already a home" in first_start.init()
    assert hsm.objects() == 1


def test_a_home_without_it_opens_unchanged_and_says_so(without: SoftHsm) -> None:
    first_start.require_home()
    ada = uuid4()
    assert KeyRing().create_content_key(ada, Oneself(ada))
    assert without.objects() == 0
    told = TestClient(create_app()).get("/healthz").json()
    assert told["keys"] == "ok"
    assert "was made without a key service" in " ".join(told["problems"])


@pytest.mark.parametrize("arguments", [("governance", "serve"), ("governance", "work"), ("governance", "backup", "x")])
def test_a_home_with_it_starts_nothing_without_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name)
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 1
    assert "Set OPENBOOK_KEY_SERVICE_MODULE" in done.stderr
    assert "Traceback" not in done.stderr
    ada = uuid4()
    with pytest.raises(KeyServiceNotNamed):
        KeyRing().create_content_key(ada, Oneself(ada))


def test_a_lost_file_of_the_key_service_is_not_taken_for_none(home: Path) -> None:
    Part.KEY_SERVICE.path.unlink()
    ada = uuid4()
    with pytest.raises(HomeUnavailable, match=r"key-service\.id"):
        KeyRing().create_content_key(ada, Oneself(ada))
    assert homes_of.missing_parts() == [Part.KEY_SERVICE]


def test_a_damaged_file_of_the_key_service_is_named(home: Path) -> None:
    Part.KEY_SERVICE.path.write_text("some text")
    with pytest.raises(HomeUnavailable, match="32 hexadecimal digits"):
        service.check()


WRONG = {
    "pin": ("OPENBOOK_KEY_SERVICE_PIN", "0000", "refuses the PIN"),
    "token": ("OPENBOOK_KEY_SERVICE_TOKEN", "other", "can't be reached"),
    "missing module": ("OPENBOOK_KEY_SERVICE_MODULE", "/nowhere/module.so", "can't be reached"),
    "no module": ("OPENBOOK_KEY_SERVICE_MODULE", "/etc/passwd", "can't be reached"),
}


@pytest.mark.parametrize(("name", "value", "words"), WRONG.values(), ids=WRONG)
def test_a_first_start_that_fails_makes_no_home_and_can_be_repeated(
    no_home: Path, hsm: SoftHsm, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    with monkeypatch.context() as wrong:
        wrong.setenv(name, value)
        with pytest.raises(KeyServiceUnavailable, match=words):
            first_start.init()
        assert not homes_of.identity_path().exists()
    assert "Created a home" in first_start.init()
    database.close()
    service.check()


def test_a_token_that_another_home_uses_is_shared(home: Path, hsm: SoftHsm, tmp_path: Path) -> None:
    ada = uuid4()
    key = KeyRing().create_content_key(ada, Oneself(ada))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENBOOK_HOME", str(tmp_path / "second"))
        first_start.init()
        database.close()
        assert service.key_service().names() == set()
    assert len(service.key_service().names()) == 1
    assert KeyRing().content_key(ada, Oneself(ada)) == key


NEEDED = ": It is needed beside OPENBOOK_KEY_SERVICE_MODULE"
REFUSED = {
    "relative": ("OPENBOOK_KEY_SERVICE_MODULE", "module.so", ": String should match"),
    "no token": ("OPENBOOK_KEY_SERVICE_TOKEN", "", NEEDED),
    "no pin": ("OPENBOOK_KEY_SERVICE_PIN", "", NEEDED),
    "long label": ("OPENBOOK_KEY_SERVICE_TOKEN", "x" * 33, ": String should match"),
}


@pytest.mark.parametrize(("name", "value", "words"), REFUSED.values(), ids=REFUSED)
def test_settings_that_cannot_be_are_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    for each, given in zip(SETTINGS, ("/usr/lib/module.so", "people", "a secret"), strict=True):
        monkeypatch.setenv(each, given)
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettings, match=f"{name}{words}") as refused:
        settings()
    assert "a secret" not in str(refused.value)


def test_a_refused_pin_is_not_tried_again(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Tokens lock after some wrong ones; workers try again every minute."""
    tried = connections(monkeypatch)
    monkeypatch.setenv("OPENBOOK_KEY_SERVICE_PIN", "0000")
    for _ in range(3):
        with pytest.raises(KeyServiceUnavailable, match="refuses the PIN"):
            service.check()
    assert len(tried) == 1
    assert "until this process is restarted" in caplog.text


@pytest.mark.parametrize("name", SETTINGS)
def test_the_pin_is_in_no_message(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("OPENBOOK_KEY_SERVICE_PIN", pin := "a planted pin")
    with pytest.raises(KeyServiceUnavailable) as refused:
        service.check()
    assert pin not in f"{caplog.text} {refused.value!r} {service.key_service().__dict__}"
