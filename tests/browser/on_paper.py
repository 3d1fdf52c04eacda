"""A page as it is printed on A4, which a person can do with any page (`dashboard/theme.py`)."""

from __future__ import annotations

from playwright.sync_api import Page

PRINTED: tuple[int, int] = (680, 1009)
"""A4 without its margins, in CSS pixels."""

WRONG = """async () => {
  document.getAnimations().filter(each => each.effect?.getComputedTiming().endTime !== Infinity)
    .forEach(each => each.finish());
  await new Promise(requestAnimationFrame);
  const seen = element => element.checkVisibility({visibilityProperty: true, opacityProperty: true}) &&
    [...element.getClientRects()].some(box => box.width > 1 && box.height > 1);
  const name = element => (element.dataset.testid || element.className || element.tagName) + ': ' +
    (element.textContent || '').trim().slice(0, 40);
  const all = selector => [...document.querySelectorAll(selector)].filter(seen);
  const brightness = colour => Math.max(...colour.match(/[\\d.]+/g).slice(0, 3).map(Number));
  const opaque = colour => !/, 0\\)$/.test(colour);
  const wrong = [];
  const say = (what, elements) => elements.forEach(element => wrong.push(`${what}: ${name(element)}`));
  say('is printed', all(`[data-testid=stSidebar], [data-testid=stHeader], [data-testid=stToolbar],
    [data-testid=stElementToolbar], [data-testid=stStatusWidget], main button, [data-testid=stDataFrame] canvas`));
  const paper = getComputedStyle(document.body).backgroundColor;
  if (paper !== 'rgb(255, 255, 255)') wrong.push(`the paper is ${paper}`);
  say('not on white', all('[data-testid=stApp], [data-testid=stApp] *').filter(element => {
    const ground = getComputedStyle(element).backgroundColor;
    return !element.matches('.bar, mark') && opaque(ground) && brightness(ground) < 255;
  }));
  say('not dark', all('[data-testid=stMain] *').filter(element =>
    [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()) &&
    brightness(getComputedStyle(element).webkitTextFillColor) > 60));
  say('cut', all('div.rows').filter(table =>
    table.scrollHeight > table.clientHeight + 1 || table.scrollWidth > table.clientWidth + 1));
  say('wider than the paper', all('[data-testid=stVegaLiteChart] :is(canvas, svg), main img').filter(picture =>
    picture.getBoundingClientRect().right > innerWidth + 1));
  if (document.documentElement.scrollWidth > innerWidth + 1) wrong.push('the page is wider than the paper');
  return wrong;
}"""


def wrong_on_paper(page: Page) -> list[str]:
    """What is wrong with the page when it is printed by somebody who uses the dark theme, one line each."""
    width, height = PRINTED
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(media="print", color_scheme="dark", forced_colors="none")
    wrong: list[str] = page.evaluate(WRONG)
    page.emulate_media(media="null")
    return wrong
