"""A step reported against its gate: who is told, what is held, and who may release it."""

import pytest

from tests.builders import (
    COLLECTED,
    CONDITIONED,
    House,
    at,
    enrolled_woman,
    fresh,
    hcg,
    record,
    take,
)
from tracker.errors import (
    DeviationClosed,
    DeviationInvalid,
    NotAllowed,
    SignatureMissing,
)
from tracker.evaluation import evaluate_participant
from tracker.models import Alert, Deviation, Participant, Signature
from tracker.services import deviations
from tracker.services.signatures import Signing
from workflow.stages import Step

REPORTED = "2026-03-16 18:00"
CLOSED = "2026-03-20 09:00"
TEXTS = {"cause": "The ward did not know", "impact": "None seen", "action": "The ward was told"}


@pytest.fixture
def infected(house: House) -> Participant:
    """A woman whose leukapheresis was reported although an infection had not ended two weeks before."""
    participant = enrolled_woman(house)
    record(participant, "infection_review", "2026-03-16 08:00", by=house["crc"])
    record(
        participant, "systemic_infection", "2026-03-12", until="2026-03-14", by=house["sub_i"], known="2026-03-15 08:00"
    )
    take(
        participant, Step.LEUKAPHERESIS, COLLECTED, by=house["apheresis_nurse"], known=REPORTED,
        reported_afterwards=True, reason="Started before the call",
    )  # fmt: skip
    record(participant, "leukapheresis_completed", "2026-03-16 13:00", by=house["apheresis_nurse"], known=REPORTED)
    record(participant, "product_released", "2026-04-03 10:00", by=house["cell_lab"])
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    return fresh(participant)


def clauses(participant: Participant, step: Step, when: str) -> list[str]:
    gate = evaluate_participant(fresh(participant), as_of=at(when)).gates[step]
    return [finding.clause for finding in gate.blocking]


def sign(deviation: Deviation, house: House, *, by: str = "pi", now: str = CLOSED) -> Deviation:
    deviations.complete(deviation=deviation, **TEXTS, by=house["crc"], now=at(now))
    return deviations.close(deviation=deviation, by=house[by], now=at(now), signing=Signing(house[by]))


def test_a_held_step_says_which_deviation_waits(infected: Participant) -> None:
    gate = evaluate_participant(infected, as_of=at(CONDITIONED)).gates[Step.LYMPHODEPLETION]
    held = gate.blocking[0].evidence[0]
    assert held.detail.startswith("deviation not signed: No systemic active infection")


def test_a_later_step_cannot_slip_through_by_an_earlier_time(infected: Participant, house: House) -> None:
    """Recorded after the report, a start between the step and its report is held as well."""
    assert "hold" in clauses(infected, Step.LYMPHODEPLETION, "2026-03-16 14:00")


def test_before_the_report_nothing_was_held_as_known_then(infected: Participant, house: House) -> None:
    def held(known: str) -> bool:
        evaluation = evaluate_participant(fresh(infected), as_of=at(CONDITIONED), known=at(known))
        findings = evaluation.gates[Step.LYMPHODEPLETION].findings
        return any(finding.clause == "hold" for finding in findings)

    sign(Deviation.objects.get(), house)
    assert not held("2026-03-16 17:59")
    assert held("2026-03-20 08:59")
    assert not held(CLOSED)


def test_a_step_taken_on_hold_is_told_of_and_drafts_its_own_deviation(infected: Participant, house: House) -> None:
    take(
        infected, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"], reported_afterwards=True, reason="Given",
    )  # fmt: skip
    assert Deviation.objects.filter(clause="hold").get().step_record.step == "lymphodepletion"  # type: ignore[union-attr]
    alert = Alert.objects.get(deadline__clause="held_lymphodepletion")
    assert set(alert.notifications.values_list("role", flat=True)) == {"pi", "pharmacist", "crc"}


def test_several_holds_of_one_step_draft_one_deviation(infected: Participant, house: House) -> None:
    record(infected, "hold", "2026-04-01 09:00", by=house["pi"], detail="Waiting for the sponsor")
    take(
        infected, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"], reported_afterwards=True, reason="Given",
    )  # fmt: skip
    assert Deviation.objects.filter(clause="hold").count() == 1


@pytest.mark.parametrize("role", ["sub_i", "crc", "ward_nurse", "monitor"])
def test_only_the_pi_signs(infected: Participant, house: House, role: str) -> None:
    deviation = Deviation.objects.get()
    deviations.complete(deviation=deviation, **TEXTS, by=house["crc"], now=at(CLOSED))
    with pytest.raises(NotAllowed):
        deviations.close(deviation=deviation, by=house[role], now=at(CLOSED), signing=Signing(house[role]))
    assert not Signature.objects.filter(meaning="deviation").exists()


def test_it_is_signed_with_its_texts_and_with_a_signature(infected: Participant, house: House) -> None:
    deviation, pi = Deviation.objects.get(), house["pi"]
    with pytest.raises(DeviationInvalid) as refusal:
        deviations.close(deviation=deviation, by=pi, now=at(CLOSED), signing=Signing(pi))
    assert set(refusal.value.errors) == {"cause", "impact", "action"}
    deviations.complete(deviation=deviation, **TEXTS, by=house["crc"], now=at(CLOSED))
    for signing in (None, Signing(house["crc"])):
        with pytest.raises(SignatureMissing):
            deviations.close(deviation=deviation, by=pi, now=at(CLOSED), signing=signing)
    assert Deviation.objects.get().is_draft


def test_what_was_signed_is_not_changed(infected: Participant, house: House) -> None:
    deviation = sign(Deviation.objects.get(), house)
    with pytest.raises(DeviationClosed):
        deviations.complete(deviation=deviation, **TEXTS, by=house["crc"], now=at(CLOSED))
    with pytest.raises(DeviationClosed):
        sign(Deviation.objects.get(), house, by="pi")


def test_a_text_that_is_too_long_is_refused_beside_its_field(infected: Participant, house: House) -> None:
    with pytest.raises(DeviationInvalid) as refusal:
        deviations.complete(
            deviation=Deviation.objects.get(), cause="x" * 4001, impact="", action="", by=house["crc"], now=at(CLOSED)
        )
    assert refusal.value.errors == {"cause": ["At most 4000 characters."]}


def test_the_signature_ends_the_alert_and_whatever_comes_to_light_after_it_is_told_anew(
    infected: Participant, house: House
) -> None:
    first = Alert.objects.get(rung="reported")
    sign(Deviation.objects.get(), house)
    first.refresh_from_db()
    assert (first.status, first.resolution) == ("resolved", "done")
    assert not first.notifications.filter(kind="withdrawn").exists()

    record(
        infected, "systemic_infection", "2026-03-10", until="2026-03-13", by=house["sub_i"], known="2026-04-02 08:00"
    )
    again = Alert.objects.exclude(status="resolved").filter(deadline__clause="infection_2w_apheresis")
    assert [alert.raised_at for alert in again] == [at("2026-04-02 08:00")]
