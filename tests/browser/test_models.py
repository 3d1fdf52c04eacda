"""Models in a real browser: the violation, the chart, a proof verified by Python alone, and the objection."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from demo.company.people import RICH
from tests.browser.conftest import Stack
from tests.browser.steps import open_page, press, sign_in, the, unfold


def test_a_person_traces_captures_into_models_and_checks_proofs(stack: Stack, page: Page, tmp_path: Path) -> None:
    sign_in(page, stack, the(RICH))
    open_page(page, "Models")
    expect(page.get_by_text("although you had withdrawn them before it started")).to_be_visible()
    expect(page.get_by_text("model versions were trained on your records")).to_be_visible()
    expect(page.get_by_role("heading", name="How your records were used")).to_be_visible()
    expect(page.get_by_label(re.compile("^From your records, lines lead through")).first).to_be_visible()
    title = re.compile(r"^Quill 1\.\W*0$")  # what keeps a name from being Markdown can't be seen
    card = page.locator("[class*=st-key-model-]").filter(has=page.get_by_role("heading", name=title))
    expect(card.get_by_text("Promised for")).to_be_visible()

    unfold(card, "What it was trained on: check it yourself")
    files = {}
    for name, label in (("proof.json", "Save the proof for"), ("leaves.json", "Save the leaves of")):
        with page.expect_download() as downloading:
            card.get_by_role("link", name=f"{label} office-replies 1").click()
        files[name] = tmp_path / name
        downloading.value.save_as(files[name])
    verifier = tmp_path / "verifier.py"
    verifier.write_bytes(page.request.get(f"{stack.dashboard}/verifier.py").body())
    verify = [sys.executable, "-I", str(verifier), str(files["proof.json"]), "--leaves", str(files["leaves.json"])]
    checked = subprocess.run(verify, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert checked.returncode == 3, checked.stdout + checked.stderr
    assert "the key came with the file" in checked.stdout
    assert "Proven" in checked.stdout

    press(page, "Stop training on my data")
    expect(page.get_by_role("heading", name="Your requests")).to_be_visible()
    expect(page.get_by_text("would be left out of new training data")).to_be_visible()
