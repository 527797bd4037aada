"""Buttons: one thing to do, and where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Button:
    """One thing to do about a row. `post` is done in one click; everything else opens a form."""

    label: str
    url: str
    post: bool = False
