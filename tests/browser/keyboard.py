"""A person without a mouse: Tab until a control has the focus. Every stop on the way can be seen, and shows that it
has the focus."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page

STOPS = 250
"""More than any page has. Who comes so far is trapped."""
AT_ONCE = "*, ::before, ::after { transition: none !important; animation: none !important; }"

STOP = """() => {
  const looks = element => {
    const of = [];
    for (let part = element, up = 0; part && up < 5; part = part.parentElement, up += 1) {
      const s = getComputedStyle(part);
      of.push([s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor, s.backgroundColor].join());
    }
    return of.join('|');
  };
  const words = element => `${element.tagName.toLowerCase()} ${element.getAttribute('role') || ''} "${
    (element.getAttribute('aria-label') || element.innerText || element.value || element.name || '').trim().slice(0, 60)
  }"`;
  const before = window.lastStop;
  const field = before && before.element.closest('[data-testid=stMultiSelect], [data-testid=stSelectbox]');
  const inItsField = field?.contains(document.activeElement);
  const unmarked = before && before.element.isConnected && before.element !== document.activeElement &&
    before.element.tagName !== 'CANVAS' && !inItsField && looks(before.element) === before.looks
    ? words(before.element) : null;
  const focused = document.activeElement;
  if (!focused || focused === document.body) {
    window.lastStop = null;
    return {end: true, words: 'the end', seen: true, unmarked};
  }
  window.lastStop = {element: focused, looks: looks(focused)};
  const target = focused.closest(focused.tagName === 'CANVAS' ? '[data-testid=stDataFrame]' : 'label') || focused;
  const box = target.getBoundingClientRect();
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  const seen = right > left && bottom > top && [0.5, 0.1, 0.9].some(part => {
    const found = document.elementFromPoint(left + (right - left) * part, top + (bottom - top) / 2);
    return found && (target.contains(found) || found.contains(target));
  });
  return {end: false, words: words(focused), seen, unmarked};
}"""
"""What has the focus; `unmarked`: what had it before and looks the same without it. A field with a list is marked
as a whole, for as long as anything in it has the focus."""


@dataclass(frozen=True)
class Walk:
    """Tab from stop to stop."""

    page: Page

    def to(self, target: Locator) -> None:
        """Until `target` has the focus."""
        self.page.add_style_tag(content=AT_ONCE)
        passed: list[str] = []
        while not target.evaluate("element => element.contains(document.activeElement)"):
            assert len(passed) < STOPS, f"{target} is never reached: {passed}"
            passed.append(self._on())

    def _on(self) -> str:
        """To the next stop, which can be seen. Returns its name."""
        self.page.keyboard.press("Tab")
        stop = self.page.evaluate(STOP)
        assert stop["seen"], f"{stop['words']} has the focus, and can't be seen"
        assert stop["unmarked"] is None, f"{stop['unmarked']} looks the same with and without the focus"
        return str(stop["words"])
