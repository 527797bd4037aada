"""The forecast says beforehand exactly what will be written, and leaves nothing behind."""

from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.builders import House, a_house, at, collected_woman, fresh, hcg, plan
from tracker.models import Alert, Notification, Participant, TrackedDeadline
from tracker.services import deadlines
from tracker.services.forecast import Foreseen, forecast
from workflow.stages import Step

pytestmark = pytest.mark.django_db
NOW, UNTIL = at("2026-04-05 12:00"), at("2026-04-10 12:00")


@pytest.fixture
def house() -> House:
    return a_house()


def planned(house: House, number: str = "RJ-001") -> Participant:
    """A woman whose first dose is planned, without the test that it needs."""
    participant = collected_woman(house, number)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-09 09:00", by=house["crc"], now="2026-04-05 11:00")
    return fresh(participant)


def everything() -> list[object]:
    models = (Participant, TrackedDeadline, Alert, Notification)
    return [list(model.objects.order_by("pk").values_list()) for model in models]


def happens(participant: Participant, now: datetime, until: datetime) -> list[tuple[object, ...]]:
    """What is written when time really passes."""
    before = set(Notification.objects.values_list("pk", flat=True))
    while (wakes := fresh(participant).reassess_after) is not None and wakes <= until:
        deadlines.sweep(max(wakes, now))
    rows = Notification.objects.exclude(pk__in=before).order_by("created_at", "pk")
    return list(rows.values_list("created_at", "alert__deadline__clause", "kind", "recipient__username"))


def test_what_is_foreseen_is_what_happens_and_in_the_same_order(house: House) -> None:
    participant = planned(house)
    foreseen = forecast(participant, now=NOW, until=UNTIL)

    told = [(each.at, each.clause, each.kind, each.recipient) for each in foreseen]
    assert {each.rung for each in foreseen} >= {"order_test", "window_open", "no_sample", "no_result", "blocked"}
    assert told == happens(participant, NOW, UNTIL)


def test_it_leaves_nothing_behind(house: House) -> None:
    participant = planned(house)
    before = everything()

    assert forecast(participant, now=NOW, until=UNTIL)
    assert everything() == before


def test_a_test_that_is_done_takes_its_reminders_out_of_the_forecast(house: House) -> None:
    participant = planned(house)
    hcg(participant, house, "2026-04-07 10:00", "2026-04-07 14:00")

    foreseen = forecast(fresh(participant), now=at("2026-04-07 15:00"), until=at("2026-04-09 09:00"))
    assert [each for each in foreseen if each.clause == "hcg_48h_ld"] == []


def told_by(*args: str) -> str:
    out = StringIO()
    call_command("forecast", *args, stdout=out)
    return out.getvalue()


def test_the_command_names_time_zone_person_and_reason(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    planned(house)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)

    lines = told_by("RJ-001", "--to", UNTIL.isoformat()).splitlines()
    expected = (
        "2026-04-08 09:00 CST | RJ-001 | hcg_48h_ld | no_sample | first | urgent | crc rj-crc <rj-crc@site.example>"
    )
    assert expected in lines
    assert lines[-1] == f"{len(lines) - 1} messages"
    assert (
        told_by("--from", "2026-04-08T00:00:00+08:00", "--to", UNTIL.isoformat())
        .splitlines()[0]
        .startswith("2026-04-08")
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["RJ-404", "--to", "2126-04-10T09:00:00+08:00"], "no participant has the subject number 'RJ-404'"),
        (["--to", "tomorrow"], "is not an instant"),
        (["--to", "2026-04-10T09:00:00"], "has no offset"),
        (["--from", "2026-04-11T09:00:00+08:00", "--to", "2026-04-10T09:00:00+08:00"], "lies before --from"),
    ],
)
def test_what_cannot_be_asked_is_said(arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        told_by(*arguments)


def test_whoever_waits_for_nothing_is_told_nothing(house: House) -> None:
    participant = collected_woman(house)

    foreseen: list[Foreseen] = forecast(participant, now=NOW, until=UNTIL)
    assert foreseen == []
