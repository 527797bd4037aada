"""What the journal on a page is narrowed down to, and the links that do it; it works without a script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from tracker.admin.journal_card import CORRECTIONS, KINDS, Entry, only

SHOWN_AT_FIRST = 15
"""How many lines of the journal stand open; the rest unfold."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One link: what is shown, how many lines that are, and whether it is what the page shows now."""

    label: str
    number: int
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The journal as the page shows it: the first lines, the older ones, and the choices."""

    entries: Sequence[Entry]
    older: Sequence[Entry]
    choices: Sequence[Choice]
    kind: str


def narrowed(entries: list[Entry], asked: Mapping[str, str]) -> Narrowed:
    """The lines that the address asks for; what else the address says stays in the links."""
    kind = asked.get("journal", "")
    kind = kind if kind in (*KINDS, CORRECTIONS) else ""
    shown = only(entries, kind)
    choices = [_choice(entries, asked, each, kind) for each in ("", *KINDS, CORRECTIONS)]
    return Narrowed(shown[:SHOWN_AT_FIRST], shown[SHOWN_AT_FIRST:], choices, kind)


def _choice(entries: list[Entry], asked: Mapping[str, str], kind: str, current: str) -> Choice:
    kept = {"known": asked["known"]} if asked.get("known") else {}
    address = urlencode(kept | ({"journal": kind} if kind else {}))
    return Choice(_words(kind), len(only(entries, kind)), f"?{address}#jn", kind == current)


def _words(kind: str) -> str:
    return {
        "": _("Everything"), "step": _("Steps"), "fact": _("Facts"), "plan": _("Plans"), "alert": _("Alerts"),
        CORRECTIONS: _("Corrections"),
    }[kind]  # fmt: skip
