"""The choice of a language: links, each in its own language, to the route that keeps the choice."""

from __future__ import annotations

import streamlit as st

from dashboard.language import current, t
from languages import NAMES


def draw_languages() -> None:
    links = (
        f'<a href="/language/{code}" target="_self" hreflang="{code}" lang="{code}"{_current(code)}>{name}</a>'
        for code, name in NAMES.items()
    )
    st.html(f'<nav class="languages" aria-label="{t("Language")}">{" ".join(links)}</nav>')


def _current(code: str) -> str:
    return ' aria-current="true"' if code == current().code else ""
