"""What no mail, no template and no log line may say about a participant; and a search for it."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from email.message import Message
from urllib.parse import unquote

from django.utils.html import strip_tags

from tracker.models import Participant

OUTCOMES = (
    "positive", "negative", "indeterminate", "inconclusive", "rejected", "haemolysed", "hemolyzed", "out of range",
    "阳性", "阴性", "不确定", "可疑", "拒收", "溶血",
)  # fmt: skip
ABOUT_HER = (
    "pregnan", "sclerosis", "scleroderma", r"\bSSc\b", "pneumonia", "infection", "transfusion", "death", "died",
    "Gilbert", "interstitial", "fibrosis", "妊娠", "怀孕", "硬化", "硬皮病", "肺炎", "感染", "输血", "死亡", "纤维化",
)  # fmt: skip
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Forbidden = dict[str, str]
"""What is searched for, as a pattern, and what it is called."""


SAID_OF_NOBODY: Forbidden = dict.fromkeys(OUTCOMES, "an outcome") | dict.fromkeys(ABOUT_HER, "a diagnosis or an event")


def forbidden_about(participant: Participant) -> Forbidden:
    """Everything on record about her that is nobody else's business, besides what no mail says of anybody."""
    own = {re.escape(spelt): "a birth date" for spelt in _spelt(participant.birth_date)}
    for fact in participant.facts.all():
        own |= dict.fromkeys(_patterns(fact.value, fact.unit), "a value")
        own |= dict.fromkeys(_patterns(fact.upper_limit, fact.unit), "an upper limit of normal")
        own |= {re.escape(fact.detail): "a detail"} if fact.detail else {}
    return SAID_OF_NOBODY | own


def found(text: str, forbidden: Forbidden, *, clauses: Iterable[str] = ()) -> list[str]:
    """What of it a text says. Ids of clauses are allowed, whatever words they are made of."""
    for clause in sorted(clauses, key=len, reverse=True):
        text = text.replace(clause, "")
    return [f"{name}: {pattern}" for pattern, name in forbidden.items() if re.search(pattern, text, re.IGNORECASE)]


def texts_of(message: Message) -> Iterator[str]:
    """Everything of an e-mail that somebody can read, on the way or at its end: headers, text, HTML, addresses."""
    technical = ("MIME-Version", "Content-Type")
    yield from (unquote(f"{name}: {value}") for name, value in message.items() if name not in technical)
    for part in message.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            text = content.decode("utf-8")
            yield strip_tags(text) if part.get_content_type() == "text/html" else unquote(text)
            yield from map(unquote, re.findall(r'(?:href|src|alt|title)="([^"]*)"', text))


def _patterns(value: str, unit: str) -> Iterator[str]:
    """A whole number says something only with its unit: days, hours and years are numbers as well."""
    if re.fullmatch(r"\d+\.\d+", value):
        yield rf"(?<![\d.]){re.escape(value)}(?!\d)"
    elif re.fullmatch(r"\d+", value) and unit:
        yield rf"(?<![\d.]){value}\s*{re.escape(unit)}"
    elif value and not value.isdigit() and len(value) > 3:
        yield rf"\b{re.escape(value)}\b"


def _spelt(day: date) -> Iterator[str]:
    month = MONTHS[day.month - 1]
    yield from (day.isoformat(), f"{day:%Y%m%d}", f"{day:%d/%m/%Y}", f"{day:%m/%d/%Y}", f"{day:%Y.%m.%d}")
    yield from (f"{day.day} {day:%B} {day.year}", f"{day.day} {month} {day.year}", f"{day:%B} {day.day}, {day.year}")
    yield f"{day.year}年{day.month}月{day.day}日"
