"""The laboratory panel: what it remembers, what it asks about, and what it tells before it is saved."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import House, a_house, a_participant, at, consented, fresh, record, screened_man
from tests.tracker.admin.conftest import Enter
from tracker.admin.recordable import measured_together
from tracker.evaluation import protocol_of
from tracker.models import Laboratory, Participant, RecordedFact, Role, UpperLimit
from tracker.services.laboratories import Memory, remembered

COLLECTED = {"at_0": "2026-03-09", "at_1": "08:00"}


def panel(participant: Participant) -> str:
    return reverse("admin:tracker_panel", args=[participant.pk])


def asked(client: Client, participant: Participant, **typed: str) -> dict[str, Any]:
    address = reverse("admin:tracker_panel_ask", args=[participant.pk])
    response = client.post(address, {**COLLECTED, **dotted(typed)})
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def dotted(typed: dict[str, str]) -> dict[str, str]:
    return {name.replace("__", "."): value for name, value in typed.items()}


def save(client: Client, participant: Participant, **typed: str) -> Any:
    return client.post(panel(participant), {**COLLECTED, **dotted(typed)})


def only(concept: str) -> RecordedFact:
    return RecordedFact.objects.get(concept=concept)


@pytest.fixture
def woman(house: House) -> Participant:
    return a_participant(house)


def test_a_doubtful_number_is_not_saved_before_it_is_answered_and_nothing_typed_is_lost(
    crc: Client, woman: Participant
) -> None:
    response = save(crc, woman, hb__value="90", hb__unit="g/dL", plt__value="210", plt__unit="10*9/L")
    html = response.content.decode()

    assert response.status_code == 422
    assert "People usually have 3–25 g/dL." in html
    assert "Use 90 g/L" in html
    assert "site practice" in html
    assert 'value="210"' in html
    assert "autofocus" in html
    assert not RecordedFact.objects.exists()


def test_a_doubtful_number_that_is_kept_is_recorded_with_what_was_asked(crc: Client, woman: Participant) -> None:
    answered = {"hb__answer": "keep", "hb__asked": "90 g/dL"}

    assert save(crc, woman, hb__value="90", hb__unit="g/dL", **answered).status_code == 302
    assert (only("hb").value, only("hb").unit, only("hb").questioned) == ("90", "g/dL", "3–25 g/dL")
    page = crc.get(reverse("admin:tracker_participant_change", args=[woman.pk])).content.decode()
    assert "checked: people usually have 3–25 g/dL" in page


def test_what_was_meant_is_recorded_where_that_is_the_answer(crc: Client, woman: Participant) -> None:
    answered = {"hb__answer": "use", "hb__asked": "90 g/dL"}

    assert save(crc, woman, hb__value="90", hb__unit="g/dL", **answered).status_code == 302
    assert (only("hb").value, only("hb").unit, only("hb").questioned) == ("90", "g/L", "")


@pytest.mark.parametrize("answer", ["keep", "use"])
def test_an_answer_to_another_question_is_none(crc: Client, woman: Participant, answer: str) -> None:
    """The number was changed after it was asked about."""
    answered = {"hb__answer": answer, "hb__asked": "90 g/dL"}

    assert save(crc, woman, hb__value="95", hb__unit="g/dL", **answered).status_code == 422
    assert not RecordedFact.objects.exists()


def test_a_number_that_nothing_suggests_itself_for_is_corrected_or_kept(crc: Client, woman: Participant) -> None:
    html = save(crc, woman, pt__value="9999", pt__unit="s").content.decode()
    assert "Correct it" in html
    assert save(crc, woman, pt__value="9999", pt__unit="s", pt__answer="use", pt__asked="9999 s").status_code == 422


def test_a_bound_is_kept_as_it_was_typed(crc: Client, woman: Participant) -> None:
    assert save(crc, woman, alt__value="＜ ５", alt__unit="U/L", alt__upper_limit="40").status_code == 302
    assert (only("alt").comparator, only("alt").value, only("alt").typed) == ("<", "5", "＜ ５")


def test_units_and_upper_limits_are_remembered_for_each_laboratory_and_sex(
    crc: Client, house: House, woman: Participant
) -> None:
    man = a_participant(house, "RJ-002", sex="male")
    typed = {"alt__value": "22", "alt__unit": "U/L", "hb__value": "12.8", "hb__unit": "g/dL"}
    save(crc, woman, laboratory="+", new_laboratory="Pudong", alt__upper_limit="35", **typed)
    save(crc, man, laboratory="Pudong", alt__upper_limit="45", **typed)

    assert [each.name for each in Laboratory.objects.all()] == ["Pudong"]
    assert 'value="35"' in crc.get(panel(woman)).content.decode()
    assert 'value="45"' in crc.get(panel(man)).content.decode()
    assert '<option value="g/dL" selected>' in crc.get(panel(man)).content.decode()
    elsewhere = asked(crc, man, laboratory="+", new_laboratory="Elsewhere")["rows"]
    assert (elsewhere["alt"]["limit"], elsewhere["hb"]["unit"]) == ("", "g/L")


def test_a_remembered_upper_limit_changes_with_a_reason_and_from_the_day_of_the_sample_on(
    crc: Client, house: House, woman: Participant
) -> None:
    typed = {"alt__value": "22", "alt__unit": "U/L"}
    save(crc, woman, alt__upper_limit="35", **typed)
    refused = save(crc, woman, at_1="09:00", alt__upper_limit="40", **typed)
    assert refused.status_code == 422
    assert "Say why the upper limit changes from 35 to 40." in refused.content.decode()
    assert RecordedFact.objects.count() == UpperLimit.objects.count() == 1

    changed = save(crc, woman, at_1="09:00", alt__upper_limit="40", alt__reason="new analyser", **typed)
    assert changed.status_code == 302
    limits = [(each.value, each.reason, str(each.valid_from), each.sex) for each in UpperLimit.objects.all()]
    assert limits == [("35", "", "2026-03-09", "female"), ("40", "new analyser", "2026-03-09", "female")]
    assert only_limits() == ["35", "40"]


def only_limits() -> list[str]:
    return list(RecordedFact.objects.order_by("pk").values_list("upper_limit", flat=True))


def test_the_same_limit_written_with_other_digits_is_no_change(crc: Client, woman: Participant) -> None:
    typed = {"alt__value": "22", "alt__unit": "U/L"}
    save(crc, woman, alt__upper_limit="35", **typed)
    assert save(crc, woman, at_1="09:00", alt__upper_limit="35.0", **typed).status_code == 302
    assert UpperLimit.objects.count() == 1


def test_a_sample_of_last_week_is_met_with_the_upper_limit_of_its_own_day(crc: Client, woman: Participant) -> None:
    typed = {"alt__value": "22", "alt__unit": "U/L"}
    save(crc, woman, at_0="2026-03-02", alt__upper_limit="35", **typed)
    save(crc, woman, alt__upper_limit="40", alt__reason="new analyser", **typed)

    assert 'value="40"' in crc.get(panel(woman)).content.decode()
    assert asked(crc, woman, at_0="2026-03-05")["rows"]["alt"]["limit"] == "35"
    assert save(crc, woman, at_0="2026-03-05", alt__upper_limit="35", **typed).status_code == 302
    assert UpperLimit.objects.count() == 2


def test_before_the_first_limit_of_a_laboratory_none_is_filled_in(crc: Client, woman: Participant) -> None:
    save(crc, woman, alt__value="22", alt__unit="U/L", alt__upper_limit="35")
    assert asked(crc, woman, at_0="2026-03-08")["rows"]["alt"]["limit"] == ""
    assert asked(crc, woman, at_0="2026-03-09")["rows"]["alt"]["limit"] == "35"
    assert asked(crc, woman, at_0="2026-02-31")["rows"]["alt"]["limit"] == "35"


def test_whoever_is_asked_why_a_limit_changes_sees_where_to_answer(crc: Client, woman: Participant) -> None:
    """The unit used last is another one, so that no limit was filled in; that of this unit is known all the same."""
    save(crc, woman, alt__value="22", alt__unit="U/L", alt__upper_limit="35")
    save(crc, woman, at_1="09:00", alt__value="0.4", alt__unit="ukat/L")
    refused = save(crc, woman, at_1="10:00", alt__value="22", alt__unit="U/L", alt__upper_limit="40")
    assert "Say why the upper limit changes from 35 to 40." in refused.content.decode()
    assert '<tr class="dm-entry-why" data-asked>' in refused.content.decode()


def test_what_a_laboratory_used_last_is_read_at_once_for_all_rows(
    crc: Client, woman: Participant, django_assert_num_queries: Any
) -> None:
    save(crc, woman, alt__value="22", alt__unit="U/L", alt__upper_limit="35", hb__value="12.8", hb__unit="g/dL")
    laboratory, rows = Laboratory.objects.get(), measured_together(protocol_of(woman))
    with django_assert_num_queries(2):
        known = remembered(laboratory, rows, woman, date(2026, 3, 9))
    assert (known["alt"], known["hb"], known["pt"]) == (Memory("U/L", "35"), Memory("g/dL"), Memory("s"))
    with django_assert_num_queries(2):
        assert remembered(laboratory, rows[:1], woman, date(2026, 3, 9)).keys() == {"anc"}


def test_before_it_is_saved_the_page_tells_what_the_panel_would_do_to_the_gate(crc: Client, house: House) -> None:
    man = screened_man(house)
    told = asked(crc, man, anc__value="950", anc__unit="/uL", hb__value="128", hb__unit="g/L")

    assert "Not met" in told["rows"]["anc"]["state"]
    assert "needs ≥ 1000 /µL" in told["rows"]["anc"]["state"]
    assert "Met" in told["rows"]["hb"]["state"]
    assert "With these values it may not go on." in told["gate"]
    assert only_count("anc") == 1
    assert fresh(man).stage == "screening"


def only_count(concept: str) -> int:
    return RecordedFact.objects.filter(concept=concept).count()


def test_a_creatinine_shows_the_clearance_that_it_makes(crc: Client, house: House) -> None:
    told = asked(crc, screened_man(house), creatinine__value="62", creatinine__unit="umol/L", weight__value="54")
    assert "Creatinine clearance (Cockcroft-Gault)" in told["rows"]["creatinine"]["state"]
    assert "needs ≥ 50 mL/min" in told["rows"]["weight"]["state"]


def test_a_doubt_waits_for_its_answer_and_counts_for_nothing_meanwhile(crc: Client, house: House) -> None:
    man = screened_man(house)
    told = asked(crc, man, hb__value="90", hb__unit="g/dL")
    assert "Waits for your answer" in told["rows"]["hb"]["state"]
    assert "1 question to answer." in told["open"]
    kept = asked(crc, man, hb__value="90", hb__unit="g/dL", hb__answer="keep", hb__asked="90 g/dL")
    assert "is kept, checked" in kept["rows"]["hb"]["ask"]
    assert "question" not in kept["open"]


def test_asking_and_checking_write_nothing(crc: Client, woman: Participant) -> None:
    asked(crc, woman, hb__value="90", hb__unit="g/dL", laboratory="+", new_laboratory="Pudong")
    checked = save(crc, woman, hb__value="128", hb__unit="g/L", check="1")
    assert checked.status_code == 200
    assert 'value="128"' in checked.content.decode()
    assert not RecordedFact.objects.exists()
    assert not Laboratory.objects.exists()


@pytest.mark.parametrize("role", [Role.MONITOR, Role.SPONSOR, Role.PHARMACIST])
def test_who_only_reads_enters_no_panel(enter: Enter, house: House, woman: Participant, role: str) -> None:
    reader = enter(house[role])
    addresses = ["tracker_panel", "tracker_panel_ask", "tracker_paste", "tracker_therapy", "tracker_therapy_none"]
    for name in addresses:
        assert reader.post(reverse(f"admin:{name}", args=[woman.pk]), {}).status_code == 403, name


def test_a_laboratory_of_another_site_is_not_offered(crc: Client, house: House, woman: Participant) -> None:
    other = Laboratory.objects.create(site=a_house("SHB", study=house.study).site, name="Elsewhere")
    assert other.name not in crc.get(panel(woman)).content.decode()


def test_a_weight_is_measured_with_the_panel_and_is_no_sample(crc: Client, house: House, woman: Participant) -> None:
    consented(woman, house)
    record(woman, "weight", "2026-03-04 08:00", "60", by=house["crc"], unit="kg")
    save(crc, woman, weight__value="61", weight__unit="kg")
    row = RecordedFact.objects.filter(concept="weight").latest("pk")
    assert (row.value, row.at, row.resulted_at) == ("61", at("2026-03-09 08:00"), None)
