"""National ids of 32 countries (docs/connectors.md lists them), checked by python-stdnum.

A form that nothing else has, or a checksum that other numbers rarely pass, is enough. A number whose checksum one in
ten passes counts only behind a word for it, such as `BSN`, or in the groups in which it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module

from lake.safeguards.needs import Need, digits

SIGN = re.compile(r"[ ./-]")
WORD = re.compile(r"[A-Z]{3,}")
"""Blanked in a second pass, so that a number typed right after a word is found."""
BESIDE_WORD = Need(r"\d(?:(?=[A-Z]{3})|(?<=[A-Z]{3}\d))")


@dataclass(frozen=True)
class Form:
    """How a country writes an id (upper case, no letter or digit around it), and the module of python-stdnum that
    checks it; "": the form is enough.

    `words`: upper-case words that precede it; where there are some, it counts only behind one of them.
    """

    form: str
    module: str
    words: str = ""

    @cached_property
    def number(self) -> re.Pattern[str]:
        return _numbers(self.form)

    @cached_property
    def name(self) -> re.Pattern[str]:
        return _names(self.words)


def _numbers(form: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Z0-9])(?:{form})(?![A-Z0-9])")


def _names(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Z])(?:{words})(?![A-Z])")


@cache
def _check_of(module: str) -> Callable[[str], bool]:
    check: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return check


def _is_valid(module: str, written: str) -> bool:
    check = _check_of(module)
    return check(written) or (SIGN.search(written) is not None and check(SIGN.sub("", written)))


WITH_LETTERS = (
    Form(
        r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[A-D]", ""
    ),  # NINO
    Form(r"(?:\d{8}|\d{2}\.\d{3}\.\d{3})[ -]?[A-Z]", "es.dni"),
    Form(r"[XYZ][ -]?\d{7}[ -]?[A-Z]", "es.nie"),
    Form(
        r"[A-Z]{6}[\dLMNP-V]{2}[A-EHLMPR-T][\dLMNP-V]{2}[A-Z][\dLMNP-V]{3}[A-Z]"
        r"|[A-Z]{3} [A-Z]{3} \d\d[A-EHLMPR-T]\d\d ?[A-Z]\d{3}[A-Z]",
        "it.codicefiscale",
    ),
    Form(r"\d{7} ?[A-W][A-IW]?", "ie.pps"),
    Form(r"[A-Z]{5}\d{4}[A-Z]", "in_.pan"),
    Form(r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]", "fi.hetu"),
    Form(
        r"[12][ .-]?\d{2}[ .-]?(?:0[1-9]|1[0-2]|[2-9]\d)[ .-]?(?:\d{2}|2[AB])(?:[ .-]?\d{3}){2}(?: ?/ ?|[ .-])?\d{2}",
        "fr.nir",
    ),
    Form(r"\d{6}(?:\d{4}|[-+A]\d{4})|\d{8}-\d{4}|(?:19\d\d|20[01]\d)\d{8}", "se.personnummer"),
)
OF_DIGITS = (
    Form(r"(?!000|666|9|123-45-6789)\d{3}-(?!00)\d{2}-(?!0000)\d{4}", "us.ssn"),
    Form(r"\d{6} ?\d{5}", "pl.pesel"),
    Form(r"\d{2}[.-]\d{2}[.-]\d{2}[ -]\d{3}[.-]\d{2}|\d{6}[ -]?\d{3}[ .-]?\d{2}", "be.nn"),
    Form(r"\d{6}[ -]?\d{3}[ -]?\d", "bg.egn", "(?i:ЕГН|единен граждански номер)|EGN"),
    Form(r"(?:HR ?)?\d{11}", "hr.oib", "OIB|OSOBNI IDENTIFIKACIJSKI BROJ"),
    Form(r"\d{6} ?/ ?\d{3,4}", "cz.rc"),
    Form(
        r"\d{6} ?\d{3,4}",
        "cz.rc",
        r"(?i:R\.? ?Č\.?|RODN(?:[ÉE](?:HO|MU|M)?|[ÝY]M) [ČC][ÍI]SL(?:O|A|U|E|EM|OM))|RC|R\. ?C\.",
    ),
    Form(r"\d{6}[ -]\d{4}", "dk.cpr"),
    Form(r"\d{10}", "dk.cpr", "CPR|CPR-NR|CPR-NUMMER|PERSONNUMMER"),
    Form(r"[1-6]\d{10}", "ee.ik"),
    Form(r"[1-6]\d{10}", "lt.asmens"),
    Form(r"\d{6}-\d{5}", "lv.pvn"),
    Form(r"\d{6} ?\d{5}", "gr.amka"),
    Form(r"\d{4}[ .]\d{2}[ .]\d{3}|\d{9}", "nl.bsn", "BSN|BURGERSERVICENUMMER|SOFINUMMER|SOFI"),
    Form(r"(?:PT ?)?\d{3}[ .]?\d{3}[ .]?\d{3}", "pt.nif", "NIF|CONTRIBUINTE|N[ÚU]MERO DE CONTRIBUINTE|NIPC"),
    Form(r"\d{8} ?\d ?[A-Z]{2}\d", "pt.cc"),
    Form(r"[1-8] ?\d{6} ?\d{6}", "ro.cnp"),
    Form(r"\d{13}", "si.emso"),
    Form(r"756[ .-]?\d{4}[ .-]?\d{4}[ .-]?\d{2}", "ch.ssn"),
    Form(r"\d{6}[ -]?\d{5}|\d{2} \d{2} \d{2} ?\d{5}", "no.fodselsnummer"),
    Form(r"\d{4} ?\d{6}", "at.vnr", r"SVNR|SV[- ]?(?:NR|NUMMER)|(?:SOZIAL)?VERSICHERUNGS-?(?:NUMMER|NR)|VSNR"),
    Form(r"\d{3}[ -]\d{3}[ -]\d{4}|\d{10}", "gb.nhs", "NHS|NHS NUMBER|NHS NO"),
    Form(r"\d{3}[ .-]?\d{2}[ .-]?\d{4}", "us.ssn", "SSN|SOC(?:IAL)?\\.? SEC(?:URITY)?(?: NUMBER)?|SOCIAL"),
    Form(r"9\d\d[ .-]?\d\d[ .-]?\d{4}", "us.itin", "ITIN|TAXPAYER IDENTIFICATION"),
    Form(r"\d{3}\.\d{3}\.\d{3}-\d{2}|\d{11}", "br.cpf"),
    Form(r"[2-9]\d{3}[ -]\d{4}[ -]\d{4}", "in_.aadhaar"),
    Form(r"[2-9]\d{11}", "in_.aadhaar", "AADHAAR|AADHAR|UID|UIDAI|आधार"),
    Form(r"\d{6} ?- ?\d{7}", "kr.rrn"),
    Form(
        r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?: ?- ?)?[1-8]\d{6}",
        "",
        "RRN|주민등록번호|주민번호|RESIDENT REGISTRATION",
    ),
    Form(r"\d{4}[ -]\d{4}[ -]\d{4}|\d{12}", "jp.in_", "MY NUMBER|マイナンバー|個人番号|MYNUMBER"),
    Form(r"\d{2,3}[ -]?\d{3}[ -]?\d{3}", "au.tfn", "TFN|TAX FILE NUMBER|TAX FILE"),
    Form(r"\d{2}(?: \d{3}){3}|(?:\d{3} ){3}\d{2}|\d{2}(?:-\d{3}){3}|\d{11}", "de.idnr"),
)
"""Eight digits or more, with at most three signs between two of them."""
FORMS = WITH_LETTERS + OF_DIGITS
NAMED, UNNAMED = ([form for form in OF_DIGITS if bool(form.words) is named] for named in (True, False))
HAS_LETTERED = Need(_numbers("|".join(form.form for form in WITH_LETTERS)).pattern)
HAS_DIGITS = Need(digits(8, "[ ./+-]{0,3}+"))
"""Of `OF_DIGITS`."""
HAS_NUMBER = Need(_numbers("|".join(dict.fromkeys(form.form for form in UNNAMED))).pattern)
HAS_NAME = Need(_names("|".join(form.words for form in NAMED)).pattern)
BEFORE = 40
"""How far before a number its word may be, in characters."""


def national_ids(text: str) -> Iterator[tuple[int, int]]:
    """Spans of `text` (letters upper-case) that are national ids."""
    text = text.replace("_", " ")
    yield from _checked(text, text)
    if BESIDE_WORD.is_met_by(text):
        yield from _checked(WORD.sub(lambda word: " " * len(word.group()), text), text)


def _checked(copy: str, text: str) -> Iterator[tuple[int, int]]:
    if HAS_LETTERED.is_met_by(copy):
        yield from _of(WITH_LETTERS, copy, text)
    if HAS_DIGITS.is_met_by(copy):
        yield from _of(UNNAMED if HAS_NUMBER.is_met_by(copy) else (), copy, text)
        yield from _of(NAMED if HAS_NAME.is_met_by(text) else (), copy, text)


def _of(forms: Iterable[Form], copy: str, text: str) -> Iterator[tuple[int, int]]:
    for form in forms:
        for found in form.number.finditer(copy):
            named = not form.words or form.name.search(text[max(found.start() - BEFORE, 0) : found.start()])
            if named and (not form.module or _is_valid(form.module, found.group())):
                yield found.span()
