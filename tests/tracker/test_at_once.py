"""Two people press the same button at once: one wins, the others are told, nothing is written twice."""

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connections

from tests.builders import (
    COLLECTED,
    ENROLLED,
    House,
    at,
    collected_woman,
    enrolled_woman,
    fresh,
    record,
    screened_woman,
    take,
)
from tracker.errors import CorrectedByAnother, FactInvalid, StepNotPossible, SteppedByAnother
from tracker.models import Alert, Notification, Participant, RecordedFact, StepRecord
from tracker.services import deadlines, facts, participants, step_corrections
from tracker.services.signatures import Signing
from workflow.stages import Stage, Step

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 8


def all_at_once(act: Callable[[], object]) -> Counter[str]:
    """Let eight real threads do the same at the same instant; how it ended for each."""
    start, endings = Barrier(PEOPLE), []

    def one() -> None:
        start.wait()
        try:
            act()
            endings.append("done")
        except Exception as error:  # noqa: BLE001 - however it ended is the answer
            endings.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [Thread(target=one) for _ in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(endings)


def test_eight_people_enrol_the_same_participant(house: House) -> None:
    participant = screened_woman(house)
    facts_before = RecordedFact.objects.count()
    endings = all_at_once(
        lambda: take(participant, Step.ENROL, ENROLLED, by=house["pi"], expected_stage=Stage.SCREENING.value)
    )
    assert endings == {"done": 1, SteppedByAnother.__name__: PEOPLE - 1}
    assert fresh(participant).stage == Stage.ENROLLED
    assert StepRecord.objects.filter(participant=participant).count() == 1
    assert RecordedFact.objects.count() == facts_before + 1


def test_eight_people_start_the_same_leukapheresis_although_its_stage_may_repeat(house: House) -> None:
    participant = enrolled_woman(house)
    record(participant, "infection_review", "2026-03-16 08:00", by=house["crc"])
    endings = all_at_once(lambda: take(participant, Step.LEUKAPHERESIS, COLLECTED, by=house["apheresis_nurse"]))
    assert endings["done"] == 1
    assert endings["StepUnderWay"] == PEOPLE - 1
    assert StepRecord.objects.filter(participant=participant, step="leukapheresis").count() == 1


def test_eight_people_enrol_without_a_form_that_remembers_the_stage(house: House) -> None:
    participant = screened_woman(house)
    endings = all_at_once(lambda: take(participant, Step.ENROL, ENROLLED, by=house["pi"]))
    assert endings == {"done": 1, StepNotPossible.__name__: PEOPLE - 1}


def test_eight_people_enter_the_result_of_the_same_sample(house: House) -> None:
    participant = collected_woman(house)
    sample = record(participant, "serum_hcg", "2026-04-08 10:00", by=house["crc"])
    now = at("2026-04-08 13:00")
    endings = all_at_once(
        lambda: facts.record_result(fact=sample, value="negative", resulted_at=now, by=house["crc"], now=now)
    )
    assert endings == {"done": 1, FactInvalid.__name__: PEOPLE - 1}
    assert RecordedFact.objects.filter(key=sample.key).count() == 2


def test_eight_people_correct_the_same_step(house: House) -> None:
    step = enrolled_woman(house).steps.get()
    about = {"record": step, "reason": "The clock was slow", "by": house["pi"], "now": at(COLLECTED)}
    earlier, signature = at("2026-03-09 09:30"), Signing(house["pi"])
    endings = all_at_once(
        lambda: step_corrections.correct_time(**about, happened_at=earlier, signature=signature)  # type: ignore[arg-type]
    )
    assert endings == {"done": 1, CorrectedByAnother.__name__: PEOPLE - 1}
    assert StepRecord.objects.count() == 2
    assert RecordedFact.objects.filter(key=step.fact.key).count() == 2


def test_eight_people_register_the_same_subject_number(house: House) -> None:
    birth_date = at("1990-01-15 00:00").date()
    endings = all_at_once(
        lambda: participants.register_participant(
            study=house.study,
            site=house.site,
            subject_number="RJ-009",
            sex="female",
            birth_date=birth_date,
            by=house["crc"],
            now=at(ENROLLED),
        )
    )
    assert endings == {"done": 1, "ParticipantInvalid": PEOPLE - 1}


def test_eight_sweeps_at_once_raise_each_alert_once(house: House) -> None:
    participant = collected_woman(house)
    facts.plan_step(
        participant=participant, step=Step.LYMPHODEPLETION, at=at("2026-04-20 09:00"), by=house["crc"],
        now=at("2026-04-10 09:00"),
    )  # fmt: skip
    assert not Alert.objects.exists()
    assert Participant.objects.get().reassess_after == at("2026-04-17 09:00")
    endings = all_at_once(lambda: deadlines.sweep(at("2026-04-17 09:00")))
    assert endings == {"done": PEOPLE}
    assert [alert.rung for alert in Alert.objects.all()] == ["order_test"]
    assert Notification.objects.count() == 1
