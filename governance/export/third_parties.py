"""Other people's words in message and ticket archives: a person's export must not contain them.

A capture of signal `message` or `ticket` says in its content whose words it contains (`docs/connectors.md`):

    author          absent or the person's own e-mail address: their words; anything else: someone else's
    quoted          what the author quotes; `quoted_author` says in the same way whose words those are, except that
                    absent means someone else's
    > lines         lines that begin with > are quotes too, with an unknown author: treated as someone else's

Someone else's words are replaced with a mark, and that person's name is removed. When, where and what the person did
stays: it is about them. Only the export does this: on screen a person sees what was captured, and the lake is
unchanged.
"""

from __future__ import annotations

import re

from directory import Employee
from directory.sealing import Content

MARK = "[words of someone else removed]"
SOMEBODY = "[someone else]"
SIGNALS = frozenset({"message", "ticket"})

WHERE_AND_WHAT = frozenset({"title", "url", "element", "action", "button", "key", "dx", "dy"})
"""Fields that say where it was and what was done; any other field may contain words."""

_ENDS = r"\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
_QUOTE = re.compile(rf"(?:(?:(?<=[{_ENDS}])|\A)[^\S{_ENDS}]*>[^{_ENDS}]*(?:\r\n|[{_ENDS}]|\Z))+")
"""Lines that begin with >, with any line ending."""


class OwnWords:
    """Distinguishes one person's words from other people's."""

    def __init__(self, person: Employee) -> None:
        self._address = _folded(person.email)

    def only(self, signal: str, content: Content) -> Content:
        """The content with other people's words replaced; the same object if there are none."""
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
