"""The errors that reach a person: one tree. Each message says what happened, what was kept and what to do next.

OpenBookError
  NotFound      it doesn't exist, or belongs to someone else: the same answer
  Conflict      not possible in the current state
  Gone          it existed and was deleted
  Forbidden     this person is known, but may not do this
  NotValid      what was given can't be used; `field` and `fault` say what is wrong with it
  TooMany       a limit is reached; `retry_after` says when it no longer is
  Unavailable   a needed part can't be used now; `retry_after` says when to try again
    `parts.PartUnavailable`, `home.HomeUnavailable` and others

Packages derive their own errors from the kind that they are; errors that only operators see derive from the root.
The API turns each kind into an answer (`governance.api.error_handlers`), and commands print the message
(`command_line`): nothing in between translates them. Errors that never leave our own code don't belong here.
Everything may import this module; it imports nothing.
"""

from __future__ import annotations


class OpenBookError(Exception):
    """The root. The message is for people, and contains no captured content."""


class NotFound(OpenBookError):
    """It doesn't exist, or belongs to someone else."""


class Conflict(OpenBookError):
    """Not possible in the current state. Nothing was changed."""


class Gone(OpenBookError):
    """It existed and was deleted."""


class Forbidden(OpenBookError):
    """The person may not do this. Nothing was changed."""


class NotValid(OpenBookError):
    """What was given can't be used. Nothing was changed.

    `field` is the name of the field that is wrong, empty for all of it, None if there is no more to say than the
    message; `fault` is what is wrong with it.
    """

    field: str | None = None

    def __init__(self, message: str, field: str | None = None, fault: str | None = None) -> None:
        super().__init__(message)
        if field is not None:
            self.field = field
        self.fault = message if fault is None else fault


class TooMany(OpenBookError):
    """A limit is reached. Nothing was changed. `retry_after`: seconds after which a retry may help."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(OpenBookError):
    """A needed part can't be used now. `retry_after`: seconds after which a retry may help."""

    retry_after = 5
