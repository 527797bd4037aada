"""Mails, templates and the log carry subject numbers, clauses and times: nothing that is between her and her doctor."""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from logging.config import dictConfig
from pathlib import Path

import pytest
from django.test import Client

from config.environment import BASE_DIR
from config.logs import logging_options
from tests.journeys.clinical import SAID_OF_NOBODY, Forbidden, forbidden_about, found, texts_of
from tests.journeys.test_journeys import FILES
from tracker.emails import DigestLine, DigestOccasion, Occasion
from tracker.models import Notification, Participant, TrackedDeadline, User
from tracker.replaying.journey_file import read_journey
from tracker.replaying.player import Player
from tracker.services import deadlines, notifications
from tracker.services.delivery import email_of
from workflow.loading import shipped_protocol

PROTOCOL = shipped_protocol("relma-cel-ssc")
TEMPLATES = sorted((BASE_DIR / "tracker" / "templates" / "emails").iterdir())
MAY_BE_SAID = {
    "participant_id", "subject_number", "clause", "say", "urgent", "due_at", "zone", "site", "role", "also_told",
    "next_at", "next_told", "stands_in", "acknowledged",
    "day", "digest_at", "held", "standing", "is_checked", "unchecked_since",
}  # fmt: skip
MAY_BE_WRITTEN = MAY_BE_SAID | {
    "language", "headline", "title", "kind", "due", "link", "unchecked", "sections", "section", "line", "every_day",
    "comes_at", "block",
    "said", "each", "link_words",  # of a person's own account
}  # fmt: skip


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What production would write."""
    stream, root = StringIO(), logging.getLogger()
    before = (root.handlers[:], root.level)
    options = logging_options(as_json=True, level="INFO")
    options["handlers"]["stderr"]["stream"] = stream
    dictConfig(options)
    yield stream
    root.handlers[:] = before[0]
    root.setLevel(before[1])


def lived_through(file: Path, language: str) -> Participant:
    """One journey as the real system would have lived it, ending with a digest; its reader's language is given."""
    player = Player(read_journey(file), PROTOCOL.id)
    User.objects.update(language=language)
    list(player.verdicts())
    last = max(recording.known for recording in player.journey.recordings)
    morning = datetime.combine(last.date() + timedelta(days=1), time(23, 45), UTC)
    deadlines.sweep(morning)
    notifications.write_due(morning)
    return player.participant


def look_around(participant: Participant) -> None:
    """Open her pages and search for what is on record: each request leaves a line."""
    reader = Client()
    reader.force_login(User.objects.get(username="replay"))
    for address in (f"participant/{participant.pk}/change/", "participant/?q=positive", "alert/", "notification/"):
        assert reader.get(f"/admin/tracker/{address}", follow=True).status_code == 200


def said_in_mails(forbidden: Forbidden) -> list[str]:
    """What any message of the outbox says that it should not."""
    rows = Notification.objects.select_related("recipient", "alert")
    texts = [text for row in rows for text in texts_of(email_of(row).message())]
    clauses = {rule.id for rule in PROTOCOL.rules} | set(TrackedDeadline.objects.values_list("clause", flat=True))
    return [each for text in texts for each in found(text, forbidden, clauses=clauses)]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem[:3])
def test_no_mail_and_no_log_line_of_a_journey_says_anything_clinical(file: Path, language: str, log: StringIO) -> None:
    participant = lived_through(file, language)
    look_around(participant)
    forbidden = forbidden_about(participant)
    assert Notification.objects.filter(kind="digest", language=language).exists()
    assert said_in_mails(forbidden) == []
    lines = log.getvalue().splitlines()
    assert any(json.loads(line)["event"] == "answered" for line in lines)
    assert [each for line in lines for each in found(line, forbidden)] == []


@pytest.mark.parametrize("occasion", [Occasion, DigestLine, DigestOccasion])
def test_a_mail_is_given_nothing_else_to_say(occasion: type) -> None:
    assert {field.name for field in fields(occasion)} <= MAY_BE_SAID


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_no_template_of_a_mail_asks_for_anything_else_or_says_it_by_itself(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    asked = re.findall(r"{{\s*(\w+)|(?:with|and) \w+=(\w+)|{% (?:if|for \w+ in) (\w+)", source)
    assert {name for names in asked for name in names if name} - {"not"} <= MAY_BE_WRITTEN
    assert found(source, SAID_OF_NOBODY) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "planted",
    [
        "born 2 July 1987", "出生于1987年7月2日", "1987-07-02", "ANC 0.95", "ALC 100/uL", "serum: Positive",
        "结果：阳性", "systemic sclerosis", "系统性硬化症", "a transfusion of Mrs Li",
    ],
)  # fmt: skip
def test_the_search_finds_what_is_planted(planted: str) -> None:
    (units,) = [file for file in FILES if file.stem.startswith("G05")]
    participant = lived_through(units, "en")
    participant.birth_date = date(1987, 7, 2)
    forbidden = forbidden_about(participant)
    assert said_in_mails(forbidden) == []
    Notification.objects.update(text_body=f"Please look. {planted}.")
    assert said_in_mails(forbidden) != []
