"""What planning or moving a step would bring about is shown before it is saved, by the rules that hold afterwards."""

import re
from datetime import time
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.builders import House, at, collected_woman, fresh, hcg, plan, record, take
from tests.machine.rows import rows_of
from tests.stories.seen import live_until
from tracker.errors import StepInvalid
from tracker.evaluation import protocol_of, timeline_of
from tracker.models import AuditEvent, Notification, Participant
from tracker.services.pictures import picture_of
from tracker.services.plans import plan_steps
from tracker.services.whatif import preview
from workflow.facts import Moment
from workflow.prospects import look_ahead
from workflow.site_calendar import SiteCalendar
from workflow.stages import Stage, Step
from workflow.suggesting import Search, Slots

NOW, MOVED = "2026-04-08 08:00", "2026-04-10 10:00"


def a_tested_woman(house: House) -> Participant:
    """A woman whose test of the day before serves the first dose that is planned for today."""
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-07 08:00", "2026-04-07 12:00")
    plan(participant, Step.LYMPHODEPLETION, "2026-04-08 10:00", by=house["crc"], now="2026-04-07 13:00")
    return fresh(participant)


def moving(house: House, participant: Participant) -> dict[str, Any]:
    """What is asked, and then done."""
    plans: dict[Step, Moment] = {Step.LYMPHODEPLETION: at(MOVED)}
    return {"participant": participant, "plans": plans, "by": house["crc"], "now": at(NOW)}


def search(participant: Participant, since: str) -> Search:
    calendar = SiteCalendar(participant.zone)
    protocol, timeline = protocol_of(participant.study), timeline_of(participant)
    return Search(protocol, timeline, Slots(calendar, time(10)), at(since), at("2026-06-06 10:00"))


def test_what_is_shown_before_a_plan_is_saved_is_what_stands_afterwards(house: House) -> None:
    participant = a_tested_woman(house)
    shown = preview(**moving(house, participant))
    plan_steps(**moving(house, participant), reason="No bed")

    assert shown.after.without_keys() == picture_of(fresh(participant), at(NOW)).without_keys()
    gate = shown.after.evaluation.planned_gate(Step.LYMPHODEPLETION)
    assert gate is not None
    assert [(each.clause, each.outcome.value) for each in gate.blocking] == [("hcg_48h_ld", "stale")]
    there = set(Notification.objects.values_list("pk", flat=True))
    live_until(participant, MOVED)
    told = Notification.objects.exclude(pk__in=there).order_by("created_at", "pk")
    assert [(each.at, each.rung, each.recipient) for each in shown.coming_after] == list(
        told.values_list("created_at", "alert__rung", "recipient__username")
    )


def test_asking_what_a_plan_would_bring_about_leaves_no_trace(house: House) -> None:
    participant = a_tested_woman(house)
    before, events = rows_of(participant), AuditEvent.objects.count()
    assert preview(**moving(house, participant)).newly_coming
    assert (rows_of(participant), AuditEvent.objects.count()) == (before, events)


def test_another_plan_that_no_longer_fits_is_named_beforehand(house: House) -> None:
    participant = a_tested_woman(house)
    timeline, dose = timeline_of(participant), at("2026-04-15 10:00")
    found = look_ahead(
        protocol_of(participant.study), timeline, Step.INFUSION, at("2026-04-13 10:00"), {Step.LYMPHODEPLETION: dose}
    )
    assert [(each.clause, each.subject) for each in found.forbids] == [("order", "lymphodepletion_completed")]


def test_a_plan_is_not_saved_before_it_was_shown(house: House) -> None:
    participant, user = a_tested_woman(house), house["crc"]
    user.is_staff = True
    user.save()
    url = reverse("admin:tracker_plan", args=[participant.pk, "lymphodepletion"])
    typed = {"at_0": "2026-04-10", "at_1": "10:00", "reason": "No bed"}
    with time_machine.travel(at(NOW), tick=False):
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert client.post(url, typed).status_code == 422
        assert participant.facts.filter(concept="lymphodepletion_started").count() == 1
        html = client.post(url, {**typed, "show": "1"}).content.decode()
        found = re.search(r'name="shown" value="([^"]+)"', html)
        assert found is not None
        assert client.post(url, {**typed, "shown": unescape(found[1])}).status_code == 302
    assert participant.facts.filter(concept="lymphodepletion_started").count() == 2


def test_several_plans_move_together_or_not_at_all(house: House) -> None:
    participant = a_tested_woman(house)
    both: dict[Step, Moment] = {Step.LYMPHODEPLETION: at(MOVED), Step.INFUSION: at("2026-04-07 10:00")}
    with pytest.raises(StepInvalid):
        plan_steps(participant=participant, plans=both, by=house["crc"], now=at(NOW), reason="No bed")
    assert not participant.facts.filter(recorded_at=at(NOW)).exists()


def test_the_earliest_plan_is_one_that_no_gate_refuses_for_a_reason_known_before(house: House) -> None:
    participant = a_tested_woman(house)
    dose, infusion = search(participant, "2026-04-09 09:00").earliest(Step.LYMPHODEPLETION, Step.INFUSION)
    assert [dose.at, infusion.at] == [at("2026-04-09 10:00"), at("2026-04-10 10:00")]
    assert [each.clause for each in dose.owes] == ["hcg_48h_ld"]
    plans: dict[Step, Moment] = {each.step: each.at for each in (dose, infusion)}
    plan_steps(participant=participant, plans=plans, by=house["crc"], now=at("2026-04-08 09:00"), reason="No bed")
    hcg(participant, house, "2026-04-09 08:00", "2026-04-09 09:30")
    take(participant, Step.LYMPHODEPLETION, "2026-04-09 10:00", by=house["ward_nurse"])
    record(participant, "lymphodepletion_completed", "2026-04-10 08:00", by=house["ward_nurse"])
    take(participant, Step.INFUSION, "2026-04-10 10:00", by=house["pi"])
    assert fresh(participant).stage == Stage.INFUSION


def test_where_something_known_stands_against_every_day_no_plan_is_suggested(house: House) -> None:
    participant = a_tested_woman(house)
    hcg(participant, house, "2026-04-07 20:00", "2026-04-07 23:00", value="positive")
    assert search(participant, NOW).earliest(Step.LYMPHODEPLETION, Step.INFUSION) == ()
