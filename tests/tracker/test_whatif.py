"""A preview says beforehand exactly what saving brings about, and leaves nothing behind."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.transaction import get_connection

from tests.builders import House, at, collected_woman, fresh, hcg, plan
from tests.machine.rows import rows_of
from tracker.errors import NotAllowed, StepInvalid
from tracker.models import Notification, Participant, RecordedFact
from tracker.services import facts
from tracker.services.plans import cancel_plan, plan_steps
from tracker.services.whatif import Preview, preview
from workflow.facts import Moment
from workflow.stages import Step

pytestmark = pytest.mark.django_db
NOW = "2026-04-08 08:00"


@pytest.fixture
def tested(house: House) -> Participant:
    """A woman whose negative test serves the first dose that is planned for today; its reminders are out of the way."""
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-07 08:00", "2026-04-07 12:00")
    plan(participant, Step.LYMPHODEPLETION, "2026-04-08 10:00", by=house["crc"], now="2026-04-07 13:00")
    return fresh(participant)


def asked(participant: Participant, house: House, when: str, now: str = NOW) -> Preview:
    return preview(participant=participant, plans={Step.LYMPHODEPLETION: at(when)}, by=house["crc"], now=at(now))


def test_a_moved_first_dose_shows_the_test_gone_stale_and_who_will_be_told(house: House, tested: Participant) -> None:
    found = asked(tested, house, "2026-04-10 10:00")

    before, after = (each.evaluation.planned_gate(Step.LYMPHODEPLETION) for each in (found.before, found.after))
    assert before is not None
    assert after is not None
    assert [each.outcome.value for each in before.findings if each.clause == "hcg_48h_ld"] == ["met"]
    assert [each.outcome.value for each in after.findings if each.clause == "hcg_48h_ld"] == ["stale"]
    assert {(each.at, each.rung, each.role) for each in found.newly_coming if each.kind == "first"} >= {
        (at("2026-04-08 10:00"), "window_open", "crc"),
        (at("2026-04-09 10:00"), "no_sample", "sub_i"),
        (at("2026-04-10 04:00"), "no_result", "pi"),
        (at("2026-04-10 10:00"), "blocked", "pharmacist"),
    }


def test_a_plan_made_inside_the_ladder_says_who_is_told_at_once(house: House, tested: Participant) -> None:
    found = asked(tested, house, "2026-04-09 09:00", now="2026-04-08 14:00")
    roles = {row.role for row in found.told_at_once}

    assert roles == {"crc", "ward_nurse", "sub_i"}
    facts.plan_step(
        participant=tested, step=Step.LYMPHODEPLETION, at=at("2026-04-09 09:00"), by=house["crc"],
        now=at("2026-04-08 14:00"), reason="No bed",
    )  # fmt: skip
    assert set(Notification.objects.values_list("role", flat=True)) == roles


def test_who_was_told_of_the_old_time_is_told_that_it_no_longer_holds(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-09 09:00", by=house["crc"], now="2026-04-07 10:00")
    Notification.objects.filter(role="crc").update(status="sent", sent_at=at("2026-04-07 10:01"))
    found = asked(fresh(participant), house, "2026-04-20 09:00", now="2026-04-07 11:00")

    assert [(row.role, row.kind) for row in found.taken_back] == [("crc", "withdrawn")]
    assert [row.role for row in found.after.withdrawn_since(found.before)] == ["ward_nurse"]
    assert {each.rung for each in found.no_longer_coming} >= {"no_sample", "no_result", "blocked"}


def everything() -> list[tuple[str, list[Any]]]:
    """Every row of every table of ours; the audit trail's too."""
    ours = [each for each in _models() if each._meta.app_label == "tracker"]
    return [(each.__name__, list(each._default_manager.order_by("pk").values_list())) for each in ours]


def _models() -> Iterator[type[models.Model]]:
    yield from apps.get_models()


def test_a_preview_leaves_no_row_no_event_no_message_and_nothing_for_the_commit(
    house: House, tested: Participant, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    before = everything()
    with django_capture_on_commit_callbacks() as waiting:
        assert asked(tested, house, "2026-04-10 10:00").newly_coming

    assert everything() == before
    assert (waiting, mailoutbox) == ([], [])
    assert not get_connection().needs_rollback


def test_after_a_preview_the_same_connection_writes_as_before(house: House, tested: Participant) -> None:
    asked(tested, house, "2026-04-10 10:00")
    with transaction.atomic():
        moved = plan(tested, Step.LYMPHODEPLETION, "2026-04-10 10:00", by=house["crc"], now=NOW, reason="No bed")

    assert RecordedFact.objects.get(pk=moved.pk).reason == "No bed"


def test_a_preview_refuses_what_saving_would_refuse(house: House, tested: Participant) -> None:
    with pytest.raises(StepInvalid, match="passed"):
        asked(tested, house, "2026-04-08 07:59")
    with pytest.raises(NotAllowed):
        preview(
            participant=tested, plans={Step.LYMPHODEPLETION: at("2026-04-10 10:00")}, by=house["monitor"], now=at(NOW)
        )
    assert not connection.needs_rollback


def test_several_plans_are_moved_together_or_not_at_all(house: House, tested: Participant) -> None:
    both: dict[Step, Moment] = {Step.LYMPHODEPLETION: at("2026-04-10 10:00"), Step.INFUSION: at("2026-04-15 10:00")}
    before = rows_of(tested)
    with pytest.raises(StepInvalid, match="passed"):
        plan_steps(
            participant=tested, plans={**both, Step.INFUSION: at("2026-04-01 10:00")}, by=house["crc"], now=at(NOW),
            reason="No bed",
        )  # fmt: skip
    assert rows_of(tested) == before
    saved = plan_steps(participant=tested, plans=both, by=house["crc"], now=at(NOW), reason="No bed")
    assert [row.at for row in saved] == list(both.values())


def test_the_texts_that_would_be_sent_are_those_that_are_sent(house: House, tested: Participant) -> None:
    asked_at, wanted = at("2026-04-08 14:00"), at("2026-04-09 09:00")
    subjects = [
        row.subject for row in asked(tested, house, "2026-04-09 09:00", "2026-04-08 14:00").after.messages.values()
    ]
    plan_steps(participant=tested, plans={Step.LYMPHODEPLETION: wanted}, by=house["crc"], now=asked_at, reason="No bed")
    sent = list(Notification.objects.order_by("pk").values_list("subject", flat=True))

    assert sorted(subjects) == sorted(sent)
    assert all(re.search("RJ-001", subject) for subject in sent)


def test_a_plan_can_be_cancelled_after_it_was_only_asked_about(house: House, tested: Participant) -> None:
    asked(tested, house, "2026-04-10 10:00")
    gone = cancel_plan(participant=tested, step=Step.LYMPHODEPLETION, reason="Fever", by=house["crc"], now=at(NOW))

    assert (gone.version, gone.at) == (2, at("2026-04-08 10:00"))
