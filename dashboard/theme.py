"""Styles the theme can't express: the answer's size, a visible focus ring, and text legible on both themes."""

from __future__ import annotations

import streamlit as st

from dashboard.pages import EVERY, START
from dashboard.text import markup

_STYLE = """
[class*="st-key-answer"] p { font-size: 1.2rem; font-weight: 600; line-height: 1.45; }
a:focus-visible, button:focus-visible, summary:focus-visible, [role="tab"]:focus-visible {
  outline: 2px solid currentColor !important; outline-offset: 2px;
}
[data-testid="stSidebar"] a:focus-visible, [role="tab"]:focus-visible { outline-offset: -2px; }
main:focus-visible { outline: 2px solid currentColor !important; outline-offset: -2px; }
[data-testid="stElementContainer"]:has([data-testid="stVegaLiteChart"]) [data-testid="stElementToolbar"] {
  display: none;
}
[data-testid="stElementToolbar"]:focus-within { opacity: 1 !important; z-index: 2 !important; }
[role="tab"], [role="tab"] p, [data-testid="stButtonGroup"] button { color: inherit !important; }
[role="tablist"], [role="tab"], [data-testid="stButtonGroup"] :is([role="radiogroup"], button) {
  height: auto !important;
}
[data-testid="stBaseButton-tertiary"]:is(:hover, :focus, :active) { color: inherit !important; }
[role="tab"] { min-height: 2.5rem; }
:is([data-testid^="stBaseLinkButton"], [data-testid^="stBaseButton"]) :is([data-testid="stMarkdownContainer"], p) {
  white-space: normal; overflow: visible; overflow-wrap: anywhere;
}
:is(main [data-testid="stPageLink-NavLink"] > span, [data-testid="stSidebarNavLink"] span) {
  white-space: normal; overflow: visible;
}
[data-testid="stElementContainer"]:has(h2.unseen) { position: relative; height: 0; margin-bottom: -1rem; }
h2.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
ol.steps { list-style: none; margin: 0.25rem 0 0; padding: 0; }
ol.steps li { position: relative; margin: 0; padding: 0 0 1rem 1.75rem; }
ol.steps li::before {
  content: ""; position: absolute; left: 0.25rem; top: 0.35rem; width: 0.7rem; height: 0.7rem;
  border-radius: 50%; background: var(--step, #5b9ea4); box-sizing: border-box;
}
ol.steps li::after {
  content: ""; position: absolute; left: 0.56rem; top: 1.2rem; bottom: -0.2rem; width: 0.1rem; background: #88888866;
}
ol.steps li:last-child::after { display: none; }
ol.steps li.note::before { width: 0.4rem; height: 0.4rem; left: 0.4rem; top: 0.5rem; background: #8888; }
ol.steps li.ahead::before { background: transparent; border: 2px solid #5b9ea4; }
ol.steps li.good { --step: #2e8b57; }
ol.steps li.partly { --step: #c4622d; }
ol.steps li.bad { --step: #b3403a; }
ol.steps time { display: block; font-size: 0.875rem; opacity: 0.75; }
div.found { overflow-wrap: anywhere; }
div.found small { opacity: 0.75; }
div.found small::after { content: ":"; }
div.found mark { background: #ffe08a; color: #1b1b1b; padding: 0 0.1em; border-radius: 0.15em; }
div.rows { overflow-x: auto; }
div.rows.long { max-height: 30rem; overflow-y: auto; }
div.rows:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
div.rows table { border-collapse: collapse; width: 100%; margin: 0; font-size: 0.9rem; }
div.rows caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
div.rows th, div.rows td {
  border: 0; border-bottom: 1px solid #88888844; padding: 0.4rem 0.6rem; text-align: left; vertical-align: top;
  font-weight: 400; overflow-wrap: break-word;
}
div.rows thead th { font-weight: 600; }
div.rows .number { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
div.rows .unbroken { overflow-wrap: anywhere; min-width: 10rem; }
div.rows .bar { display: block; height: 0.3rem; margin-top: 0.2rem; border-radius: 0.15rem; background: #5b9ea4; }
@media (min-width: 641px) { .st-key-narrow_cards { display: none; } }
@media (max-width: 640px) {
  .st-key-wide_records, .st-key-wide_switch { display: none; }
  div.rows.long { max-height: none; }
  div.cards :is(table, tbody, tr, th, td) { display: block; min-width: 0; }
  div.cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  div.cards tbody tr { border: 1px solid #88888866; border-radius: 0.5rem; padding: 0.4rem 0.7rem; margin: 0 0 0.5rem; }
  div.cards.rows tbody :is(th, td) { border: 0; padding: 0.15rem 0; text-align: left; }
  div.cards tbody th { font-weight: 600; }
  div.cards td:empty { display: none; }
  div.cards td::before { content: attr(data-label) ": "; opacity: 0.75; }
  div.cards .bar { display: none; }
}
.st-key-replay img { width: 100%; max-width: 52rem; height: auto; display: block; }
.st-key-replay .still { display: none; }
@media (prefers-reduced-motion: reduce) {
  .st-key-replay .moving { display: none; }
  .st-key-replay .still { display: block; }
}
@page { size: A4; margin: 15mm; }
@media print {
  :root, body { color-scheme: light !important; }
  [data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stToolbar"], [data-testid="stStatusWidget"],
  [data-testid="stElementToolbar"], [data-testid="stButton"], [data-testid="stFormSubmitButton"], [role="tablist"],
  [data-testid="stPopover"], [data-testid="stDownloadButton"], [data-testid="stLinkButton"], [data-testid="stPageLink"],
  [data-testid="stSlider"], [data-testid="stButtonGroup"], [data-testid="stForm"], [data-testid="stSkipLink"],
  main button, .st-key-request_form:not(:has(input:checked)),
  [data-testid="stExpander"]:has(> details:not([open])), .st-key-wide_records, .st-key-wide_switch,
  .st-key-search_requests, .st-key-records_requests { display: none !important; }
  html, body, #root, #root div:has(> [data-testid="stApp"]), [data-testid="stApp"], [data-testid="stAppViewContainer"],
  [data-testid="stMain"], [data-testid="stMainBlockContainer"] {
    position: static !important; display: block !important; height: auto !important; max-height: none !important;
    overflow: visible !important; padding: 0 !important; max-width: none !important; outline: 0 !important;
  }
  [data-testid="stHorizontalBlock"]:has(div.rows) { display: block !important; }
  [data-testid="stColumn"]:has(div.rows) { width: 100% !important; margin-bottom: 1rem; }
  .st-key-narrow_cards { display: flex; }
  [data-testid="stApp"], [data-testid="stApp"] :not(.bar, mark) {
    color: #000 !important; -webkit-text-fill-color: #000; background-color: transparent !important;
  }
  [data-testid="stApp"] ::placeholder { color: #000 !important; opacity: 1 !important; }
  [data-testid="stElementContainer"] { opacity: 1 !important; }
  html, body { background-color: #fff !important; }
  div.rows .bar, ol.steps li::before { print-color-adjust: exact; }
  div.rows, div.rows.long { max-height: none; overflow: visible; }
  div.rows:has(tbody td:nth-child(8)) table { font-size: 0.62rem; }
  div.rows:has(tbody td:nth-child(8)) :is(th, td) { padding: 0.2rem 0.25rem; }
  div.rows thead { display: table-header-group; }
  div.rows tr, .st-key-narrow_cards [data-testid="stVerticalBlock"], [data-testid="stVegaLiteChart"],
  [data-testid="stMetric"], [data-testid="stImage"] { break-inside: avoid; }
  h1, h2, h3 { break-after: avoid; }
  canvas, svg, img { max-width: 100% !important; height: auto !important; }
}
@media print and (prefers-color-scheme: dark) { canvas { filter: invert(1) hue-rotate(180deg) brightness(1.15); } }
[data-testid="stSidebarNavLink"]::before {
  font-family: "Material Symbols Rounded"; font-size: 1.25rem; line-height: 1; font-feature-settings: "liga";
}
nav.languages { font-size: 0.875rem; }
nav.languages a { display: inline-block; padding: 0.25rem 0.5rem 0.25rem 0; color: inherit; }
nav.languages a[aria-current] { font-weight: 600; text-decoration: none; }
[role="spinbutton"] { display: inline-block; min-width: 24px; min-height: 24px; text-align: center; }
"""
"""A chart's toolbar is hidden: four stops for the keyboard, which lie under other things, and its table says the same.
That of the list of records is shown while it has the focus.
Tabs, pills, buttons and links to pages grow with their text, whatever spacing a person sets (WCAG 1.4.12).
On paper a dark page is dark on white: its charts, which are pictures, are inverted, with their colours.
The primary colour is made for white text. As text on a dark page it is too faint: selected tabs don't use it."""


_ICONS = "".join(
    f'[data-testid="stSidebarNavLink"][href$="/{"" if name == START else name}"]::before {{ content: "{icon}" / ""; }}'
    for name, _, icon in EVERY
)
"""Icons of the links to pages, which screen readers don't read out."""


def apply() -> None:
    """Call once per page."""
    st.html(f"<style>{_STYLE}{_ICONS}</style>")


def unseen_heading(words: str) -> None:
    """A heading for screen readers, where the page shows by its layout that a part begins."""
    st.html(f'<h2 class="unseen">{markup(words)}</h2>')


def answer(sentence: str, *, key: str = "answer") -> None:
    """The first sentence of a page or preview, as Markdown. It isn't a heading, because it has no section."""
    with st.container(key=key):
        st.markdown(sentence)
