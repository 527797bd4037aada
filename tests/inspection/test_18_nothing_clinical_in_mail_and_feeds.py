"""Row 18, privacy in mails, feeds and logs: a subject number, a step, times and a link; nothing that is clinical."""

import json
import logging
import re
from collections.abc import Iterator
from io import StringIO
from logging.config import dictConfig

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings
from time_machine import Traveller

from config.logs import logging_options
from tests.builders import CONDITIONED, House, at, collected_woman, fresh, hcg, plan, record, take
from tests.journeys.clinical import forbidden_about, found, texts_of
from tests.tracker.admin.conftest import Enter
from tracker.models import Notification, Participant, TrackedDeadline, User
from tracker.services import deadlines, delivery, notifications
from workflow.loading import shipped_protocol
from workflow.stages import Step

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("PRIV-01")]

TOKEN = "t" * 40


@pytest.fixture(params=["en", "zh-hans"])
def told(request: pytest.FixtureRequest, house: House, post: list[EmailMessage]) -> Participant:
    """A woman with a positive test, a first dose against its gate and a hold; everybody was told, in one language."""
    User.objects.update(language=request.param)
    for user in house.staff.values():
        user.refresh_from_db()
    woman = collected_woman(house)
    plan(woman, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 09:00")
    deadlines.sweep(at("2026-04-07 12:00"))
    hcg(woman, house, "2026-04-08 10:00", "2026-04-08 13:00", "positive")
    record(woman, "hold", "2026-04-08 14:00", by=house["pi"], detail="Pregnancy of Mrs Li")
    take(
        woman, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"], reported_afterwards=True,
        reason="Mrs Li insisted",
    )  # fmt: skip
    morning = at("2026-04-10 07:45")
    deadlines.sweep(morning)
    notifications.write_due(morning)
    delivery.deliver_due(morning)
    return fresh(woman)


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


def allowed_names() -> set[str]:
    """Ids of clauses, whatever words they are made of."""
    rules = {rule.id for rule in shipped_protocol("relma-cel-ssc").rules}
    return rules | set(TrackedDeadline.objects.values_list("clause", flat=True))


def test_no_mail_that_went_out_says_anything_clinical(told: Participant, post: list[EmailMessage]) -> None:
    assert len(post) > 10
    forbidden = forbidden_about(told) | {"Mrs Li": "a name", "insisted": "a reason"}
    texts = [text for mail in post for text in texts_of(mail.message())]
    assert [each for text in texts for each in found(text, forbidden, clauses=allowed_names())] == []
    assert {row.status for row in Notification.objects.filter(alert__urgent=True)} == {"sent"}


def test_every_reminder_says_whom_it_is_about_and_where_to_look(told: Participant, post: list[EmailMessage]) -> None:
    about = [mail for mail in post if "RJ-001" in mail.subject]
    assert about
    for mail in about:
        assert re.search(r"http://\S+/admin/tracker/\w+/\d+/", str(mail.body)), mail.body


def test_no_line_of_the_log_says_anything_clinical(
    told: Participant, log: StringIO, house: House, enter: Enter, clock: Traveller
) -> None:
    clock.move_to(at("2026-04-10 09:00"))
    client = enter(house["pi"])
    page = reverse("admin:tracker_participant_change", args=[told.pk])
    for address in (page, f"{page}?known=positive", reverse("admin:tracker_participant_changelist") + "?q=positive"):
        client.get(address, follow=True)
    lines = log.getvalue().splitlines()
    assert sum(json.loads(line)["event"] == "answered" for line in lines) >= 3
    forbidden = forbidden_about(told) | {"Mrs Li": "a name", "insisted": "a reason", "RJ-001": "a subject number"}
    assert [each for line in lines for each in found(line, forbidden)] == []


def test_no_address_says_anything_but_numbers(told: Participant, house: House, enter: Enter, clock: Traveller) -> None:
    clock.move_to(at("2026-04-10 09:00"))
    page = enter(house["pi"]).get(reverse("admin:tracker_participant_change", args=[told.pk])).content.decode()
    addresses = [part.split('"')[0] for part in page.split('href="')[1:]]
    assert len(addresses) > 20
    forbidden = forbidden_about(told) | {"RJ-001": "a subject number", "Mrs": "a name"}
    names = set(shipped_protocol("relma-cel-ssc").concepts) | allowed_names()
    assert [each for address in addresses for each in found(address, forbidden, clauses=names)] == []


def test_what_machines_read_says_nothing_of_anybody(told: Participant, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    texts = [Client().get(reverse(name), headers=bearer).content.decode() for name in ("metrics", "livez", "readyz")]
    forbidden = forbidden_about(told) | {"RJ-001": "a subject number"}
    assert [each for text in texts for each in found(text, forbidden)] == []


def test_the_search_would_find_it(told: Participant, post: list[EmailMessage]) -> None:
    post[0].body += "The test of Mrs Li was positive."
    texts = list(texts_of(post[0].message()))
    forbidden = forbidden_about(told) | {"Mrs Li": "a name"}
    assert {each.partition(":")[0] for text in texts for each in found(text, forbidden)} >= {"a name", "an outcome"}
