"""The therapy table: several rows at once, and the look-backs in one click."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import ENROLLED, REVIEWS, House, a_participant, at, consented, measured, record
from tracker.evaluation import evaluate_participant
from tracker.models import Participant, RecordedFact
from workflow.findings import Outcome
from workflow.stages import Step


@pytest.fixture
def man(house: House) -> Participant:
    return a_participant(house, sex="male")


def page_of(participant: Participant) -> str:
    return reverse("admin:tracker_therapy", args=[participant.pk])


def save(client: Client, participant: Participant, *rows: dict[str, str]) -> Any:
    typed = {f"{number}.{name}": value for number, row in enumerate(rows, start=1) for name, value in row.items()}
    return client.post(page_of(participant), typed)


def none_since(client: Client, participant: Participant) -> None:
    assert client.post(reverse("admin:tracker_therapy_none", args=[participant.pk])).status_code == 302


def said(review: str) -> str:
    return RecordedFact.objects.filter(concept=review).latest("pk").detail


def test_what_was_given_is_recorded_with_dose_route_start_and_stop(crc: Client, man: Participant) -> None:
    response = save(
        crc, man,
        {"concept": "medication", "detail": "prednisone", "dose": "10 mg", "route": "oral", "at_0": "2025-06-01",
         "until_0": "2026-02-28"},
        {},
        {"concept": "growth_factor", "detail": "filgrastim", "dose": "300 µg", "route": "s.c.", "at_0": "2026-03-04",
         "at_1": "08:00"},
    )  # fmt: skip
    assert response.status_code == 302
    told = RecordedFact.objects.order_by("pk").values_list("concept", "detail", "dose", "route", "at_is_date")
    assert list(told) == [
        ("medication", "prednisone", "10 mg", "oral", True), ("growth_factor", "filgrastim", "300 µg", "s.c.", False),
    ]  # fmt: skip
    html = crc.get(reverse("admin:tracker_participant_change", args=[man.pk])).content.decode()
    assert "prednisone · 10 mg · oral" in html


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"detail": "filgrastim", "at_0": "2026-03-04"}, "Choose what it was."),
        ({"concept": "transfusion", "detail": "red cells"}, "Give the date it began."),
        ({"concept": "transfusion", "at_0": "2026-03-10"}, "This time lies in the future"),
        ({"concept": "transfusion", "at_0": "2026-03-04", "until_0": "2026-03-05"}, "Only something that lasts"),
        ({"concept": "medication", "at_0": "2026-03-04", "until_0": "2026-03-03"}, "The end lies before the start"),
        ({"concept": "medication", "at_1": "08:00"}, "Give the date."),
    ],
)  # fmt: skip
def test_one_wrong_row_saves_none_and_keeps_all_that_was_typed(
    crc: Client, man: Participant, row: dict[str, str], message: str
) -> None:
    good = {"concept": "medication", "detail": "prednisone", "at_0": "2025-06-01"}
    response = save(crc, man, good, row)
    html = response.content.decode()
    assert response.status_code == 422
    assert message in html
    assert 'value="prednisone"' in html
    assert not RecordedFact.objects.exists()


def test_an_empty_table_is_said_to_be_empty(crc: Client, man: Participant) -> None:
    assert "Fill in at least one row." in save(crc, man).content.decode()


def test_none_since_the_last_look_is_one_click_that_documents_every_look_back_the_gate_asks_for(
    crc: Client, house: House, man: Participant
) -> None:
    consented(man, house, woman=False)
    measured(man, house)
    assert "None since the last look" in crc.get(page_of(man)).content.decode()
    none_since(crc, man)
    assert set(RecordedFact.objects.filter(concept__in=REVIEWS).values_list("concept", flat=True)) == set(REVIEWS)
    assert said("transfusion_review") == "First look: none"
    gate = evaluate_participant(man, as_of=at(ENROLLED)).gates[Step.ENROL]
    answers = {finding.clause: finding.outcome for finding in gate.findings}
    assert answers["no_transfusion_7d"] is answers["no_growth_factor_7d"] is Outcome.MET
    none_since(crc, man)
    assert said("infection_review") == "None since 2026-03-09 10:00"


def test_what_is_recorded_since_the_last_look_is_never_said_to_be_none(
    crc: Client, house: House, man: Participant
) -> None:
    for review in REVIEWS:
        record(man, review, "2026-03-05 08:00", by=house["crc"])
    record(man, "transfusion", "2026-03-06 09:00", by=house["crc"])
    record(man, "growth_factor", "2026-03-04 09:00", by=house["crc"])
    html = crc.get(page_of(man)).content.decode()
    assert "Nothing but what is recorded since the last look" in html
    assert "recorded since: Blood transfusion Fri 6 Mar 09:00" in html
    none_since(crc, man)
    assert said("transfusion_review") == "Nothing but what is recorded here since 2026-03-05 08:00"
    assert said("growth_factor_review") == "None since 2026-03-05 08:00"


def test_the_dose_stays_when_an_end_is_recorded_and_can_be_corrected(crc: Client, man: Participant) -> None:
    save(crc, man, {"concept": "medication", "detail": "prednisone", "dose": "10 mg", "at_0": "2025-06-01"})
    fact = RecordedFact.objects.get()
    crc.post(reverse("admin:tracker_fact_end", args=[man.pk, fact.pk]), {"until_0": "2026-03-01", "until_1": ""})
    ended = RecordedFact.objects.latest("pk")
    assert (ended.dose, str(ended.until_moment)) == ("10 mg", "2026-03-01")
    correct = reverse("admin:tracker_fact_correct", args=[man.pk, ended.pk])
    assert 'value="10 mg"' in crc.get(correct).content.decode()
    typed = {
        "at_0": "2025-06-01",
        "until_0": "2026-03-01",
        "dose": "15 mg",
        "detail": "prednisone",
        "reason": "misread",
    }
    assert crc.post(correct, typed).status_code == 302
    assert RecordedFact.objects.latest("pk").dose == "15 mg"
