"""Every setting is in docs/settings.md, and nothing else is."""

from __future__ import annotations

import re

from settings import Settings
from tests.conventions.sources import ROOT, files

DOCUMENT = ROOT / "docs" / "settings.md"


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(OPENBOOK_\w+)` \| ([^|]*) \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
    assert rows.keys() == {f"OPENBOOK_{name.upper()}" for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default = rows[f"OPENBOOK_{name.upper()}"].strip()
        assert default == (f"`{field.default}`" if str(field.default) else "empty"), name


def test_no_file_uses_a_setting_that_does_not_exist() -> None:
    known = {f"OPENBOOK_{name.upper()}" for name in Settings.model_fields}
    for file in files():
        if file.suffix in {".py", ".md", ".toml", ".yml"} or file.name in {"Makefile", "run"}:
            used = set(re.findall(r"OPENBOOK_[A-Z_]*[A-Z]", (ROOT / file).read_text(encoding="utf-8")))
            assert used <= known, f"{file} uses {used - known}"
