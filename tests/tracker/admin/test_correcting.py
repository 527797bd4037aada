"""Correcting a step on its page: two choices, a reason, what follows, and both entries in the journal."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import translation
from time_machine import Traveller

from tests.builders import COLLECTED, House, at, collected_woman, enrolled_woman, fresh, hcg, record, take
from tests.tracker.admin.conftest import PASSWORD, Enter
from tracker.models import Deviation, Participant, Signature, StepRecord, User
from tracker.services import step_corrections
from tracker.services.signatures import Signing
from workflow.stages import Stage, Step


@pytest.fixture
def enrolled(house: House, clock: Traveller) -> Participant:
    return enrolled_woman(house)


def page_of(step: StepRecord) -> str:
    return reverse("admin:tracker_step_correct", args=[step.participant_id, step.pk])


def home(client: Client, participant: Participant) -> str:
    return client.get(reverse("admin:tracker_participant_change", args=[participant.pk])).content.decode()


def correct(client: Client, step: StepRecord, **typed: str) -> HttpResponse:
    form = {
        "what": "time", "happened_at_0": "2026-03-09", "happened_at_1": "09:30", "reason": "the clock was slow",
        "password": PASSWORD,
    }  # fmt: skip
    response: HttpResponse = client.post(page_of(step), form | typed)  # type: ignore[assignment]
    return response


def shown_in(html: str) -> str:
    return html.split('name="shown" value="')[1].split('"', maxsplit=1)[0]


def test_the_journal_offers_to_correct_what_stands(crc: Client, enrolled: Participant) -> None:
    step = enrolled.steps.get()
    assert f'href="{page_of(step)}"' in home(crc, enrolled)
    html = crc.get(page_of(step)).content.decode()
    assert "It happened at another time" in html
    assert "It was recorded in error" in html
    assert "the stage is “Screening” again" in html
    assert "I correct what was recorded" in html


def test_those_who_may_not_correct_it_are_not_offered_it(enter: Enter, house: House, enrolled: Participant) -> None:
    nurse, step = enter(house["ward_nurse"]), enrolled.steps.get()
    assert page_of(step) not in home(nurse, enrolled)
    assert nurse.get(page_of(step)).status_code == 403
    assert correct(nurse, step).status_code == 403
    assert StepRecord.objects.count() == 1


def test_another_time_leaves_both_entries_the_old_one_struck_through(
    crc: Client, house: House, enrolled: Participant
) -> None:
    step = enrolled.steps.get()
    assert correct(crc, step).status_code == 302
    html = home(crc, enrolled)
    assert "<s><b>Screening → Enrolled</b>" in html
    assert "corrected by rj-crc on" in html
    assert "“the clock was slow”" in html
    assert "Time corrected: Screening → Enrolled" in html
    assert "signature no longer covers" in html
    assert page_of(step) not in html
    assert Signature.objects.latest("pk").meaning == "correction"


def test_in_chinese_the_struck_entry_says_who_and_why(crc: Client, enrolled: Participant) -> None:
    correct(crc, enrolled.steps.get())
    User.objects.update(language="zh-hans")
    with translation.override("zh-hans"):
        html = home(crc, enrolled)
    assert "更正" in html
    assert "corrected by" not in html
    assert "Time corrected" not in html


def test_recorded_in_error_goes_back_to_the_stage_before(crc: Client, enrolled: Participant) -> None:
    assert correct(crc, enrolled.steps.get(), what="error").status_code == 302
    html = home(crc, enrolled)
    assert fresh(enrolled).stage == Stage.SCREENING
    assert "Taken back: Enrolled → Screening" in html
    assert "recorded in error, said rj-crc on" in html


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"what": ""}, "Choose what was wrong."),
        ({"reason": ""}, "This field is required."),
        ({"happened_at_0": "", "happened_at_1": ""}, "Give the date and the time."),
        ({"happened_at_1": "10:00"}, "This is the time on record."),
        ({"happened_at_0": "2026-03-10"}, "future"),
        ({"password": "guessed"}, "This is not your password."),
    ],
)
def test_what_is_wrong_is_said_by_its_field_and_the_rest_is_kept(
    crc: Client, enrolled: Participant, typed: dict[str, str], said: str
) -> None:
    response = correct(crc, enrolled.steps.get(), **typed)
    html = response.content.decode()
    assert response.status_code == 422
    assert said in html
    assert "reason" in typed or "the clock was slow" in html
    assert PASSWORD not in html
    assert "guessed" not in html
    assert StepRecord.objects.count() == 1


def test_the_gate_at_the_corrected_time_is_shown_before_it_is_signed(
    crc: Client, house: House, enrolled: Participant
) -> None:
    step = enrolled.steps.get()
    stale = {"happened_at_0": "2026-03-02", "happened_at_1": "09:30"}
    shown = shown_in(crc.get(page_of(step)).content.decode())
    asked = correct(crc, step, show="1", **stale)
    assert asked.status_code == 200
    assert "Not allowed" in asked.content.decode()
    assert "the clock was slow" in asked.content.decode()
    refused = correct(crc, step, shown=shown, **stale)
    assert refused.status_code == 422
    assert "This reads otherwise than it was shown to you." in refused.content.decode()
    assert correct(crc, step, shown=shown_in(refused.content.decode()), **stale).status_code == 302
    assert Deviation.objects.filter(status="draft", reported_by=house["crc"]).exists()


def test_a_page_of_an_entry_that_was_corrected_meanwhile_says_so(
    crc: Client, house: House, enrolled: Participant
) -> None:
    step = enrolled.steps.get()
    correct(crc, step)
    assert "does not stand any more" in crc.get(page_of(step)).content.decode()
    again = correct(crc, step, happened_at_1="09:40")
    assert again.status_code == 422
    assert "This step was corrected by another person meanwhile." in again.content.decode()


def test_an_entry_of_another_participant_is_not_found(crc: Client, house: House, enrolled: Participant) -> None:
    other = enrolled_woman(house, "RJ-002")
    url = reverse("admin:tracker_step_correct", args=[other.pk, enrolled.steps.get().pk])
    assert crc.get(url).status_code == 404


def test_a_step_that_stands_under_another_cannot_be_taken_back(enter: Enter, house: House, clock: Traveller) -> None:
    participant = collected_woman(house)
    clock.move_to(at("2026-04-04 09:00"))
    crc = enter(house["crc"])
    first = participant.steps.standing()[0]
    assert "“Leukapheresis” was recorded after it" in crc.get(page_of(first)).content.decode()
    response = correct(crc, first, what="error")
    assert response.status_code == 422
    assert "“Leukapheresis” was recorded after it" in response.content.decode()


def test_as_known_before_the_correction_the_old_entry_stands(crc: Client, house: House, enrolled: Participant) -> None:
    step = enrolled.steps.get()
    step_corrections.take_back(
        record=step, reason="wrong", by=house["crc"], now=at("2026-03-09 10:00"),
        signature=Signing(house["crc"]),
    )  # fmt: skip
    url = reverse("admin:tracker_participant_change", args=[enrolled.pk])
    html = crc.get(url, {"known": "2026-03-09T09:59"}).content.decode()
    assert "Taken back" not in html
    now = home(crc, enrolled)
    assert "Taken back" in now


def test_a_decision_whose_time_was_corrected_is_shown_as_it_was_made(
    crc: Client, house: House, enrolled: Participant, clock: Traveller
) -> None:
    clock.move_to(at("2026-03-09 11:00"))
    correct(crc, enrolled.steps.get())
    url = reverse("admin:tracker_participant_change", args=[enrolled.pk])
    for recorded in StepRecord.objects.values_list("recorded_at", flat=True):
        html = crc.get(url, {"known": recorded.isoformat()}).content.decode()
        assert "Decided then" in html
        assert "Derived again, it differs" not in html


def test_what_is_reported_afterwards_is_signed_as_a_report(
    enter: Enter, house: House, enrolled: Participant, clock: Traveller
) -> None:
    record(enrolled, "infection_review", "2026-03-16 08:00", by=house["crc"])
    take(enrolled, Step.LEUKAPHERESIS, COLLECTED, by=house["apheresis_nurse"])
    record(enrolled, "leukapheresis_completed", "2026-03-16 13:00", by=house["apheresis_nurse"])
    record(enrolled, "product_released", "2026-04-03 10:00", by=house["cell_lab"])
    clock.move_to(at("2026-04-09 12:00"))
    nurse = enter(house["ward_nurse"])
    url = reverse("admin:tracker_step", args=[enrolled.pk, "lymphodepletion"])
    assert "I have checked the conditions and record the first dose" in nurse.get(url).content.decode()
    page = nurse.get(url, {"report": "1"}).content.decode()
    assert "I report that this has happened" in page
    assert "I have checked the conditions" not in page
    form = {
        "happened_at_0": "2026-04-09", "happened_at_1": "09:00", "expected_stage": "leukapheresis", "reason": "given",
        "password": PASSWORD, "shown": shown_in(page),
    }  # fmt: skip
    nurse.post(f"{url}?report=1", form)
    response = nurse.post(f"{url}?report=1", {key: value for key, value in form.items() if key != "shown"})
    signature = Signature.objects.latest("pk")
    assert (signature.meaning, signature.signer) == ("reported", house["ward_nurse"]), response.content.decode()


def test_a_report_that_its_gate_would_have_allowed_is_signed_as_a_report_too(house: House) -> None:
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    step = take(
        participant, Step.LYMPHODEPLETION, "2026-04-09 09:00", by=house["ward_nurse"], known="2026-04-10 09:00",
        reported_afterwards=True, reason="No network",
    )  # fmt: skip
    assert step.signatures.get().meaning == "reported"
    assert not Deviation.objects.exists()


def test_a_void_deviation_stays_readable_and_is_not_signed(enter: Enter, house: House, clock: Traveller) -> None:
    participant = collected_woman(house)
    clock.move_to(at("2026-04-09 12:00"))
    step = take(
        participant, Step.LYMPHODEPLETION, "2026-04-09 09:00", by=house["ward_nurse"], known="2026-04-09 12:00",
        reported_afterwards=True, reason="given",
    )  # fmt: skip
    pi = enter(house["pi"])
    assert "only a principal investigator" in enter(house["ward_nurse"]).get(page_of(step)).content.decode()
    assert correct(pi, step, what="error").status_code == 302
    deviation = Deviation.objects.filter(participant=participant).latest("pk")
    html = pi.get(reverse("admin:tracker_deviation_change", args=[deviation.pk])).content.decode()
    assert "Void: the step was recorded in error" in html
    assert reverse("admin:tracker_deviation_close", args=[deviation.pk]) not in html
    refused = pi.post(reverse("admin:tracker_deviation_close", args=[deviation.pk]), {"password": PASSWORD})
    assert "This deviation is void" in refused.content.decode()
    assert b"void: the step was recorded in error" in pi.get(reverse("admin:tracker_deviation_export")).getvalue()
    assert reverse("admin:tracker_deviation_change", args=[deviation.pk]) not in home(pi, participant)
