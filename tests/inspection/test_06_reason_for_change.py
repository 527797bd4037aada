"""Row 6: a change of a saved value needs a reason, on every way in, and the reason stands in the trail."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db.models import Max
from django.test import Client
from django.urls import reverse

from tests.builders import CONDITIONED, House, at, collected_woman, plan, record, take
from tests.tracker.audit.everything import one_of_everything
from tracker.errors import Invalid
from tracker.models import AuditEvent, Participant, Site, Study
from tracker.services import deviations, facts, plans, step_corrections
from tracker.services.signatures import Signing
from workflow.stages import Step

NOW = "2026-04-07 12:00"
Change = Callable[[House, Participant, str], Any]


def correct_a_fact(house: House, woman: Participant, reason: str) -> Any:
    fact = record(woman, "weight", "2026-04-07 08:00", "61", unit="kg", by=house["crc"])
    entry = facts.FactEntry(concept="weight", at=fact.at, value="63", unit="kg")
    return facts.correct_fact(fact=fact, entry=entry, reason=reason, by=house["crc"], now=at(NOW))


def withdraw_a_fact(house: House, woman: Participant, reason: str) -> Any:
    fact = record(woman, "weight", "2026-04-07 08:00", "61", unit="kg", by=house["crc"])
    return facts.withdraw_fact(fact=fact, reason=reason, by=house["crc"], now=at(NOW))


def move_a_plan(house: House, woman: Participant, reason: str) -> Any:
    plan(woman, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 09:00")
    return plan(woman, Step.LYMPHODEPLETION, "2026-04-10 09:00", by=house["crc"], now=NOW, reason=reason)


def cancel_a_plan(house: House, woman: Participant, reason: str) -> Any:
    plan(woman, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 09:00")
    step = Step.LYMPHODEPLETION
    return plans.cancel_plan(participant=woman, step=step, reason=reason, by=house["crc"], now=at(NOW))


def correct_a_step(house: House, woman: Participant, reason: str) -> Any:
    return step_corrections.correct_time(
        record=woman.steps.standing().latest("pk"), happened_at=at("2026-03-16 09:10"), reason=reason,
        by=house["apheresis_nurse"], now=at(NOW),
    )  # fmt: skip


def take_a_step_back(house: House, woman: Participant, reason: str) -> Any:
    plan(woman, Step.LYMPHODEPLETION, "2026-04-07 11:00", by=house["crc"], now="2026-04-07 09:00")
    dose = take(
        woman, Step.LYMPHODEPLETION, "2026-04-07 11:00", by=house["ward_nurse"], known="2026-04-07 11:30",
        reported_afterwards=True, reason="found in the chart",
    )  # fmt: skip
    woman.deviations.update(status="void", closed_at=at("2026-04-07 11:40"))
    return step_corrections.take_back(
        record=dose, reason=reason, by=house["pi"], now=at(NOW), signature=Signing(house["pi"])
    )


def move_a_date_of_the_study(house: House, _woman: Participant, reason: str) -> Any:
    first, later = (facts.FactEntry(concept="study_end", at=date(year, 4, 30)) for year in (2027, 2028))
    facts.record_fact(study=house.study, entry=first, by=house["pi"], now=at("2026-04-07 09:00"))
    return facts.record_fact(study=house.study, entry=later, by=house["pi"], now=at(NOW), reason=reason)


def change_a_deviations_text(house: House, woman: Participant, reason: str) -> Any:
    take(
        woman, Step.LYMPHODEPLETION, "2026-04-07 11:00", by=house["ward_nurse"], known="2026-04-07 11:30",
        reported_afterwards=True, reason="found in the chart",
    )  # fmt: skip
    draft, by = woman.deviations.filter(status="draft")[0], house["crc"]
    deviations.complete(deviation=draft, cause="lost", impact="", action="", by=by, now=at("2026-04-07 11:40"))
    return deviations.complete(
        deviation=draft, cause="mislabelled", impact="none", action="", reason=reason, by=by, now=at(NOW)
    )


CHANGES = (
    correct_a_fact, withdraw_a_fact, move_a_plan, cancel_a_plan, correct_a_step, take_a_step_back,
    move_a_date_of_the_study, change_a_deviations_text,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_without_a_reason_it_is_refused_and_with_one_the_trail_has_it(change: Change, house: House) -> None:
    woman = collected_woman(house)
    with pytest.raises(Invalid) as refusal:
        change(house, woman, "   ")
    assert "reason" in refusal.value.errors


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_with_a_reason_the_trail_has_it_in_every_event_of_the_change(change: Change, house: House) -> None:
    woman = collected_woman(house)
    change(house, woman, "the source says otherwise")
    reasons = AuditEvent.objects.filter(reason="the source says otherwise")
    assert reasons.exists()
    assert {event.actor for event in reasons} <= {user.pk for user in house.staff.values()}


@pytest.mark.parametrize("setting", ["site", "study"])
def test_the_set_up_of_a_site_and_of_a_study_is_changed_with_a_reason_only(
    setting: str, house: House, root: Client
) -> None:
    row: Any = house.site if setting == "site" else house.study
    url = reverse(f"admin:tracker_{setting}_change", args=[row.pk])
    fields = {
        "site": {"code": "RJ", "name": "Ruijin", "name_zh": "", "timezone": "Asia/Shanghai"},
        "study": {"code": "RELMA", "title": "Another", "title_zh": "", "protocol_id": "relma-cel-ssc",
                  "target_number": "9", "levels": "1\n2"},
    }[setting]  # fmt: skip
    refused = root.post(url, fields)
    assert refused.status_code == 200
    assert "Give the reason." in refused.content.decode()
    before = AuditEvent.objects.aggregate(newest=Max("pk"))["newest"]
    assert root.post(url, {**fields, "reason": "merger of two hospitals"}).status_code == 302
    event = AuditEvent.objects.filter(pk__gt=before, table=f"tracker_{setting}").get()
    assert event.reason == "merger of two hospitals"


def test_a_first_entry_needs_no_reason(house: House, root: Client) -> None:
    one_of_everything(house)
    added = root.post(reverse("admin:tracker_site_add"), {"code": "NEW", "name": "New", "timezone": "Asia/Shanghai"})
    assert added.status_code == 302
    assert Site.objects.filter(code="NEW").exists()
    assert Study.objects.get().facts.count() == 0
