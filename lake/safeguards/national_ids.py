"""National ids of 32 countries (docs/connectors.md lists them), checked by python-stdnum.

A form that nothing else has, or a checksum that other numbers rarely pass, is enough. A number whose checksum one in
ten passes counts only behind a word for it, such as `BSN`, or in the groups in which it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module

NEAR = 48
CANDIDATE = re.compile(
    r"\d(?:[^\d\n]{0,3}\d){5,}|[A-Z]{6}[\dLMNP-V]{2}[A-Z]|[A-Z]{5}\d{4}[A-Z]|[A-Z]\d[A-Z\d]{6}[A-Z]", re.IGNORECASE
)
WORD = re.compile(r"[A-Z]{3,}")
"""Blanked in a second pass, so that a number typed right after a word is found."""


@dataclass(frozen=True)
class Form:
    """How a country writes an id (upper case, no letter or digit around it), and the module of python-stdnum that
    checks it; "": the form is enough.

    `words`: upper-case words that precede it; where there are some, it counts only behind one of them.
    """

    form: re.Pattern[str]
    module: str
    words: re.Pattern[str] | None = None


def _form(form: str, module: str, words: str = "") -> Form:
    edges = re.compile(rf"(?<![A-Z0-9])(?:{form})(?![A-Z0-9])")
    return Form(edges, module, re.compile(rf"(?<![A-Z])(?:{words})(?![A-Z])") if words else None)


@cache
def _check_of(module: str) -> Callable[[str], bool]:
    check: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return check


def _is_valid(module: str, written: str) -> bool:
    check = _check_of(module)
    return check(written) or (" " in written and check(written.replace(" ", "")))


FORMS = (
    _form(r"(?!000|666|9|123-45-6789)\d{3}-(?!00)\d{2}-(?!0000)\d{4}", "us.ssn"),
    _form(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]", ""),  # NINO
    _form(r"\d{8}[ -]?[A-Z]", "es.dni"),
    _form(r"[XYZ][ -]?\d{7}[ -]?[A-Z]", "es.nie"),
    _form(r"[A-Z]{6}[\dLMNP-V]{2}[A-EHLMPR-T][\dLMNP-V]{2}[A-Z][\dLMNP-V]{3}[A-Z]", "it.codicefiscale"),
    _form(r"\d{11}", "pl.pesel"),
    _form(r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]", "fi.hetu"),
    _form(r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", "fr.nir"),
    _form(r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}|\d{6}[ -]?\d{3}[ -]?\d{2}", "be.nn"),
    _form(r"\d{10}", "bg.egn", "ЕГН|EGN"),
    _form(r"\d{11}", "hr.oib", "OIB|OSOBNI IDENTIFIKACIJSKI BROJ"),
    _form(r"\d{6}/\d{3,4}", "cz.rc"),
    _form(r"\d{9,10}", "cz.rc", r"RČ|R\.? ?Č\.?|RODN[ÉE] Č[ÍI]SLO|RODN[ÉE] CISLO|RC"),
    _form(r"\d{6}[ -]\d{4}", "dk.cpr"),
    _form(r"\d{10}", "dk.cpr", "CPR|CPR-NR|CPR-NUMMER|PERSONNUMMER"),
    _form(r"[1-6]\d{10}", "ee.ik"),
    _form(r"[1-6]\d{10}", "lt.asmens"),
    _form(r"\d{6}-\d{5}", "lv.pvn"),
    _form(r"\d{11}", "gr.amka"),
    _form(r"\d{7}[A-W][A-IW]?", "ie.pps"),
    _form(r"\d{4}[ .]\d{2}[ .]\d{3}|\d{9}", "nl.bsn", "BSN|BURGERSERVICENUMMER|SOFINUMMER|SOFI"),
    _form(r"\d{3} ?\d{3} ?\d{3}", "pt.nif", "NIF|CONTRIBUINTE|N[ÚU]MERO DE CONTRIBUINTE|NIPC"),
    _form(r"\d{8} ?\d ?[A-Z]{2}\d", "pt.cc"),
    _form(r"[1-8]\d{12}", "ro.cnp"),
    _form(r"\d{13}", "si.emso"),
    _form(r"756[ .]?\d{4}[ .]?\d{4}[ .]?\d{2}", "ch.ssn"),
    _form(r"\d{6} ?\d{5}", "no.fodselsnummer"),
    _form(r"\d{4} ?\d{6}", "at.vnr", r"SVNR|SV-NR|SOZIALVERSICHERUNGSNUMMER|VERSICHERUNGSNUMMER|VSNR"),
    _form(r"\d{3}[ -]\d{3}[ -]\d{4}|\d{10}", "gb.nhs", "NHS|NHS NUMBER|NHS NO"),
    _form(r"\d{3}[ -]?\d{2}[ -]?\d{4}", "us.ssn", "SSN|SOCIAL SECURITY|SOCIAL SECURITY NUMBER|SOCIAL"),
    _form(r"\d{3}\.\d{3}\.\d{3}-\d{2}|\d{11}", "br.cpf"),
    _form(r"[2-9]\d{3}[ -]\d{4}[ -]\d{4}", "in_.aadhaar"),
    _form(r"[2-9]\d{11}", "in_.aadhaar", "AADHAAR|AADHAR|UID|UIDAI|आधार"),
    _form(r"[A-Z]{5}\d{4}[A-Z]", "in_.pan"),
    _form(r"\d{6}-\d{7}", "kr.rrn"),
    _form(r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-?[1-8]\d{6}", "", "RRN|주민등록번호|RESIDENT REGISTRATION"),
    _form(r"\d{4}[ -]\d{4}[ -]\d{4}|\d{12}", "jp.in_", "MY NUMBER|マイナンバー|個人番号|MYNUMBER"),
    _form(r"\d{3}[ -]\d{3}[ -]\d{3}|\d{9}", "au.tfn", "TFN|TAX FILE NUMBER|TAX FILE"),
    _form(r"\d{6}(?:\d{4}|[-+A]\d{4})|\d{8}-\d{4}", "se.personnummer"),
    _form(r"\d{11}", "de.idnr"),
)
BEFORE = 40
"""How far before a number its word may be, in characters."""


def national_ids(text: str) -> Iterator[tuple[int, int]]:
    """Spans of `text` (letters upper-case) that are national ids."""
    end = 0
    for candidate in CANDIDATE.finditer(text):
        if candidate.start() < end:
            continue
        start, end = max(candidate.start() - NEAR, 0), candidate.end() + NEAR
        window = text[start:end].replace("_", " ")
        without_words = WORD.sub(lambda word: " " * len(word.group()), window)
        for copy in {window, without_words}:
            for first, last in _checked(copy, window):
                yield start + first, start + last


def _checked(copy: str, window: str) -> Iterator[tuple[int, int]]:
    for form in FORMS:
        for found in form.form.finditer(copy):
            preceding = window[max(found.start() - BEFORE, 0) : found.start()]
            is_named = form.words is None or form.words.search(preceding)
            if is_named and (not form.module or _is_valid(form.module, found.group())):
                yield found.span()
