"""Hands on the keyboard: every key that a person presses is pressed and counted; the mouse is never touched.

How long it takes is counted in keys, never measured: a busy machine is no slow coordinator.
"""

from dataclasses import dataclass

from playwright.sync_api import Page

SECONDS_A_KEY = 0.28
"""A practised hand that reads from a sheet of paper: 280 ms for each key (Card, Moran and Newell's average typist)."""
SECONDS_A_FIELD = 1.35
"""Looking up the next number, and making sure of it: their mental operator."""


@dataclass
class Hands:
    """The keys pressed so far, and how often a person had to look up what to type."""

    page: Page
    keys: int = 0
    looks: int = 0

    def press(self, *keys: str) -> None:
        """Press keys one after another; a key held with another one counts as two."""
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += len(key.split("+"))

    def look_and_type(self, text: str) -> None:
        """Look at the sheet of paper, then type what stands there."""
        self.looks += 1
        for letter in text:
            self.page.keyboard.press(letter)
            self.keys += 1

    @property
    def seconds(self) -> float:
        """What this takes a person."""
        return self.keys * SECONDS_A_KEY + self.looks * SECONDS_A_FIELD
