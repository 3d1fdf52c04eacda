"""How the parts are."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from governance.answers.base import Answer


class Health(Answer):
    """How the parts are."""

    status: Literal["ok"]
    lake: Literal["ok"]
    governance: Literal["ok"]
    worker: Literal["running", "absent"] = Field(description="absent: requests are accepted, but wait.")
    clock: Literal["trusted", "doubted"] = Field(description="doubted: what can't be undone waits.")
