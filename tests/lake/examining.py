"""Records through the safeguards, in tests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from lake.connectors.records import Record
from lake.safeguards.keyboard.typed import Find
from lake.safeguards.personal import finder
from lake.safeguards.redaction import Examination, Safeguarded


def safeguarded(
    records: Sequence[Record],
    safeguards: Sequence[Collection[str] | None],
    personal: Callable[[], Find] = finder,
) -> Iterator[Safeguarded | None]:
    """Each record after its policy's safeguards; None for a record without a policy."""
    examination = Examination(records, {name for named in safeguards for name in named or ()}, personal)
    return examination.applied(zip(records, safeguards, strict=True))
