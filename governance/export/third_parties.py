"""Words of other people in message and ticket archives: they are not the person's to take away.

A capture of signal `message` or `ticket` says in its content whose words it holds (`docs/connectors.md`):

    author          absent or the person's own e-mail address: their words; anything else: somebody else's
    quoted          what the author quotes; `quoted_author` says in the same way whose words that are, and
                    here absent means somebody else's
    > lines         lines that begin with > are quotes, too, whose nobody says: taken for somebody else's

Where words are somebody else's, a mark stands in their place, and the name of that person goes. When, where
and what the person did stays: it is about them. Only the export does this: on their screen a person sees what
was captured, and nothing is changed in the lake.
"""

from __future__ import annotations

import re

from directory import Employee
from directory.sealing import Content

MARK = "[words of somebody else removed]"
SOMEBODY = "[somebody else]"
SIGNALS = frozenset({"message", "ticket"})

WHERE_AND_WHAT = frozenset({"title", "url", "element", "action", "button", "key", "dx", "dy"})
"""Fields that say where it was and what was done; every other field may hold words."""

_ENDS = r"\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
_QUOTE = re.compile(rf"(?:(?:(?<=[{_ENDS}])|\A)[^\S{_ENDS}]*>[^{_ENDS}]*(?:\r\n|[{_ENDS}]|\Z))+")
"""Lines that begin with >, whatever ends a line where they were written."""


class OwnWords:
    """Tells one person's words from those of others."""

    def __init__(self, person: Employee) -> None:
        self._address = _folded(person.email)

    def only(self, signal: str, content: Content) -> Content:
        """The content with the words of others replaced; the same object where there are none."""
        if signal not in SIGNALS:
            return content
        quoted_by = content.get("quoted_author", "")
        quote = {
            "quoted": _without_quotes(content.get("quoted", "")) if self._is_own(quoted_by) else MARK,
            "quoted_author": quoted_by if self._is_own(quoted_by) else SOMEBODY,
        }
        author = content.get("author", "")
        if author.strip() and not self._is_own(author):
            left = {name: text if name in WHERE_AND_WHAT else MARK for name, text in content.items()}
            left["author"] = SOMEBODY
        else:
            left = {name: _without_quotes(text) for name, text in content.items()}
        left |= {name: text for name, text in quote.items() if name in content}
        return content if left == content else left

    def _is_own(self, author: str) -> bool:
        return _folded(author) == self._address


def _without_quotes(text: str) -> str:
    """The text with a mark for each run of lines that begin with >."""
    if ">" not in text:
        return text
    return _QUOTE.sub(lambda quote: MARK + (quote[0][-1] if quote[0][-1].isspace() else ""), text)


def _folded(address: str) -> str:
    return address.strip().casefold()
