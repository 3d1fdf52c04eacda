"""Private windows of browsers, as far as their titles say so: `Clinic - Google Chrome (Incognito)`.

    Chrome, Brave, Opera, Vivaldi    … - Google Chrome (Incognito)
    Edge                             … - [InPrivate] - Microsoft Edge
    Firefox                          … — Mozilla Firefox Private Browsing      (macOS: … — Private Browsing)
    Safari                           … — Private, or Private Browsing — …
    DuckDuckGo                       … - DuckDuckGo Fire Window
    Tor Browser, Mullvad Browser     any title

A title counts if it ends with one of these words, and it or the application's name says which browser it is. The words
are those of the browsers' own translations. On some systems Chrome and Safari show only the page's title: then nothing
tells a private window apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from lake.connectors.records import LeftOut, Record

PRIVATE_BROWSING = "private browsing"
"""What is left out, in words."""
BROWSER = "Browser"
"""The application, if its name is the title of the window."""


def _listed(text: str) -> tuple[str, ...]:
    words = {_plain(word) for word in text.split(",")}
    return tuple(sorted(filter(None, words), key=len, reverse=True))


def _plain(text: str) -> str:
    """In small letters, with plain brackets and blanks, and without characters that nobody sees."""
    if text.isascii():
        return " ".join(text.casefold().split())
    seen = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    return " ".join(seen.casefold().split())


SURE = _listed(
    """
    incognito, incognito mode, incognito window, new incognito tab, in incognito, inkognito, inkognitomodus,
    inkognito-modus, inkognito-fenster, inkognitoläge, inkognitotila, incognitomodus, incognitovenster, incógnito,
    modo incógnito, modo de incógnito, anônima, navegação anônima, navegação anónima, janela anônima, inkognitó,
    anonymní režim, anonymní okno, režim inkognito, tryb incognito, инкогнито, режим инкогнито, анонімний режим,
    анонімний перегляд, gizli pencere, gizli mod, ανώνυμη περιήγηση, シークレット, シークレットモード,
    シークレット モード,
    シークレット ウィンドウ, 无痕模式, 无痕, 無痕模式, 無痕式視窗, 無痕, 隐身模式, 隐身, 시크릿 모드, 시크릿, ẩn danh,
    samaran, mode samaran, ไม่ระบุตัวตน, गुप्त, التصفح المتخفي, متخفٍ, גלישה בסתר, d'incògnit, inkognito režim,
    inprivate, inprivate browsing, navigation inprivate, inprivate-browsen, exploración de inprivate,
    private browsing, private browsing mode, new private tab, fire tab, private window, private window with tor,
    private with tor, private tab, private mode, privater modus, privates fenster, privater tab, privates surfen,
    fire window, privates browsen, privates-fenster, navigation privée, mode privé, fenêtre privée, onglet privé,
    fenêtre de navigation privée, navegación privada, modo privado, ventana privada, pestaña privada,
    navegación privada mode, navigazione anonima, navigazione privata, finestra anonima, finestra privata,
    navegação privada, navegação privativa, janela privada, janela privativa, modo privativo, privénavigatie,
    privé-navigatie, privévenster, privémodus, tryb prywatny, przeglądanie prywatne, prywatne przeglądanie,
    okno prywatne, privat surfning, privat läge, privat fönster, privat browsing, privat vindue, privat nettlesing,
    privat vindu, yksityinen selaus, yksityinen ikkuna, anonymní prohlížení, soukromé prohlížení, súkromné prehliadanie,
    privát böngészés, navigare privată, fereastră privată, приватный просмотр, приватный режим, приватное окно,
    частный доступ, приватний перегляд, приватне вікно, поверително разглеждане, приватно прегледање,
    приватно прелистување, privatno pretraživanje, zasebno brskanje, privatus naršymas, privātā pārlūkošana,
    privaatne veebilehitsemine, gizli gezinti, özel pencere, ιδιωτική περιήγηση, ιδιωτικό παράθυρο, modus privat,
    プライベートブラウジング, プライベートブラウズ, プライベートウィンドウ, プライベート ウィンドウ, 隐私浏览, 隱私瀏覽,
    无痕浏览, 無痕瀏覽, 隐私窗口, 私密浏览, 私密瀏覽, 사생활 보호 모드, 사생활 보호 브라우징, 개인정보 보호 브라우징,
    개인 정보 보호 브라우징, duyệt web riêng tư, penjelajahan pribadi, การเรียกดูแบบส่วนตัว, निजी ब्राउज़िंग,
    تصفح خاص, التصفح الخاص, גלישה פרטית, مرور خصوصی
    """
)
"""Words of a private window, whatever stands before them."""

DOUBTED = _listed(
    """
    private, privat, privé, privée, privado, privada, privata, privato, prywatny, prywatne, prywatna, privata fönster,
    yksityinen, soukromé, privát, privată, приватный, приватное, приватне, приватний, частный, частное, gizli, özel,
    ιδιωτικό, プライベート, 隐私, 私密, 비공개, 개인, anonym, anonim, anonima, anonyme, secret, riêng tư,
    pribadi, خاص, פרטי
    """
)
"""Words that also end the titles of pages: only right behind the name of the browser."""

BROWSERS = re.compile(
    r"google[ -]chrome(?: for testing)?|chromium|microsoft[ -]?edge|msedge|mozilla[ -]firefox|firefox|librewolf"
    r"|waterfox|floorp|seamonkey|pale ?moon|brave[ -]browser|opera ?gx|vivaldi|yandex(?: browser)?|яндекс[ .-]?браузер"
    r"|duckduckgo|iridium|epiphany|mullvad browser|tor browser|internet explorer|iexplore|samsung internet|zen browser"
    r"|(?<![a-z])(?:chrome|edge|navigator|safari|brave|opera|whale|arc|zen)(?![a-z])|browser"
)
ALWAYS = re.compile(r"tor[ -]?browser|mullvad[ -]?browser")
"""Browsers all of whose windows are private."""
EDITION = re.compile(r"(?:developer edition|nightly|canary|beta|developer|dev|stable|snapshot)(?![a-z])|\.exe")
PARTS = re.compile(r"\s+[-\u2010-\u2015]\s+|\s*\u2014\s*")
IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]+)[)\]]$")
BRACKETS = str.maketrans("()[]:", "     ")
MOST_WORDS = max(len(each.split()) for each in (*SURE, *DOUBTED))
MORE_WORDS = 1
"""Beside the words and the browser's name: `Navegación privada de Mozilla Firefox`."""


def left_out(record: Record) -> LeftOut | None:
    """The record as one that is left out, if what comes with it says that it was in a private window; else None."""
    content = record.content
    name = record.application
    if not _is_private(name, content.get("title", ""), content.get("element", "")):
        return None
    shown = BROWSER if says_private(name, name) else name
    return LeftOut(record.line, shown, PRIVATE_BROWSING, record.captured_at, record.identity)


@lru_cache(maxsize=4096)
def _is_private(name: str, title: str, element: str) -> bool:
    titles = title, name, element, element.rpartition(", ")[0]
    return any(says_private(name, each) for each in titles if each)


@lru_cache(maxsize=4096)
def says_private(application: str, title: str) -> bool:
    """Whether the title of this application's window is that of a private window of a browser."""
    plain = _plain(title)
    name, in_browser = _named(application)
    *before, last = PARTS.split(plain) if "-" in plain or not plain.isascii() else [plain]
    if not in_browser and not BROWSERS.search(last):
        return False
    if ALWAYS.fullmatch(name.removesuffix(".exe")) or ALWAYS.fullmatch(last.strip()):
        return True
    ending = _ending(last)
    bracketed = IN_BRACKETS.search(plain) if plain.endswith((")", "]")) else None
    if ending.is_private or (bracketed and bracketed[1].strip() in SURE):
        return True
    if before and ending.is_browser:
        further = before[-1]
        alone = len(before) > 1 or " " in further or "inprivate" in further
        return alone and _is_of(further, SURE, more=0)
    if "safari" in name:
        ends = [last, before[0]] if before else []
        return any(_is_of(each, (*SURE, *DOUBTED), more=0) for each in ends)
    return False


@lru_cache(maxsize=4096)
def _named(application: str) -> tuple[str, bool]:
    """Its name in small letters, and whether it is a browser."""
    name = _plain(application)
    return name, BROWSERS.search(name) is not None


@dataclass(frozen=True, slots=True)
class _Ending:
    """What the last part of a title says. `is_browser`: it is nothing but the name of one."""

    is_browser: bool
    is_private: bool


@lru_cache(maxsize=4096)
def _ending(last: str) -> _Ending:
    has_browser = BROWSERS.search(last) is not None
    private = _is_of(last, SURE) or (has_browser and _is_of(last, DOUBTED, more=0))
    return _Ending(has_browser and not _without_browser(last).strip(), private)


def _is_of(part: str, words: Iterable[str], *, more: int = MORE_WORDS) -> bool:
    """Whether a part of a title has nothing but one of these words, the name of a browser, and `more` words."""
    said = _without_browser(part).translate(BRACKETS).split()
    if len(said) > MOST_WORDS + more:
        return False
    rest = " ".join(said)
    found = next((each for each in words if each in rest), None)
    return found is not None and len(rest.replace(found, " ", 1).split()) <= more


def _without_browser(part: str) -> str:
    return EDITION.sub(" ", BROWSERS.sub(" ", part))
