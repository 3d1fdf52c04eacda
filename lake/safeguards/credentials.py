"""Keys, tokens, passwords and one-time codes in a text: by the form that their issuer published, or by the words and
signs around them. Nothing is looked up.

A value behind a word (`password: …`, `PGPASSWORD=…`, `the password is …`) counts unless it is an ordinary word, such as
in "password: required". A number behind the words for a code counts if it has 4 to 8 digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lake.safeguards import words
from lake.safeguards.needs import Listed, Need, Words, any_of, folded, matches_at
from lake.safeguards.options import HAS_OPTION, MORE, NAMED, OPTION, VALUE, any_listed

FORMS = {form: needed.split(" ") for needed, form in (line.split("\t") for line in words.lines_of("secret_forms.txt"))}
"""Each form, with what a text must have for it to match."""
PUBLISHED = re.compile("|".join(FORMS))
LETTERS_AND_DIGITS = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[A-Za-z])")
PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    r".*?(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\Z)"
    r"|PuTTY-User-Key-File-\d.*\Z",
    re.DOTALL,
)


SURE = re.compile(any_listed(words.PASSWORD), re.IGNORECASE)
ENDING = r"[^\W\d_]{0,3}?"
"""Of a name that is declined."""
SIGN = (
    r"(?:[:\uff1a=]{1,2}|=>|:=|->|\t{1,3}|\|(?=\s?[^\s|])|(?:</\w{1,10}>\s{0,3}){1,3}(?:<\w[^<>]{0,80}>\s{0,3}){1,3})\s{0,3}"
    r"(?:[*_~`]{1,2}\s{1,3}|(?:</?\w[^<>]{0,80}>\s{0,3}){1,4})?"
)
"""What is between a name and its value, with the marks of a text that is set in bold or in a table."""
ASSIGNED = re.compile(rf"(?:{NAMED}){ENDING}{MORE}\\?[\"'\]*_~`]{{0,2}}\s{{0,3}}{SIGN}{VALUE}", re.IGNORECASE)
FURTHER_ON = re.compile(
    rf"(?:{NAMED})(?!\w)[^\n:\uff1a=.!?]{{0,30}}?(?:[:\uff1a=]|\s-\s)\s{{0,3}}{VALUE}", re.IGNORECASE
)
BARE = re.compile(
    rf"(?:{NAMED}){ENDING}{MORE}\s{{1,3}}(?=\S{{0,199}}\d)(?=\S{{0,199}}[^\W\d_])(?=\S{{6}}){VALUE}",
    re.IGNORECASE,
)
"""Right behind its name: letters and digits; of many, if the name is not sure."""
LONG = 16
ROLE = r"as|als|comme|como|come|is|ist|est|es|è"
SERVES = re.compile(
    r"(?<!\S)[(\"'`]?([^\s\"'`()]{4,64})[)\"'`]?"
    rf"\s+(?:{ROLE})\s+(?:\w{{1,12}}\s){{0,2}}(?:{NAMED})(?!\w)",
    re.IGNORECASE,
)
"""Before its name: `use … as password`, `… is my password`."""
PHRASE = re.compile(
    rf"(?:{any_listed(words.PHRASE)})(?!\w)\W{{0,8}}(?:\w{{2,5}}\W{{1,3}})??"
    r"((?:\d{1,2}[.):]?\s{0,2})?[^\W\d_]{2,12}(?:[\s,]{1,3}(?:\d{1,2}[.):]?\s{0,2})?[^\W\d_]{2,12}){2,24})",
    re.IGNORECASE,
)
FEWEST_WORDS = 11
"""Of a phrase without a sign before it."""
FURTHER_WORDS = re.compile(r"(?:[ ]{1,2}[^\W_][\w'-]{0,30}){1,23}(?=[.!]?\s*(?:\n|\Z))")
"""The other words of a passphrase, to the end of its line."""
IS = (
    r"ir|yra|adalah|ialah|is|was|now|ist|lautet|war|est|es|era|é|è|jest|to|är|er|on|je|este|fue|será|sera|будет|es el"
    r"|is now|is still|jetzt|nuevo|changed to|set to|reset to"
)
SAID = re.compile(rf"(?:{NAMED}){ENDING}(?:(?:\s+\w+){{0,5}}?\s+(?:{IS})|['\u2019]s)(?:\s*:)?\s+{VALUE}", re.IGNORECASE)
PAIR = re.compile(
    rf"(?:{any_listed(words.SIGN_IN)})\s{{0,3}}[:\uff1a=]\s{{0,3}}[\"'`]?[^\s\"'`/|,;]{{2,80}}[\"'`]?(?:\s?[/|,;]\s?|\s)"
    rf"(?=[^\s&,;]*\d)(?=[^\s&,;]*[^\W\d_])(?!\d{{1,4}}[-./:]\d){VALUE}",
    re.IGNORECASE,
)
"""A name to sign in with, and a password after it: letters and digits, and neither a day nor a time."""
MARKUP = re.compile(rf"<(?:\w+:)?[\w.-]{{0,20}}?(?:{NAMED}){MORE}>\s*([^<>\s][^<>\n]{{2,200}})</", re.IGNORECASE)
COOKIE = re.compile(
    r"(?<![^\W_])(?:php|j|asp\.net_)?(?:sess(?:ion)?(?:[_-]?id)?|connect\.sid|sid|auth|jwt)=([^\s;\"'&,]{16,})",
    re.IGNORECASE,
)
WITHOUT_SPACES = re.compile(
    r"(?:密码|密碼|口令|パスワード|暗証番号|비밀번호|암호)\s*(?:是|为|為|は|는|은)?\s*[:\uff1a]?\s*([!-~]{4,64})"
)
ORDINARY_WORDS = """
    required optional reset resets changed change forgotten forgot expired incorrect wrong invalid missing empty
    null none true false undefined string hidden unknown unchanged protected yes must should cannot needed
    policy manager field here please click type enter error failed success test soon today tomorrow erforderlich
    vergessen geändert falsch requis oublié incorrecto requerido olvidada obbligatoria vereist verplicht
    wymagane http https str bytes varchar text char secretstr this that these those them same it what which such well
    email e-mail name username user login url date status role notes comment phone address id
"""
ORDINARY = frozenset(ORDINARY_WORDS.split())
MASKED = re.compile(r"[*•·xX.…_#-]+|<.*|\$[{(].*|\$(?:[A-Z_][A-Z\d_]*|\d)|%[A-Z_][A-Z\d_]*%|%[sdr]")
VARIABLE = re.compile(
    r"[$%](?:\w+[:>.-]+)?\w*(?:pass|pw|secret|token|key|cred|user|env|request|input|data|form|post|conf|arg|param|var|row|this"
    r"|value)\w*[%>\w.-]*",
    re.IGNORECASE,
)
CALL = re.compile(r"[A-Za-z_][A-Za-z_.]*[(\[][A-Za-z_][\w.,=]*")
SECRET_LOOK = re.compile(r"(?=.*[A-Za-zÀ-ž\d])(?:.*\d.*|.*[a-zà-ž].*[A-ZÀ-Þ].*|.*[!@#$%^&*+=~?|\\].+)")

DAY_OR_TIME = re.compile(r"\d{1,4}([-./:])\d{1,2}(?:\1\d{1,4})?")
BRACKETS = ("(", "[", "{", "<")
IDENTIFIER = re.compile(r"[A-Za-z_.]+")
PASSPHRASE = 4
"""Words in quotes that are one, behind words that are not sure."""
FEWEST_DIGITS = 6
"""A shorter number behind a word that also means other things (`tests pass: 1234`) is no secret."""
WHERE = re.compile(r"\bwhere\b", re.IGNORECASE)

CODES = rf"(?<![^\W\d_])(?:{any_listed(words.CODE)})s?(?![^\W\d_])"
DIGITS = (
    r"(?<![\w.,/#-])(?:[A-Z]{1,2}-)?(?P<value>\d{3}[\s-]\d{3}|\d{2}[\s-]\d{2}[\s-]\d{2}|\d{3,8})(?![\w/%€$]|[.,:-]\d)"
)
CODE_AFTER = re.compile(rf"{CODES}[^\n\d]{{0,30}}?{DIGITS}", re.IGNORECASE)
CODE_BEFORE = re.compile(rf"{DIGITS}\W{{1,4}}(?:\w+\W+){{0,3}}?{CODES}", re.IGNORECASE)
CODE_FOR = re.compile(
    rf"{DIGITS}\s+(?:(?:is|ist|est|es|är|er)\s+(?:your|ihr|dein|votre|tu|su|din)\s+(?:\w+[\s-]+){{0,3}}?\w*(?:code|pin)\b"
    r"|to\s+(?:sign|log)\s?in\b|to\s+(?:verify|confirm)\s+your\b)",
    re.IGNORECASE,
)
OTHER_CODE = re.compile(
    r"(?:zip|post|postal|area|error|status|exit|response|return|country|order|product|source|promo|discount|voucher|project"
    r"|cost|bar|qr|currency|reason|tax|dress)[\s-]*\Z",
    re.IGNORECASE,
)
"""What precedes a code that is no secret."""
PLACE = re.compile(r"\b(?:lines?|rows?|files?|page|issue|ticket|commit)\b", re.IGNORECASE)
PLACE_AFTER = 7
"""How many characters after the number may name what it counts."""
SHORTEST_TO_SIGN_IN = 5
CODE_IN_SCRIPT = re.compile(
    r"(?:验证码|驗證碼|校验码|動態密碼|認証コード|確認コード|ワンタイムパスワード|인증번호|인증\s?코드|보안코드)\D{0,8}(?P<value>\d{4,8})(?!\d)"
)
CODE_ALONE = re.compile(
    rf"(?:\A|[\n.!?])\s{{0,3}}(?:{any_listed(words.CODE_ALONE)})\s?[:\uff1a]\s{{0,3}}(?P<value>\d{{6}}|\d{{3}}[\s-]\d{{3}})"
    r"(?=\s{0,3}(?:\Z|[\n.!]))",
    re.IGNORECASE,
)
CHECK_NUMBER = re.compile(r"\b(?:cvv2?|cvc2?|csc|security code|card verification)\b", re.IGNORECASE)
SHORTEST_CODE = 4


def _published_need() -> str:
    every = [needed for needs in FORMS.values() for needed in needs]
    return "|".join([any_of(each for each in every if "[" not in each), *(each for each in every if "[" in each)])


HAS_LONG = Need(r"\S{15}")
"""As long as the shortest key of a published form."""
HAS_PUBLISHED = Need(_published_need())
NAME = Words(
    Listed((*words.PASSWORD, *words.KEY, *words.PHRASE, *words.SIGN_IN)),
    Listed(words.SHORT, inside=r"[^\W_]", end=r"(?![^\W_])"),
)
"""Where, in folded text, the words of `NAMED`, `PAIR` and `PHRASE` are."""
CODE_WORD = Words(Listed(words.CODE, inside=r"[^\W\d_]", end=r"s?(?![^\W\d_])"))
"""Where, in folded text, `CODES` are."""
HAS_COOKIE = Need(r"sess(?:ion)?(?:[_-]?id)?=|connect\.sid=|sid=|auth=|jwt=")
HAS_SIGN = Need(r"[:\uff1a=\t|]|->|\s-\s|</")
"""Of `ASSIGNED`, `FURTHER_ON` and `PAIR`, behind the word."""
HAS_DIGIT = Need(r"\d")
HAS_ROLE = Need(rf"\s(?:{ROLE})\s")
"""Of `SERVES`, in folded text."""
HAS_DIGITS = Need(r"\d\d(?:\d|[\s-]\d\d)")
HAS_PURPOSE = Need(
    r"is\s+(?:your|ihr|dein|votre|tu|su|din)\s|ist\s+(?:your|ihr|dein|votre|tu|su|din)\s"
    r"|es\s+(?:your|ihr|dein|votre|tu|su|din)\s|est\s+(?:your|ihr|dein|votre|tu|su|din)\s"
    r"|är\s+(?:your|ihr|dein|votre|tu|su|din)\s|er\s+(?:your|ihr|dein|votre|tu|su|din)\s"
    r"|to\s+(?:sign|log)\s?in|to\s+(?:verify|confirm)\s+your"
)
HAS_WORD = Words(
    Listed((*words.PASSWORD, *words.KEY, *words.PHRASE, *words.SIGN_IN, *words.SHORT, *words.CODE)),
    more=(HAS_COOKIE, HAS_OPTION, HAS_PURPOSE),
)
"""Of all named values and codes but `CODE_ALONE`: one of `NAME`, `CODE_WORD` and the needs after them."""
HAS_ALONE = Words(Listed(words.CODE_ALONE, end=r"\s?[:\uff1a]"))


Matches = Iterable[re.Match[str]]


def credentials(text: str, typed: bool) -> Iterator[tuple[int, int, str]]:
    """(start, end, kind) of keys and tokens, of passwords that the text names, and of one-time codes."""
    if HAS_LONG.is_met_by(text) and HAS_PUBLISHED.is_met_by(text):
        yield from published(text, typed)
    if "PRIVATE KEY" in text or "PuTTY-User-Key-File-" in text:
        yield from ((found.start(), found.end(), "secret") for found in PRIVATE_KEY.finditer(text))
    folded_text = folded(text)
    if HAS_WORD.is_met_by(folded_text):
        yield from named(text, folded_text)
        if HAS_DIGITS.is_met_by(text):
            yield from codes(text, folded_text)
    if HAS_ALONE.is_met_by(folded_text):
        yield from ((*found.span("value"), "one_time_code") for found in CODE_ALONE.finditer(text))


def published(text: str, typed: bool) -> Iterator[tuple[int, int, str]]:
    """Spans in the form of a known issuer."""
    for found in PUBLISHED.finditer(text):
        begins = typed or not text[found.start() - 1 : found.start()].isalnum()
        if begins and LETTERS_AND_DIGITS.match(found.group()):
            yield found.start(), found.end(), "secret"


def named(text: str, folded_text: str) -> Iterator[tuple[int, int, str]]:
    """Values that the words or the option before them call a secret."""
    names = NAME.places(folded_text)
    for pattern, must_look, matches in _looked_for(text, folded_text, names):
        for found in matches:
            start, end = found.span(found.lastindex or 0)
            value = text[start:end].rstrip(".,:?\\")
            sure = SURE.match(found.group()) is not None
            if is_ordinary(value) or _is_code(text, start, end):
                continue
            if pattern is FURTHER_ON and WHERE.search(found.group()):
                continue
            quoted = _quoted(text, start)
            in_brackets = text[start - 1 : start] in BRACKETS
            passphrase = len(quoted.split()) >= PASSPHRASE
            if (must_look or in_brackets or (pattern is ASSIGNED and not sure)) and not passphrase:
                few = value.isdigit() and len(value) < FEWEST_DIGITS
                if not looks_secret(value) or (few and not sure) or text[start - 2 : start] == "{{":
                    continue
            if pattern is BARE and not sure and len(value) < LONG and not found.group().lower().startswith("pw"):
                continue
            end = start + max(len(value), len(quoted))
            if pattern is ASSIGNED and sure and value.isalpha() and (more := FURTHER_WORDS.match(text, end)):
                end = more.end()
            yield start, end, "password"
    if names:
        yield from phrases(matches_at(names, PHRASE, text))


def _looked_for(text: str, folded_text: str, names: list[int]) -> Iterator[tuple[re.Pattern[str], bool, Matches]]:
    """What may match, with whether the value must look like a secret, because what precedes it is not sure."""
    if names:
        if HAS_SIGN.is_met_by(text, names[0]):
            yield ASSIGNED, False, matches_at(names, ASSIGNED, text)
            yield FURTHER_ON, True, matches_at(names, FURTHER_ON, text)
            yield PAIR, True, matches_at(names, PAIR, text)
        yield SAID, True, matches_at(names, SAID, text)
        if HAS_DIGIT.is_met_by(text, names[0]):
            yield BARE, True, matches_at(names, BARE, text)
        if HAS_ROLE.is_met_by(folded_text):
            yield SERVES, True, SERVES.finditer(text)
        if "</" in text:
            yield MARKUP, False, MARKUP.finditer(text)
    if not text.isascii():
        yield WITHOUT_SPACES, False, WITHOUT_SPACES.finditer(text)
    if HAS_OPTION.is_met_by(folded_text):
        yield OPTION, False, OPTION.finditer(text)
    if HAS_COOKIE.is_met_by(folded_text):
        yield COOKIE, False, (found for found in COOKIE.finditer(text) if LETTERS_AND_DIGITS.match(found[1]))


def phrases(matches: Matches) -> Iterator[tuple[int, int, str]]:
    """Phrases of many words that open a wallet or restore an account."""
    for found in matches:
        before = found.string[found.start() : found.start(1)]
        if any(sign in before for sign in ":=\uff1a") or len(found[1].split()) > FEWEST_WORDS:
            yield *found.span(1), "password"


def codes(text: str, folded_text: str) -> Iterator[tuple[int, int, str]]:
    """One-time codes, PINs and check numbers of cards."""
    for pattern, matches in _codes_looked_for(text, folded_text):
        for found in matches:
            if pattern is CODE_AFTER and (
                OTHER_CODE.search(text[max(found.start() - 20, 0) : found.start()])
                or PLACE.search(text[found.start() : found.end() + PLACE_AFTER])
            ):
                continue
            digits = sum(character.isdigit() for character in found["value"])
            if pattern is CODE_FOR and digits < SHORTEST_TO_SIGN_IN:
                continue
            if digits >= SHORTEST_CODE or CHECK_NUMBER.search(found.group()):
                yield *found.span("value"), "one_time_code"


def _codes_looked_for(text: str, folded_text: str) -> Iterator[tuple[re.Pattern[str], Matches]]:
    if code_words := CODE_WORD.places(folded_text):
        yield CODE_AFTER, matches_at(code_words, CODE_AFTER, text)
        yield CODE_BEFORE, CODE_BEFORE.finditer(text)
    if HAS_PURPOSE.is_met_by(folded_text):
        yield CODE_FOR, CODE_FOR.finditer(text)
    if not text.isascii():
        yield CODE_IN_SCRIPT, CODE_IN_SCRIPT.finditer(text)


def _quoted(text: str, start: int) -> str:
    """What is in the quotes that a value begins with; "" if it begins with none, or they are never closed."""
    quote = text[start - 1 : start]
    end = text.find(quote, start, start + 100) if quote in ('"', "'", "`") else -1
    quoted = text[start:end] if end > start else ""
    return "" if "\n" in quoted else quoted


def _is_code(text: str, start: int, end: int) -> bool:
    """Whether a program calls a function or names a variable here: `password = input(`, `self.password = password`."""
    value = text[start:end]
    if CALL.fullmatch(value) and text[end : end + 1] in (")", "]"):
        return True
    if not IDENTIFIER.fullmatch(value):
        return False
    of_object, _, last = value.rpartition(".")
    named = SURE.search(last) if of_object else SURE.fullmatch(last)
    return text[end : end + 1] in ("(", "[") or named is not None


def looks_secret(value: str) -> bool:
    """Whether a value is hardly a word or a day: letters mixed with digits or signs."""
    return len(value) >= SHORTEST_CODE and not DAY_OR_TIME.fullmatch(value) and SECRET_LOOK.fullmatch(value) is not None


def is_ordinary(value: str) -> bool:
    """Whether a value is a word of the sentence, or stands for one that was left out."""
    stands_for_one = MASKED.fullmatch(value) or VARIABLE.fullmatch(value)
    return value.casefold() in ORDINARY or stands_for_one is not None or len(value) < SHORTEST_CODE - 1
