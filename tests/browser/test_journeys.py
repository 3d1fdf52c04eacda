"""What people ask when they are worried, from signing in to the answer, in at most three clicks.

A click on a link or button counts, and so does a choice in one field. What files a request is confirmed once more, on
purpose: that click is counted apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import clock
from demo.company.people import RICH
from tests.browser.conftest import Stack
from tests.browser.pages import page_of
from tests.browser.reading_out import read_out, squeezed
from tests.browser.steps import STILL_MS, open_page, sign_in, the, wait_until_still

MOST = 3
READ_OUT_WITHIN = 25
"""Looks at a page that is still being drawn."""
BERLIN = ZoneInfo("Europe/Berlin")
WORD = "Quellwolke"
TYPED, PASTED = 4, 2


class Journey:
    """Clicks as a person does, and counts them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        self._begun = monotonic()

    @property
    def seconds(self) -> float:
        return monotonic() - self._begun

    def go(self, name: str) -> None:
        self.click(self.page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True))

    def press(self, name: str | re.Pattern[str]) -> None:
        button = self.page.get_by_test_id("stMain").get_by_role("button", name=name).first
        expect(button).to_be_enabled()
        self.click(button)

    def pick(self, field: re.Pattern[str], option: re.Pattern[str]) -> None:
        """One choice in a field with a list."""
        box = self.page.get_by_role("combobox", name=field)
        wait_until_still(self.page, box)
        box.click()
        self.page.get_by_role("option", name=option).first.click()
        self.clicks += 1

    def tick(self, option: str) -> None:
        self.click(self.page.get_by_role("radio", name=option))

    def click(self, what: Locator) -> None:
        self.use(what)
        self.clicks += 1

    def use(self, what: Locator) -> None:
        """A click that isn't counted, because the test needs it and people don't."""
        wait_until_still(self.page, what)
        what.click()

    def sees(self, text: str | re.Pattern[str]) -> Locator:
        """Who looks sees it, and a screen reader reads it out."""
        main = self.page.get_by_test_id("stMain")
        found = main.get_by_text(text).filter(visible=True).first
        expect(found).to_be_visible()
        for _ in range(READ_OUT_WITHIN):
            if squeezed(found.inner_text()) in read_out(main):
                return found
            self.page.wait_for_timeout(STILL_MS)
        raise AssertionError(f"no screen reader reads this out: {found.inner_text()}")


def yesterday_at(hour: int, minute: int = 0) -> datetime:
    return datetime.combine(clock.now().astimezone(BERLIN) - timedelta(days=1), time(hour, minute), BERLIN)


def recorded_yesterday(stack: Stack, folder: Path, email: str) -> None:
    """Typed and pasted in Excel between 21:10 and 21:20, and typed at 22:30, in Berlin: the demo works earlier."""
    at = [(21, 10 + number, "keypress" if number < TYPED else "paste") for number in range(TYPED + PASTED)]
    rows = [
        f"{yesterday_at(hour, minute).isoformat()},recorder,Excel,{event},{WORD} {minute}"
        for hour, minute, event in [*at, (22, 30, "keypress")]
    ]
    log = folder / "log.csv"
    log.write_text("\n".join(["timeStamp,userID,targetApp,eventType,content", *rows]) + "\n")
    done = stack.run("lake", "ingest", "ui-log", str(log), "--employee", email)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def with_yesterday(browser: Browser, stack: Stack, folder: Path, *, width: int, height: int) -> Iterator[Page]:
    """Signed in as somebody of whom something was recorded yesterday; `folder`: an empty one."""
    recorded_yesterday(stack, folder, the(RICH).email)
    with page_of(browser, viewport={"width": width, "height": height}, timezone_id="Europe/Berlin") as page:
        sign_in(page, stack, the(RICH))
        yield page


@contextmanager
def walked(kind: type[Journey], page: Page, stack: Stack, request: pytest.FixtureRequest) -> Iterator[Journey]:
    """From the page that one is on after signing in. How many clicks and seconds it took is in pytest's report."""
    page.goto(stack.dashboard)
    expect(page.get_by_role("heading", level=1, name="What is held about you")).to_be_visible()
    journey = kind(page)
    yield journey
    request.node.user_properties += [("clicks", journey.clicks), ("seconds", round(journey.seconds, 1))]
    assert journey.clicks <= MOST


@pytest.fixture(scope="module")
def signed_in(browser: Browser, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with with_yesterday(browser, stack, tmp_path_factory.mktemp("yesterday"), width=1280, height=900) as page:
        yield page


@pytest.fixture
def journey(signed_in: Page, stack: Stack, request: pytest.FixtureRequest) -> Iterator[Journey]:
    with walked(Journey, signed_in, stack, request) as journey:
        yield journey


def of_yesterday_from_21_to_22(journey: Journey) -> None:
    """Overview has the last days by the hour."""
    journey.click(journey.page.locator("summary").filter(has_text="Look at a day or an hour"))
    begin = yesterday_at(21).astimezone(UTC)
    links = journey.page.get_by_role("link", name=re.compile("^21:00 to 22:00"))
    journey.click(links.and_(journey.page.locator(f'[href*="{quote(f"{begin:%Y-%m-%dT%H:%M}Z")}"]')))
    is_of_21_to_22(journey)


def is_of_21_to_22(journey: Journey) -> None:
    said = journey.sees(re.compile("records.* in your selection"))
    expect(said).to_contain_text("21:00")
    expect(said).to_contain_text("22:00")
    expect(journey.sees(f"{TYPED + PASTED} records")).to_be_visible()


def test_what_do_they_have_from_yesterday_21_to_22(journey: Journey) -> None:
    of_yesterday_from_21_to_22(journey)


def test_an_hour_is_chosen_where_records_are(journey: Journey) -> None:
    journey.go("Captured")
    journey.press("Yesterday")
    journey.pick(re.compile("^Hour of"), re.compile("^21:00 to 22:00"))
    is_of_21_to_22(journey)


def test_delete_what_i_typed_there(journey: Journey) -> None:
    """The last click before the confirmation shows what will be deleted."""
    of_yesterday_from_21_to_22(journey)
    journey.press("Delete only the typed text")
    journey.sees("Last step")
    journey.sees(re.compile("typed text"))
    expect(journey.page.get_by_role("button", name=f"Delete {TYPED} records")).to_be_visible()


def test_which_model_learned_from_my_messages_and_stop_it(journey: Journey) -> None:
    journey.go("Models")
    journey.tick("my messages")
    journey.sees(re.compile(r"model versions? learned from your messages"))
    journey.press("Stop training on my messages…")
    journey.sees("Last step")
    journey.sees(re.compile("Stop training on my data.*messages"))


def test_a_copy_of_everything(journey: Journey) -> None:
    journey.press("Get a copy of everything")
    journey.sees("Last step")
    journey.press(re.compile("^Ask for this copy"))
    said = journey.page.get_by_role("status").filter(has_text="Submitted. You can follow it below")
    expect(said).to_be_visible()
    link = journey.page.get_by_role("link", name=re.compile("Download the ZIP")).first
    expect(link).to_be_visible()
    with journey.page.expect_download() as downloading:
        journey.click(link)
    assert downloading.value.suggested_filename.endswith(".zip")
    expect(said).to_be_visible()  # as long as nothing else was done
    open_page(journey.page, "Overview")
    expect(journey.page.get_by_role("heading", level=1, name="What is held about you")).to_be_visible()
    open_page(journey.page, "Requests")
    journey.sees("What you asked for")
    expect(said).to_have_count(0)


def test_who_looked(journey: Journey) -> None:
    journey.go("Who looked")
    journey.sees(re.compile("privacy officer", re.IGNORECASE))


def test_when_is_all_of_it_gone(journey: Journey) -> None:
    journey.sees(re.compile(r"the last of them will be deleted after \d+ \w+ \d{4}"))
    assert journey.clicks == 0


def test_was_anything_done_against_the_rules(journey: Journey) -> None:
    journey.go("Models")
    journey.sees(re.compile("without permission"))


def test_pause_recording_now(journey: Journey) -> None:
    journey.press("Pause for 30 minutes")
    journey.sees(re.compile(r"Paused until"))
    journey.press("End the pause")
    journey.sees("Pause for 30 minutes")


def test_what_a_day_of_mine_looks_like(journey: Journey) -> None:
    journey.go("Your day")
    journey.sees(re.compile(r"your records show \d+ stretch(es)? of work"))
    journey.sees("What this shows about you")
    page = journey.page
    before = page.get_by_role("button", name="Day before")
    for _ in range(3):  # other tests record today and yesterday, without the mouse
        wait_until_still(page, before)
        if page.locator(".st-key-replay img").count() == 0:
            journey.use(before)
            expect(page.get_by_role("button", name="Day after")).to_be_enabled()
    expect(page.locator(".st-key-replay img")).to_have_count(1)
    slider = page.get_by_role("slider", name="Second of the replay")
    wait_until_still(page, slider)
    slider.press("ArrowRight")
    journey.sees("The pointer as it was at")
    expect(slider).to_have_value("1")
    journey.press("Play")
    expect(page.locator(".st-key-replay img.moving")).to_be_visible()
    expect(page.locator(".st-key-replay img.still")).to_be_hidden()
    page.emulate_media(reduced_motion="reduce")
    expect(page.locator(".st-key-replay img.moving")).to_be_hidden()
    expect(page.locator(".st-key-replay img.still")).to_be_visible()
    page.emulate_media(reduced_motion="no-preference")
    page.wait_for_timeout(1_000)  # at twice the speed, it is past the next second
    page.get_by_role("button", name="Pause").press("Enter")
    expect(page.locator(".st-key-replay img.moving")).to_have_count(0)
    expect(slider).not_to_have_value("1")
