"""What a page says outside of its translated texts, in the pseudo language that marks each of them with ⟦ and ⟧."""

from __future__ import annotations

import re

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


def untranslated(page: Page, known: set[str]) -> list[str]:
    """Texts with a word of English that nobody translates. `known`: those of Streamlit, and the company's own."""
    return [text for text in page.evaluate(READ) if ENGLISH.search(text) and text not in known]
