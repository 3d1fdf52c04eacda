"""The health of the parts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from governance.schemas.base import Answer

State = Literal["ok", "busy", "damaged", "unavailable"]


class Health(Answer):
    """The health of the parts. ok: it works; busy: it did not answer at once; damaged: some of it can't be read;
    unavailable: it can't be used.
    """

    status: Literal["ok", "degraded", "unavailable"] = Field(
        description="degraded: the API answers, but something needs attention; unavailable: a part can't be used."
    )
    home: State = Field(description="Whether all parts of it are there, and queue and releases can be read.")
    lake: State
    governance: State
    directory: State
    keys: State = Field(description="Whether the master key opens the content keys, and the keys that sign are usable.")
    worker: Literal["running", "absent", "unavailable"] = Field(description="absent: requests are accepted, but wait.")
    clock: Literal["trusted", "doubted", "busy", "unavailable"] = Field(
        description="doubted: actions that can't be undone wait."
    )
    problems: list[str] = Field(description="What is wrong, and what to do, for the people who run Open Book.")


class Ready(Answer):
    """This process can answer people."""

    ready: Literal[True]
