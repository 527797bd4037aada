"""What cannot be taken is said beside its field, and nothing that was typed is lost."""

from typing import Any

from django.test import Client
from django.urls import reverse

from tests.builders import House, a_participant, record, screened_man
from tests.tracker.admin.conftest import shown_in
from tracker.models import Participant, RecordedFact, Site


def panel(participant: Participant) -> str:
    return reverse("admin:tracker_panel", args=[participant.pk])


def add(participant: Participant, concept: str) -> str:
    return reverse("admin:tracker_fact_add", args=[participant.pk, concept])


def on(day: str, clock: str, name: str = "at") -> dict[str, str]:
    return {f"{name}_0": day, f"{name}_1": clock}


COLLECTED = on("2026-03-09", "08:00")


def page(response: Any) -> str:
    return str(response.content.decode())


def refused(response: Any, message: str, *typed: str) -> None:
    """The form is shown again, with the message and with everything that was typed."""
    assert response.status_code == 422
    html = page(response)
    assert message in html
    for text in typed:
        assert text in html
    assert not RecordedFact.objects.exclude(concept="consent").exists()


def test_a_decimal_comma_is_answered_with_how_to_write_the_number(crc: Client, house: House) -> None:
    participant = a_participant(house)
    typed = {**COLLECTED, "hb.value": "12,5", "hb.unit": "g/dL", "anc.value": "3.2", "anc.unit": "10*9/L"}
    response = crc.post(panel(participant), typed)
    refused(response, "12.5", 'value="12,5"', 'value="3.2"', 'value="2026-03-09"', 'value="08:00"')


def test_an_unknown_unit_is_refused_and_still_stands_in_its_list(crc: Client, house: House) -> None:
    participant = a_participant(house)
    response = crc.post(panel(participant), {**COLLECTED, "hb.value": "128", "hb.unit": "stone/L"})
    refused(response, "stone/L", 'value="128"', '<option value="stone/L" selected>')


def test_a_known_unit_of_another_quantity_is_refused_on_a_single_form_too(crc: Client, house: House) -> None:
    participant = a_participant(house)
    response = crc.post(add(participant, "weight"), {**COLLECTED, "value": "61", "unit": "mmol/L"})
    refused(response, "mmol/L", 'value="61"', '<option value="mmol/L" selected>')


def test_a_collection_in_the_future_is_refused_once_beside_its_field(crc: Client, house: House) -> None:
    participant = a_participant(house)
    typed = {**on("2026-03-10", "08:00"), "hb.value": "128", "hb.unit": "g/L", "plt.value": "210", "plt.unit": "10*9/L"}
    response = crc.post(panel(participant), typed)
    refused(response, "This time lies in the future", 'value="128"', 'value="210"', 'value="2026-03-10"')
    assert page(response).count("This time lies in the future") == 1


def test_a_result_before_its_collection_is_refused(crc: Client, house: House) -> None:
    participant = a_participant(house)
    typed = {**COLLECTED, **on("2026-03-09", "07:59", "resulted_at"), "value": "negative", "detail": "by courier"}
    response = crc.post(add(participant, "serum_hcg"), typed)
    refused(response, "cannot be out before", 'value="07:59"', 'value="negative"', "by courier")
    assert "checked" in page(response)


def test_a_consent_before_the_date_of_birth_is_refused(crc: Client, house: House) -> None:
    participant = a_participant(house, born="2026-02-20")
    response = crc.post(add(participant, "consent"), {**on("2026-02-19", "09:00"), "value": "1", "detail": "ICF 2.0"})
    refused(response, "before the date of birth", 'value="2026-02-19"', 'value="ICF 2.0"')


def test_a_subject_number_that_is_taken_is_refused(crc: Client, house: House) -> None:
    a_participant(house, "RJ-001")
    place = f"{house.study.pk}-{house.site.pk}"
    typed = {"place": place, "subject_number": "RJ-001", "sex": "male", "birth_date": "1985-04-10", "dose_level": "2"}
    response = crc.post(reverse("admin:tracker_participant_add"), typed)
    refused(response, "already taken", 'value="RJ-001"', 'value="1985-04-10"', '<option value="2" selected>')
    assert Participant.objects.count() == 1


def test_a_birth_date_that_is_none_comes_back_as_it_was_typed(crc: Client, house: House) -> None:
    place = f"{house.study.pk}-{house.site.pk}"
    typed = {"place": place, "subject_number": "RJ-009", "sex": "male", "birth_date": "10.4.1985"}
    response = crc.post(reverse("admin:tracker_participant_add"), typed)
    refused(response, "Write the date as", 'value="10.4.1985"', 'value="RJ-009"')


def test_a_site_needs_a_real_time_zone(root: Client) -> None:
    for zone, message in (("", "Choose the site’s time zone"), ("Asia/Shanghay", "is not a time zone")):
        typed = {"code": "PD", "name": "Pudong clinic", "name_zh": "", "timezone": zone}
        html = page(root.post(reverse("admin:tracker_site_add"), typed))
        assert message in html
        assert 'value="Pudong clinic"' in html
    assert not Site.objects.filter(code="PD").exists()


def test_one_bad_row_of_a_panel_saves_none_of_it(crc: Client, house: House) -> None:
    participant = a_participant(house)
    typed = {**COLLECTED, "hb.value": "128", "hb.unit": "g/L", "plt.value": "many", "plt.unit": "10*9/L"}
    refused(crc.post(panel(participant), typed), "12.5", 'value="128"', 'value="many"')


def test_an_empty_panel_is_said_to_be_empty(crc: Client, house: House) -> None:
    refused(crc.post(panel(a_participant(house)), COLLECTED), "Fill in at least one row")


def test_a_time_of_day_that_is_missing_is_asked_for(crc: Client, house: House) -> None:
    typed = {**on("2026-03-09", ""), "hb.value": "128", "hb.unit": "g/L"}
    refused(crc.post(panel(a_participant(house)), typed), "Give the time of day", 'value="128"', 'value="2026-03-09"')


def test_a_correction_without_a_reason_is_refused(crc: Client, house: House) -> None:
    participant = a_participant(house)
    fact = record(participant, "consent", "2026-03-02 09:00", by=house["crc"], detail="ICF 1.0")
    url = reverse("admin:tracker_fact_correct", args=[participant.pk, fact.pk])
    response = crc.post(url, {**on("2026-03-02", "09:30"), "detail": "ICF 1.1", "reason": " "})
    refused(response, "This field is required", 'value="09:30"', 'value="ICF 1.1"')
    assert fact.version == RecordedFact.objects.get(concept="consent").version


def test_a_moved_plan_needs_its_reason_and_keeps_the_time_typed(crc: Client, house: House) -> None:
    participant = screened_man(house)
    url = reverse("admin:tracker_plan", args=[participant.pk, "enrol"])
    first = {**on("2026-03-12", "10:00"), "reason": ""}
    assert crc.post(url, {**first, "shown": shown_in(crc.post(url, {**first, "show": "1"}))}).status_code == 302
    second = {**on("2026-03-13", "10:00"), "reason": ""}
    response = crc.post(url, {**second, "shown": shown_in(crc.post(url, {**second, "show": "1"}))})
    assert response.status_code == 422
    assert 'value="2026-03-13"' in page(response)


def test_a_single_number_that_people_rarely_have_is_asked_about_and_kept_when_it_was_checked(
    crc: Client, house: House
) -> None:
    participant = a_participant(house)
    typed = {**COLLECTED, "value": "210", "unit": "kg"}
    response = crc.post(add(participant, "weight"), typed)
    refused(response, "210 kg? People usually have 30–200 kg.", "Keep 210 kg, checked", 'value="210"')
    refused(crc.post(add(participant, "weight"), {**typed, "kept": "209 kg"}), "210 kg?")
    assert crc.post(add(participant, "weight"), {**typed, "kept": "210 kg"}).status_code == 302
    fact = RecordedFact.objects.get(concept="weight")
    assert (fact.value, fact.questioned) == ("210", "30–200 kg")


def test_a_result_that_people_rarely_have_is_asked_about_when_it_completes_its_sample(
    crc: Client, house: House
) -> None:
    participant = a_participant(house)
    sample = record(participant, "hb", "2026-03-09 08:00", by=house["crc"])
    url = reverse("admin:tracker_fact_result", args=[participant.pk, sample.pk])
    typed = {**on("2026-03-09", "09:00", "resulted_at"), "value": "90", "unit": "g/dL"}
    assert "Perhaps 90 g/L?" in page(crc.post(url, typed))
    assert crc.post(url, {**typed, "kept": "90 g/dL"}).status_code == 302
    assert RecordedFact.objects.latest("pk").questioned == "3–25 g/dL"


def test_a_correction_of_something_else_keeps_that_a_number_was_asked_about(crc: Client, house: House) -> None:
    participant = a_participant(house)
    crc.post(add(participant, "weight"), {**COLLECTED, "value": "210", "unit": "kg", "kept": "210 kg"})
    fact = RecordedFact.objects.get(concept="weight")
    url = reverse("admin:tracker_fact_correct", args=[participant.pk, fact.pk])
    typed = {**on("2026-03-09", "08:30"), "value": "210", "unit": "kg", "kept": "210 kg", "reason": "half past eight"}
    assert crc.post(url, typed).status_code == 302
    assert RecordedFact.objects.latest("pk").questioned == "30–200 kg"
