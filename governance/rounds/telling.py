"""Telling people what happened: looked for every few seconds, and sent in threads of their own, so that a slow mail
server or webhook delays nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from governance.notifying import chat, digests, finding, mailing
from governance.rounds import repeating

FIND_SECONDS = 5.0
SEND_SECONDS = 20.0
DIGEST_SECONDS = 300.0


@contextmanager
def scheduled() -> Iterator[None]:
    """Tell people for as long as the block runs."""
    with (
        repeating.repeated("what people are told", finding.find, FIND_SECONDS),
        repeating.repeated("e-mail", mailing.carry_out, SEND_SECONDS),
        repeating.repeated("chat", chat.carry_out, SEND_SECONDS),
        repeating.repeated("the weekly digest", digests.carry_out, DIGEST_SECONDS, first_after=SEND_SECONDS),
    ):
        yield
