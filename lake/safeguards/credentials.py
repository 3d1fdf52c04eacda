"""Keys, tokens, passwords and one-time codes in a text: by the form that their issuer published, or by the words and
signs around them. Nothing is looked up.

A value behind a word (`password: …`, `PGPASSWORD=…`, `the password is …`) counts unless it is an ordinary word, such as
in "password: required". A number behind the words for a code counts if it has 4 to 8 digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lake.safeguards import words
from lake.safeguards.codes import HAS_ALONE, HAS_PURPOSE, alone, codes
from lake.safeguards.needs import Listed, Need, Words, any_of, folded, matches_at
from lake.safeguards.options import HAS_OPTION, MORE, NAMED, OPTION, VALUE, any_listed

FORMS = {form: needed.split(" ") for needed, form in (line.split("\t") for line in words.lines_of("secret_forms.txt"))}
"""Each form, with what a text must have for it to match."""
PUBLISHED = re.compile("|".join(FORMS))
LETTERS_AND_DIGITS = re.compile(r"(?=.*\d)(?=.*[A-Za-z])", re.DOTALL)
PRIVATE_KEY = re.compile(
    r"----(?:-| )BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?(?:-| )----"
    r".*?(?:----(?:-| )END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?(?:-| )----|\Z)"
    r"|(?:[A-Za-z0-9+/=]{40,}\s{1,2}){1,200}[A-Za-z0-9+/=]{0,64}\s{0,2}-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----"
    r"|PuTTY-User-Key-File-\d.*\Z",
    re.DOTALL,
)


SURE = re.compile(any_listed(words.PASSWORD), re.IGNORECASE)
ENDING = r"[^\W\d_]{0,3}?"
"""Of a name that is declined."""
SIGN = (
    r"(?:[:\uff1a=]{1,2}|=>|:=|->|[\u2192\u279c\U0001f449]|\t{1,3}|\|(?=\s?[^\s|])|(?:</\w{1,10}>\s{0,3}){1,3}(?:<\w[^<>]{0,80}>\s{0,3}){1,3})\s{0,3}"
    r"(?:[*_~`]{1,3}\s{1,3}|«\s|(?:</?\w[^<>]{0,80}>\s{0,3}){1,4})?"
)
"""What is between a name and its value, with the marks of a text that is set in bold or in a table."""
ASSIGNED = re.compile(rf"(?:{NAMED}){ENDING}{MORE}\\?[\"'\]*_~`]{{0,3}}\s{{0,3}}{SIGN}{VALUE}", re.IGNORECASE)
FURTHER_ON = re.compile(
    rf"(?:{NAMED})(?!\w)[^\n:\uff1a=.!?]{{0,30}}?(?:[:\uff1a=]|->|\u2192|\s-\s)\s{{0,3}}{VALUE}", re.IGNORECASE
)
BARE = re.compile(
    rf"(?:{NAMED}){ENDING}{MORE}[*_~`]{{0,3}}\s{{1,3}}(?=\S{{0,199}}\d)(?=\S{{0,199}}[^\W\d_])(?=\S{{6}}){VALUE}",
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
    r"|is now|is still|jetzt|nuevo|changed to|set to|reset to|will be|was|remains"
    r"|bleibt|wird|sera|reste|c['\u2019]est|είναι"
)
STILL = (
    "weiterhin|jetzt|nun|immer noch|now|still|always|just|simply|toujours|maintenant|ahora|siempre|nu|ora|adesso|teraz"
)
SAID = re.compile(
    rf"(?:{NAMED}){ENDING}(?:,?(?:\s+\w+){{0,7}}?\s+(?:{IS})(?:\s+(?:{STILL}))?|['\u2019]s)(?:\s*:)?\s+{VALUE}",
    re.IGNORECASE,
)
CHANGED = re.compile(
    rf"(?:{NAMED}){ENDING}\s+(?:from|von|de|da|van|z|från|fra)\s+{VALUE}\s+(?:to|auf|zu|in|à|a|naar|na|till|til)\s+{VALUE}",
    re.IGNORECASE,
)
FURTHER = re.compile(
    r"[\"'`]?\s{0,2}(?:[,;/|&+]|(?:or|and|oder|und|ou|et|o|y|e|of|en|lub|eller)(?!\w))?\s{1,2}" + VALUE, re.IGNORECASE
)
"""Another password right behind one."""
LETTERS_AND_DIGIT = re.compile(r"(?=.*\d)(?=.*[^\W\d_])[^=:]{6,}")
USER_LINE = re.compile(
    rf"^[\s\"'*_-]{{0,6}}(?:{any_listed((*words.SIGN_IN, 'user', 'e-mail', 'email'))})[\"'*_]{{0,3}}\s?[:=]\s?\S",
    re.IGNORECASE | re.MULTILINE,
)
PASS_LINE = re.compile(
    r"^[\s\"'*_-]{0,6}(?:pass|pw)[\"'*_]{0,3}\s?[:=]\s?[\"'`]?([^\s\"'`]{4,64})[\"'`]?[,;]?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
"""`pass` alone may be a verb; in the lines of a form with a name to sign in with, it is not."""
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
MASKED = re.compile(
    r"(?i:ctrl|alt|shift|cmd|win|strg|meta|option|command|control|⌘|⌥|⌃)\s?\+.{1,20}|\d{1,4}(?:[.,]\d{1,3})?%"
    r"|[*•·xX.…_#-]+|<.*|\$[{(].*|\$(?:[A-Z_][A-Z\d_]*|\d)|%[A-Z_][A-Z\d_]*%|%[sdr]"
)
"""Also keys that are pressed together, and a share."""
VARIABLE = re.compile(
    r"[$%](?:\w+[:>.-]+)?\w*(?:pass|pw|secret|token|key|cred|user|env|request|input|data|form|post|conf|arg|param|var|row|this"
    r"|value)\w*[%>\w.-]*",
    re.IGNORECASE,
)
CALL = re.compile(r"[A-Za-z_][A-Za-z_.]*[(\[][A-Za-z_][\w.,=]*")
SECRET_LOOK = re.compile(
    r"(?=.*[A-Za-zÀ-ž\d])(?:.*\d.*|.*[a-zà-ž].*[A-ZÀ-Þ].*|.*[!@#$%^&*+=~?|\\].+|(?:[^\W\d_]{3,}-){3,}[^\W\d_]{3,})"
)

DAY_OR_TIME = re.compile(r"\d{1,4}([-./:])\d{1,2}(?:\1\d{1,4})?")
BRACKETS = ("(", "[", "{", "<")
IDENTIFIER = re.compile(r"[A-Za-z_.]+")
PASSPHRASE = 4
"""Words in quotes that are one, behind words that are not sure."""
SHORTEST = 4
FEWEST_DIGITS = 6
"""A shorter number behind a word that also means other things (`tests pass: 1234`) is no secret."""
WHERE = re.compile(r"\bwhere\b", re.IGNORECASE)


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
HAS_COOKIE = Need(r"sess(?:ion)?(?:[_-]?id)?=|connect\.sid=|sid=|auth=|jwt=")
HAS_SIGN = Need(r"[:\uff1a=\t|\u2192\u279c\U0001f449]|->|\s-\s|</")
"""Of `ASSIGNED`, `FURTHER_ON` and `PAIR`, behind the word."""
HAS_DIGIT = Need(r"\d")
HAS_ROLE = Need(rf"\s(?:{ROLE})\s")
"""Of `SERVES`, in folded text."""
HAS_WORD = Words(
    Listed((*words.PASSWORD, *words.KEY, *words.PHRASE, *words.SIGN_IN, *words.SHORT, *words.CODE)),
    more=(HAS_COOKIE, HAS_OPTION, HAS_PURPOSE),
)
"""Of all named values and codes but `CODE_ALONE`: one of `NAME`, `CODE_WORD` and the needs after them."""


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
        if HAS_DIGIT.is_met_by(text):
            yield from codes(text, folded_text)
    if HAS_ALONE.is_met_by(folded_text):
        yield from alone(text)


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
        for found, (start, end) in _values(matches):
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
            if sure and pattern in (ASSIGNED, SAID) and not passphrase and looks_secret(value):
                yield from _further(text, end)
    if names:
        yield from phrases(matches_at(names, PHRASE, text))


def _looked_for(text: str, folded_text: str, names: list[int]) -> Iterator[tuple[re.Pattern[str], bool, Matches]]:
    """What may match, with whether the value must look like a secret, because what precedes it is not sure."""
    if names:
        if HAS_SIGN.is_met_by(text, names[0]):
            yield ASSIGNED, False, matches_at(names, ASSIGNED, text)
            yield FURTHER_ON, True, matches_at(names, FURTHER_ON, text)
            yield PAIR, True, matches_at(names, PAIR, text)
            if USER_LINE.search(text):
                yield PASS_LINE, False, PASS_LINE.finditer(text)
        yield SAID, True, matches_at(names, SAID, text)
        yield CHANGED, True, matches_at(names, CHANGED, text)
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


def _values(matches: Matches) -> Iterator[tuple[re.Match[str], tuple[int, int]]]:
    """Each match with where each of its values is."""
    for found in matches:
        for span in found.regs[1:] or found.regs:
            if span[0] >= 0:
                yield found, span


def _further(text: str, end: int) -> Iterator[tuple[int, int, str]]:
    """The passwords that follow one in its line."""
    while (
        (more := FURTHER.match(text, end))
        and "\n" not in more[0]
        and LETTERS_AND_DIGIT.fullmatch(more[1].rstrip(".,:?"))
    ):
        value = more[1].rstrip(".,:?")
        if DAY_OR_TIME.fullmatch(value) or is_ordinary(value):
            return
        end = more.start(1) + len(value)
        yield more.start(1), end, "password"


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
    return len(value) >= SHORTEST and not DAY_OR_TIME.fullmatch(value) and SECRET_LOOK.fullmatch(value) is not None


def is_ordinary(value: str) -> bool:
    """Whether a value is a word of the sentence, or stands for one that was left out."""
    stands_for_one = MASKED.fullmatch(value) or VARIABLE.fullmatch(value)
    return value.casefold() in ORDINARY or stands_for_one is not None or len(value) < SHORTEST - 1
