"""A token in software (SoftHSM), which `make test` installs: a real module with PKCS#11, with its keys in a folder."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from directory.keys import token

MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/local/lib/softhsm/libsofthsm2.so"),
    Path("/opt/homebrew/lib/softhsm/libsofthsm2.so"),
)
SETTINGS = ("OPENBOOK_KEY_SERVICE_MODULE", "OPENBOOK_KEY_SERVICE_TOKEN", "OPENBOOK_KEY_SERVICE_PIN")
LABEL, PIN = "people", "the pin of the token"


@dataclass(frozen=True)
class SoftHsm:
    """One with one token."""

    folder: Path
    module: Path

    @property
    def tokens(self) -> Path:
        return self.folder / "tokens"

    def take_away(self) -> None:
        self.tokens.rename(self.folder / "away")
        self.tokens.mkdir()

    def bring_back(self) -> None:
        self.tokens.rmdir()
        (self.folder / "away").rename(self.tokens)

    def new_token(self, label: str) -> None:
        command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", PIN]
        subprocess.run(command, check=True, capture_output=True)

    def objects(self) -> int:
        """How many keys are in all tokens."""
        return len(list(self.tokens.glob("*/*.object"))) - len(list(self.tokens.glob("*/token.object")))


def made(folder: Path, patch: pytest.MonkeyPatch) -> SoftHsm:
    """A new one, which the settings name. Skips the test where there is no SoftHSM."""
    module = next(filter(Path.exists, MODULES), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("there is no SoftHSM here")
    hsm = SoftHsm(folder, module)
    hsm.tokens.mkdir(parents=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {hsm.tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
    patch.setenv("SOFTHSM2_CONF", str(configuration))
    hsm.new_token(LABEL)
    for name, value in zip(SETTINGS, (str(module), LABEL, PIN), strict=True):
        patch.setenv(name, value)
    token.forget()
    return hsm
