"""What a page says outside of its translated texts, in the pseudo language that marks each of them with ⟦ and ⟧."""

from __future__ import annotations

import re
from collections.abc import Iterable

from playwright.sync_api import Page

READ = """() => {
  const hidden = 'script, style, [aria-hidden=true]'
  const shown = node => node.checkVisibility() && !node.closest(hidden)
  const bare = []
  let depth = 0
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    if (!shown(walker.currentNode.parentElement)) continue
    let outside = ''
    for (const character of walker.currentNode.data) {
      if (character === '⟦') depth += 1
      else if (character === '⟧') depth -= 1
      else if (depth === 0) outside += character
    }
    bare.push(outside.trim())
  }
  for (const node of document.querySelectorAll('[aria-label], [placeholder], [title], img[alt]'))
    for (const name of ['aria-label', 'placeholder', 'title', 'alt'])
      if (shown(node) && node.hasAttribute(name)) bare.push(node.getAttribute(name).replace(/⟦.*⟧/s, '').trim())
  return bare.filter(text => text)
}"""
ENGLISH = re.compile(
    r"\b(the|of|your|you|is|are|was|were|has|have|and|or|in|to|this|that|for|not|no|from|with|by|when|who|what|which|"
    r"can|it|its|on|at|show|see|more|all|until|records?|requests?|days?|models?)\b",
    re.IGNORECASE,
)


STREAMLITS = (
    "Skip to main content", "Navigate to home page", "Link to heading", "Copy to clipboard", "Clear all", "Help for",
    "Show data:", "Show/hide columns", "Choose date and time", "day,",
)  # fmt: skip
"""Names of its own controls, for screen readers, which it has in English only."""


def untranslated(page: Page, known: Iterable[str]) -> list[str]:
    """Texts with a word of English, but for those that begin with `known`: what the company wrote."""
    begins = (*STREAMLITS, *known)
    return [text for text in page.evaluate(READ) if ENGLISH.search(text) and not text.startswith(begins)]
