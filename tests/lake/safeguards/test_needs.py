"""What a text must have before it is searched: it never hides a match. Everything is searched with and without it."""

from __future__ import annotations

import csv
import random
import re
import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.iso7064 import mod_97_10

from benchmarks.safeguards import CODES, HARMLESS, PASSWORDS, SENTENCES, VALUES, _harmless, _sentence
from lake.safeguards import codes, contacts, credentials, national_ids, options, passwords, patterns, payment, words
from lake.safeguards.needs import Listed, Need, Words, digits, folded, plain
from lake.safeguards.patterns import DATE_AND_TIME, HAS_DATE, find, is_suspicious
from lake.safeguards.personal.addresses import addresses
from lake.safeguards.personal.birth_dates import birth_dates
from lake.safeguards.telephone_forms import KINDS_OF_NUMBER, SHORTEST, SHORTEST_ABROAD, possible_regions
from tests.lake.safeguards import test_addresses, test_birth_dates, test_credentials, test_wordings

REAL = Path(__file__).parents[4] / "shared/data/rpm_ui_logs"
TELEPHONE = contacts._telephone
"""Not a need: what it says decides in which countries a number is looked for."""
REGIONS = contacts.REGIONS + contacts.FURTHER_REGIONS
EVERY_CHARACTER = "".join(map(chr, (*range(0xD800), *range(0xE000, sys.maxunicode + 1))))
a_few = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def search_all(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, bool], list[object]]:
    """`find` without any need: every recogniser searches the whole text."""

    def everything(text: str, typed: bool) -> list[object]:
        with monkeypatch.context() as without:
            is_near = Words.is_met_by
            without.setattr(Need, "is_met_by", lambda *_: True)
            without.setattr(Words, "is_met_by", lambda words, *of: words is not TELEPHONE or is_near(words, *of))
            without.setattr(Words, "places", lambda _words, folded_text: list(range(len(folded_text))))
            without.setattr(contacts, "possible_regions", lambda _stretch, regions: regions)
            return list(find(text, typed=typed))

    return everything


def _made() -> list[str]:
    made = random.Random(9)
    texts = [_harmless(made, number) for number in range(20 * len(HARMLESS))]
    for kind, value in VALUES.items():
        texts += [_sentence(kind, number).format(value(made)) for number in range(24)]
    texts += (
        [text for text, _ in test_wordings.MASKED] + list(test_wordings.LEFT) + list(test_credentials.KEYS.values())
    )
    every = (*SENTENCES, *PASSWORDS, *CODES)
    texts += [
        every[number % len(every)].format("".join(made.choices("0123456789 -./()+aB!", k=14))) for number in range(300)
    ]
    texts += [_changed(made, text) for text in texts]
    return [form for text in texts for form in (text, text.upper() if len(text) % 3 else f"{text} é")]


def _changed(made: random.Random, text: str) -> str:
    letters = list(text)
    for _ in range(3):
        place = made.randrange(len(letters))
        letters[place] = made.choice("0123456789 :=-_@.\n/K\u017f\u0130\u0131\u212aéÀ密" + text[:20])
    return "".join(letters)


def test_made_texts_are_found_the_same_without(search_all: Callable[[str, bool], list[object]]) -> None:
    for number, text in enumerate(_made()):
        typed = number % 5 == 0
        assert find(text, typed=typed) == search_all(text, typed), text


def test_addresses_and_birth_dates_are_found_the_same_without(monkeypatch: pytest.MonkeyPatch) -> None:
    made = random.Random(9)
    marked = [*test_birth_dates.MASKED, *test_birth_dates.LEFT]
    texts = [*test_addresses.MASKED, *test_addresses.LEFT, *(text.replace("{", "").replace("}", "") for text in marked)]
    texts = [plain(form) for text in texts for form in (text, *(_changed(made, text) for _ in range(20)))] + _made()
    found = [(addresses(text), birth_dates(text)) for text in texts]
    monkeypatch.setattr(Need, "is_met_by", lambda *_: True)
    monkeypatch.setattr(Words, "is_met_by", lambda *_: True)
    for text, before in zip(texts, found, strict=True):
        assert (addresses(text), birth_dates(text)) == before, text


@pytest.mark.skipif(not REAL.exists(), reason="the public recordings are not here")
def test_recorded_texts_are_found_the_same_without(search_all: Callable[[str, bool], list[object]]) -> None:
    cells: set[str] = set()
    for file in REAL.glob("*.csv"):
        with file.open(encoding="utf-8", errors="replace", newline="") as lines:
            cells.update(chain.from_iterable(csv.reader(lines)))
    assert len(cells) > 500
    for text in random.Random(3).sample(sorted(cells), 500):
        assert find(text[:2000]) == search_all(text[:2000], False), text


def test_a_look_at_many_texts_hides_nothing() -> None:
    texts = _made()
    for text, named, numbers in zip(texts, *patterns.worth_searching(texts), strict=True):
        found = find(text)
        assert named or numbers or not found, text
        assert named or patterns.find_numbers(text) == found, text
    assert patterns.worth_searching(["Total of row 17", "a\0b", ""]) == ([False] * 3, [False] * 3)
    assert patterns.worth_searching(["ada@example.com", "password"]) == ([False, True], [True, False])


@pytest.mark.parametrize(
    "need",
    [
        credentials.HAS_PUBLISHED, credentials.NAME, codes.CODE_WORD, codes.HAS_ALONE,
        credentials.HAS_COOKIE, options.HAS_OPTION, codes.HAS_PURPOSE, patterns.HAS_NUMBER, patterns.HAS_CODE,
    ],
)  # fmt: skip
def test_a_look_at_many_texts_is_as_wide_as_each_need(need: Need) -> None:
    pattern = need.in_ascii if isinstance(need, Words) else need.pattern
    is_number = need in (patterns.HAS_NUMBER, patterns.HAS_CODE)

    @settings(a_few, max_examples=60)
    @given(st.lists(st.from_regex(re.compile(pattern.pattern, re.ASCII)), min_size=5, max_size=30))
    def each(texts: list[str]) -> None:
        plainly = [plain(text) for text in texts if text.isascii()]
        for text, worth in zip(plainly, patterns.worth_searching(plainly)[is_number], strict=True):
            assert worth or not need.is_met_by(text if need is credentials.HAS_PUBLISHED else folded(text)), text

    each()


@pytest.mark.parametrize("form", credentials.FORMS)
def test_each_published_form_has_its_need(form: str) -> None:
    @a_few
    @given(st.from_regex(re.compile(form, re.ASCII), fullmatch=True))
    def each(text: str) -> None:
        assert credentials.HAS_PUBLISHED.is_met_by(text)
        assert credentials.HAS_LONG.is_met_by(text)

    each()


@pytest.mark.parametrize(
    ("pattern", "need"),
    [
        (options.OPTION, options.HAS_OPTION), (credentials.COOKIE, credentials.HAS_COOKIE),
        (codes.CODE_FOR, codes.HAS_PURPOSE), (codes.CODE_FOR, codes.HAS_DIGITS),
        (codes.CODE_AFTER, codes.HAS_DIGITS), (codes.CODE_BEFORE, codes.HAS_DIGITS),
        (codes.CODE_IN_SCRIPT, codes.HAS_DIGITS), (codes.CODE_BEFORE, codes.CODE_WORD),
        (codes.CODE_ALONE, codes.HAS_ALONE), (credentials.MARKUP, credentials.NAME),
        (credentials.ASSIGNED, credentials.HAS_SIGN), (credentials.FURTHER_ON, credentials.HAS_SIGN),
        (credentials.PAIR, credentials.HAS_SIGN), (payment.DIGITS, payment.HAS_DIGITS),
        (credentials.BARE, credentials.HAS_DIGIT),
        (credentials.SERVES, credentials.HAS_ROLE),
        (DATE_AND_TIME, HAS_DATE),
    ],
)  # fmt: skip
def test_each_pattern_has_its_need(pattern: re.Pattern[str], need: Need) -> None:
    @a_few
    @given(st.from_regex(pattern))
    def each(text: str) -> None:
        text = plain(text)  # as every recogniser gets it: to a pattern, an iota below a letter is no letter
        for found in pattern.finditer(text):
            assert need.is_met_by(folded(text), found.start())

    each()


@pytest.mark.parametrize("pattern", [payment.DIGITS, payment.IBAN_REST, contacts.PHONE_CANDIDATE])
def test_each_pattern_of_numbers_is_suspicious(pattern: re.Pattern[str]) -> None:
    @a_few
    @given(st.from_regex(pattern))
    def each(text: str) -> None:
        for found in pattern.finditer(plain(text)):
            assert is_suspicious(found.group())

    each()


@pytest.mark.parametrize(
    "pattern",
    [
        options.OPTION, credentials.COOKIE, credentials.MARKUP, credentials.ASSIGNED, credentials.FURTHER_ON,
        credentials.PAIR, credentials.SAID, credentials.WITHOUT_SPACES, codes.CODE_FOR, codes.CODE_AFTER,
        codes.CODE_BEFORE, codes.CODE_IN_SCRIPT, credentials.BARE, credentials.SERVES, credentials.PHRASE,
    ],
)  # fmt: skip
def test_each_named_value_and_code_has_a_word(pattern: re.Pattern[str]) -> None:
    @a_few
    @given(st.from_regex(pattern))
    def each(text: str) -> None:
        text = plain(text)
        assert credentials.HAS_WORD.is_met_by(folded(text)) or not pattern.search(text)

    each()


def test_a_word_is_in_the_need_of_all() -> None:
    for word in (*words.PASSWORD, *words.KEY, *words.PHRASE, *words.SIGN_IN, *words.SHORT, *words.CODE):
        for text in (word, f" {word}: ", f"{word} é"):
            assert credentials.HAS_WORD.is_met_by(folded(plain(text)))


@pytest.mark.parametrize(
    "pattern",
    [
        credentials.ASSIGNED, credentials.FURTHER_ON, credentials.SAID, credentials.PAIR, credentials.BARE,
        credentials.PHRASE, codes.CODE_AFTER,
    ],
)  # fmt: skip
def test_words_are_where_the_patterns_begin(pattern: re.Pattern[str]) -> None:
    word = codes.CODE_WORD if pattern is codes.CODE_AFTER else credentials.NAME

    @a_few
    @given(st.from_regex(pattern))
    def each(text: str) -> None:
        text = plain(text)
        assert {found.start() for found in pattern.finditer(text)} <= set(word.places(folded(text)))

    each()


@pytest.mark.parametrize("form", national_ids.FORMS, ids=lambda form: form.module or form.form[:20])
def test_each_national_id_has_its_need(form: national_ids.Form) -> None:
    needs = [national_ids.HAS_LETTERED] if form in national_ids.WITH_LETTERS else [national_ids.HAS_DIGITS]
    if form in national_ids.UNNAMED:
        needs.append(national_ids.HAS_NUMBER)

    @settings(a_few, max_examples=100)
    @given(st.from_regex(re.compile(form.form, re.ASCII), fullmatch=True))
    def each(text: str) -> None:
        assert is_suspicious(text)
        assert is_suspicious(text.lower())
        assert all(need.is_met_by(text) for need in needs)

    each()
    for word in form.words.split("|") if form.words.isalpha() else ():
        assert national_ids.HAS_NAME.is_met_by(word)


def test_folding_is_as_wide_as_ignoring_case() -> None:
    listed = {
        letter
        for each in (
            words.PASSWORD,
            words.SHORT,
            words.KEY,
            words.PHRASE,
            words.CODE,
            words.CODE_ALONE,
            words.SIGN_IN,
            words.TELEPHONE,
        )
        for word in each
        for letter in word
    }
    for letter in listed:
        alike = re.findall(re.escape(letter), EVERY_CHARACTER, re.IGNORECASE)
        assert {folded(each) for each in alike} == {folded(letter)}, letter
        assert re.findall(re.escape(folded(letter)), EVERY_CHARACTER, re.IGNORECASE) == alike


def test_folding_and_plain_keep_each_place() -> None:
    for character in map(plain, EVERY_CHARACTER):
        assert len(character) == len(folded(character)) == 1
        assert character.isalnum() == folded(character).isalnum()


@given(st.lists(st.text("ab c", min_size=1), min_size=1, max_size=8), st.text("abc _-", max_size=12))
def test_shared_beginnings_match_the_same_words(listed: list[str], text: str) -> None:
    listed = [word for word in listed if word[0] != " "] or ["a"]
    plainly = re.compile("|".join(re.escape(word).replace(r"\ ", r"[\s_-]?") for word in listed))
    assert [at for at in range(len(text)) if plainly.match(text, at)] == Words(Listed(tuple(listed))).places(text)


@given(st.integers(1, 4), st.text("12a-", max_size=12), st.sampled_from((r"\D{0,2}+", "[a-]?+")))
def test_digits_are_as_wide_as_from_each_place(number: int, text: str, between: str) -> None:
    plainly = re.compile(rf"\d(?:{between}\d){{{number - 1}}}")
    assert (re.search(digits(number, between), text) is None) == (plainly.search(text) is None)


@given(st.from_regex(r"[A-Z]{2}\d{2}[A-Z\d]{11,30}", fullmatch=True))
def test_the_checksum_of_an_iban_is_that_of_iso_7064(number: str) -> None:
    whole = number[:2] + mod_97_10.calc_check_digits(number[4:] + number[:2]) + number[4:]
    assert payment.has_checksum(whole)
    assert payment.has_checksum(number) == mod_97_10.is_valid(number[4:] + number[:4])


def _written(number: phonenumbers.PhoneNumber) -> list[str]:
    national = phonenumbers.national_significant_number(number)
    forms = [phonenumbers.format_number(number, style) for style in range(3)]
    forms += [national, f"{number.country_code}{national}", f"00{number.country_code} {national}", f"12 {forms[2]}"]
    forms += [phonenumbers.format_out_of_country_calling_number(number, abroad) for abroad in ("DE", "US", "AU")]
    return [form for form in forms if contacts.PHONE_CANDIDATE.fullmatch(form)]


@pytest.mark.parametrize("region", REGIONS)
def test_no_country_is_left_out_whose_numbers_are_valid(region: str) -> None:
    made = random.Random(region)
    examples = [phonenumbers.example_number_for_type(region, kind) for kind in range(11)]
    texts = [form for number in examples if number for form in _written(number)]
    texts += ["".join(made.choices("0123456789", k=made.randint(7, 12))) for _ in range(100)]
    texts += [_digits_changed(made, made.choice(texts)) for _ in range(100)]
    for text in texts:
        left_out = set(REGIONS) - set(possible_regions(text, REGIONS))
        for each in {region, *made.sample(REGIONS, 2)} & left_out:
            matcher = phonenumbers.PhoneNumberMatcher(text, each, leniency=phonenumbers.Leniency.VALID)
            assert not matcher.has_next(), (text, each)


def _digits_changed(made: random.Random, text: str) -> str:
    letters = list(text)
    for _ in range(2):
        letters[made.randrange(len(letters))] = made.choice("0123456789 -./(")
    return "".join(letters)


def test_no_number_is_shorter_than_looked_at() -> None:
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        for region in regions:
            country = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, region)
            for kind in KINDS_OF_NUMBER:
                described = getattr(country, kind)
                lengths = [length for length in described.possible_length if length > 0] if described else []
                assert all(len(str(code)) + length >= SHORTEST_ABROAD for length in lengths)
                assert region not in REGIONS or all(length >= SHORTEST for length in lengths)


HOSTILE = (
    "password is ", "password is" + " " * 60, "pw: ", "1", "12 ", "1-", "(0", "+4", "a@", "://", "/token", "https://a/",
    "?token=a",
    "/magic_", "eyJ", "eyJ-", "sess=", "code ", "DE12A", "\n", "pw,", "jdbc:oracle:a:b/", "<a",
    "://:", "://a:b/", "password (a", "password\t", "password</b><b>", "seed phrase a ", "a as ", "net use ", "zip -P ",
    "htpasswd -b a ", "sqlplus a/", "password: a&", "password a1", "passphrase: a ", "7z -p", "echo a:b",
    "123456 ", "ABC1",
)  # fmt: skip


@pytest.mark.parametrize("part", HOSTILE)
def test_hostile_texts_end(part: str) -> None:
    """With a pattern that backtracks without a limit, 200 kB would take hours."""
    text = part * (200_000 // len(part))
    if part.strip("+-( ").isdigit():  # each place is looked at by the library for telephone numbers: linear, but slow
        text = text[:10_000]
    assert isinstance(find(text), list)
    assert isinstance(passwords.in_url(text), list)
