"""A walk through one participant's pages: the clock moves on, people take turns, and press what they read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import time_machine
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.staff import PASSWORD, sign_in, sit_down
from tests.browser.tongues import Tongue
from tests.builders import House, at
from tracker.services import deadlines


@dataclass
class Turns:
    """One browser at one site's desk. `say` turns English words into those of the language that everybody reads."""

    page: Page
    server: LiveServer
    house: House
    clock: time_machine.Traveller
    say: Tongue
    seen: set[str] = field(default_factory=set)

    def turn(self, when: str, role: str) -> Locator:
        """It becomes a time on the site's clock; whatever is due by then is done, and somebody takes a turn.

        Who comes for the first time signs in, sees Today, and opens the participant from its board. The card of the
        step that comes next.
        """
        self.it_is(when)
        if role in self.seen:
            sit_down(self.page, self.server, self.house[role], urlsplit(self.page.url).path)
        else:
            self.arrive(role)
            self.page.locator(".dm-chip").click()
        return self.gate

    def it_is(self, when: str) -> None:
        """It becomes a time on the site's clock, and whatever is due by then is done."""
        self.clock.move_to(at(when))
        deadlines.sweep(at(when))

    def arrive(self, role: str) -> None:
        """Somebody signs in, and sees Today."""
        sign_in(self.page, self.server, self.house[role])
        self.seen.add(role)

    @property
    def gate(self) -> Locator:
        """The card of the step that comes next."""
        return self.page.locator("section[aria-labelledby=gt]")

    def verdict_is(self, english: str) -> None:
        """The gate of the step that comes next answers so."""
        expect(self.gate.locator(".dm-verdict")).to_have_text(self.say(english))

    def is_next(self, step: str) -> None:
        """This step comes next."""
        expect(self.gate.get_by_role("heading").first).to_have_text(self.say("%s?", self.say(step)))

    def follow(self, english: str, *filled: str) -> None:
        """Press the first link of these words on the card of the next step."""
        self.gate.get_by_role("link", name=self.say(english, *filled), exact=True).first.click()

    def press(self, english: str, *filled: str) -> None:
        """Press a button anywhere on the page."""
        self.page.get_by_role("button", name=self.say(english, *filled), exact=True).first.click()

    def save(self) -> None:
        """Save the form, which leads back to the participant."""
        self.press("Save")
        self.is_back()

    def is_back(self) -> None:
        """What was done is said above the participant's page."""
        self.page.wait_for_url("**/participant/*/change/")

    def record(self, concept: str) -> None:
        """Record what the next step's card asks for, now."""
        self.follow("Record: %s", self.say(concept))
        self.save()

    def answer(self, answers: Mapping[str, str]) -> None:
        """Answer some of the questions that the next step asks, now."""
        self.follow("Answer the questions")
        for question, chosen in answers.items():
            asked = self.page.get_by_role("group", name=self.say(question))
            asked.get_by_label(self.say(chosen), exact=True).check()
        self.save()

    def record_from_the_menu(self, concept: str) -> None:
        """Record what no card asks for, now."""
        self.page.get_by_role("link", name=self.say("Enter a fact")).first.click()
        self.page.get_by_role("link", name=self.say(concept), exact=True).click()
        self.save()

    def plan(self, step: str, when: str) -> None:
        """Plan a step; nobody has to be told of it at once."""
        row = self.page.locator(".dm-plan", has=self.page.get_by_text(self.say(step), exact=True))
        row.get_by_role("link", name=self.say("Plan…")).click()
        day, clock = when.split()
        self.page.get_by_label(self.say("Date"), exact=True).fill(day)
        self.page.get_by_label(self.say("Time of day"), exact=True).fill(clock)
        self.press("Save; nobody is told at once")
        self.is_back()

    def test_blood(self, drawn: str, out: str) -> None:
        """The ward draws a serum sample now; the coordinator enters the negative result when it is out."""
        self.turn(drawn, "ward_nurse")
        self.press("Sample drawn now: %s", self.say("Serum β-hCG"))
        self.is_back()
        self.turn(out, "crc")
        self.follow("Enter the result")
        self.page.get_by_label(self.say("Negative"), exact=True).check()
        self.save()

    def take(self, step: str, stage: str, *, signs: bool) -> None:
        """Take the step that comes next, now; whoever signs it types the password once more."""
        self.verdict_is("Yes")
        self.follow(step)
        if signs:
            self.page.get_by_label(self.say("Your password"), exact=True).fill(PASSWORD)
        self.press("Record it and move %s to “%s”", "RJ-001", self.say(stage))
        self.is_back()
        self.stands_in(stage)

    def stands_in(self, stage: str) -> None:
        """The row of stages says where the participant is."""
        here = self.page.get_by_role("list", name=self.say("Stages")).locator("[aria-current=step]")
        expect(here).to_contain_text(f"{self.say(stage)} · {self.say('now')}")
