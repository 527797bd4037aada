"""Somebody new at the browser, whose clicks, fields and keys are counted, step by step, as the clock moves on."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import time_machine
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.browser.staff import PASSWORD
from tests.builders import at
from tests.codes import shown
from tracker.models import Heartbeat
from tracker.services import deadlines

GIVEN = "for the first day only"
"""The password that the administrator gave everybody."""


@dataclass
class Counted:
    """What one step took: buttons, links and choices pressed; fields filled; keys typed into them."""

    clicks: int = 0
    fields: int = 0
    keys: int = 0


@dataclass
class Walk:
    """The walk so far. To click into a field, or to reach it by Tab, is part of filling it, and no click."""

    page: Page
    home: str
    clock: time_machine.Traveller
    steps: dict[str, Counted] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)
    """How often each step was taken."""
    devices: dict[str, str] = field(default_factory=dict)
    """The key that each person's authenticator holds."""
    here: Counted = field(default_factory=Counted)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Everything that is done in it is counted for this step; one that comes again takes as much again."""
        before, self.here = self.steps.get(name), Counted()
        yield
        assert before in (None, self.here), f"{name}: {before}, then {self.here}"
        self.steps[name] = self.here
        self.times[name] += 1

    @property
    def total(self) -> Counted:
        """What all steps took together, each as often as it was taken."""
        every = [(step, self.times[name]) for name, step in self.steps.items()]
        names = ("clicks", "fields", "keys")
        return Counted(*(sum(getattr(step, name) * times for step, times in every) for name in names))

    def click(self, found: Locator) -> None:
        """Press a button, a link or a choice; where several say the same, the first of them."""
        self.here.clicks += 1
        found.first.click()

    def button(self, name: str) -> None:
        """Press a button by what stands on it."""
        self.click(self.page.get_by_role("button", name=name))

    def link(self, name: str) -> None:
        """Follow a link by what stands on it."""
        self.click(self.page.get_by_role("link", name=name))

    def choose(self, name: str, value: str) -> None:
        """Press one of several choices."""
        self.click(self.page.locator(f"input[name='{name}'][value='{value}']"))

    def type(self, name: str, text: str) -> None:
        """Fill a field; the marks of a date and of a time of day are the browser's own."""
        self.here.fields += 1
        self.here.keys += len(re.sub(r"(?<=\d)[-:](?=\d)", "", text))
        self.page.locator(f"[name='{name}']").fill(text)

    def find(self, subject: str) -> None:
        """Open a participant from any page, by the sidebar."""
        self.type("q", subject)
        self.here.keys += 1
        self.page.locator("[name='q']").first.press("Enter")
        self.page.wait_for_url("**/change/")

    def saved(self, said: str) -> None:
        """The participant's page says what was done."""
        self.page.wait_for_url("**/change/")
        expect(self.page.get_by_text(said).first).to_be_attached()

    def wait_until(self, when: str) -> None:
        """Let the site's clock show this; what Daymark does by itself is done."""
        self.clock.move_to(at(when))
        deadlines.sweep(now=timezone.now())
        Heartbeat.objects.update_or_create(name="sweep", defaults={"at": timezone.now()})

    def enter(self, username: str) -> None:
        """Sign in for the first time, on a browser where nobody is, with the password that the administrator gave.

        Codes are set up where the role signs; then everybody chooses a password of her own.
        """
        self._password(username, GIVEN)
        self.page.wait_for_url(re.compile(r"/admin/(account/codes/begin|password_change)/.*$"))
        if "/codes/begin/" in self.page.url:
            self.button("Begin")
            self.devices[username] = self.page.locator(".dm-key").inner_text()
            self.type("code", self._code(username))
            self.button("Switch codes on")
            self.link("I have kept them")
        self.type("old_password", GIVEN)
        self.type("new_password1", PASSWORD)
        self.type("new_password2", PASSWORD)
        self.button("Change password")
        self.page.wait_for_url("**/admin/")

    def come_back(self, username: str) -> None:
        """Sign in on another day, with a code."""
        self._password(username, PASSWORD)
        self.type("code", self._code(username))
        self.button("Go on")
        self.page.wait_for_url("**/admin/")

    def _password(self, username: str, password: str) -> None:
        self.page.context.clear_cookies()
        self.page.goto(f"{self.home}/admin/")
        self.type("username", username)
        self.type("password", password)
        self.button("Log in")

    def _code(self, username: str) -> str:
        return shown(self.devices[username], timezone.now())
