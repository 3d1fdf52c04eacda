"""Fixtures of the OpenDSR tests.

parent     a controller that may ask us, on our list: identities are `sub`, and addresses hashed
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.governance.opendsr.partner import Partner, list_partners

PARENT = """
[[controllers]]
domain = "parent.example"
controller_id = "the parent"
certificate = "parent.pem"
identities = ["controller_customer_id/raw", "email/sha256"]
callback_hosts = ["parent.example"]
"""


@pytest.fixture
def parent(home: Path) -> Partner:
    partner = Partner("parent.example")
    list_partners(home / "governance", PARENT, parent=partner.certificate())
    return partner
