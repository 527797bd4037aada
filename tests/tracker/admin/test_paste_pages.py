"""The pages of a paste: looked at row by row, recorded as shown, mended and dismissed; other sites see none of it."""

import re
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import House, a_house, a_participant
from tests.tracker.admin.conftest import Enter
from tracker.models import Fate, Import, ImportLine, Participant, RecordedFact

TEXT = (
    "项目\t结果\t单位\t采样时间\n"
    "中性粒细胞\t3.2\t10^9/L\t2026-03-04 08:00\n"
    "Hb\t90\tg/dL\t2026-03-04 08:00\n"
    "ALT\t12,5\tU/L\t2026-03-04 08:00\n"
    "ANC\t3.2\t10^9/L\t2026-03-04 08:00"
)


@pytest.fixture
def woman(house: House) -> Participant:
    return a_participant(house)


def page_of(participant: Participant) -> str:
    return reverse("admin:tracker_paste", args=[participant.pk])


def shown(client: Client, participant: Participant, text: str = TEXT) -> str:
    response = client.post(page_of(participant), {"text": text})
    assert response.status_code == 200
    html: str = response.content.decode()
    return html


def seen_in(html: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', html)
    assert found
    return found[1]


def recorded(client: Client, participant: Participant, text: str = TEXT) -> Any:
    seen = seen_in(shown(client, participant, text))
    return client.post(page_of(participant), {"text": text, "seen": seen, "record": "1"})


def line_page(name: str, line: ImportLine) -> str:
    return reverse(f"admin:tracker_import_{name}", args=[line.batch.participant_id, line.batch_id, line.pk])


def test_every_line_is_shown_with_what_becomes_of_it_before_anything_is_recorded(
    crc: Client, woman: Participant
) -> None:
    html = shown(crc, woman)
    assert "4 values:" in html
    assert "Will be recorded" in html
    assert "90 g/dL? People usually have 3–25 g/dL." in html
    assert "The decimal mark is a point. Write 12.5." in html
    assert "The same as line 1." in html
    assert "中性粒细胞\t3.2" in html
    assert not RecordedFact.objects.exists()


def test_what_was_shown_is_recorded_and_the_counts_add_up_on_the_page(crc: Client, woman: Participant) -> None:
    response = recorded(crc, woman)
    batch = Import.objects.get()
    assert response.headers["Location"] == reverse("admin:tracker_import", args=[woman.pk, batch.pk])
    html = " ".join(re.sub(r"<[^>]+>", " ", crc.get(response.headers["Location"]).content.decode()).split())
    assert "4 values came in: recorded 1 + on record already 1 + set aside 2 . 2 wait." in html
    assert RecordedFact.objects.get().value == "3.2"


def test_a_text_that_was_changed_after_it_was_shown_is_shown_again(crc: Client, woman: Participant) -> None:
    seen = seen_in(shown(crc, woman))
    response = crc.post(page_of(woman), {"text": TEXT.replace("3.2", "2.3"), "seen": seen, "record": "1"})
    assert response.status_code == 422
    assert "reads otherwise" in response.content.decode()
    assert "2.3" in response.content.decode()
    assert not RecordedFact.objects.exists()


@pytest.mark.parametrize("text", ["", "   \n"])
def test_an_empty_paste_is_said_to_be_empty(crc: Client, woman: Participant, text: str) -> None:
    assert crc.post(page_of(woman), {"text": text}).status_code == 422


def test_a_line_is_mended_by_keeping_what_was_asked_about(crc: Client, woman: Participant) -> None:
    recorded(crc, woman)
    line = ImportLine.objects.get(number=2)
    form = crc.get(line_page("mend", line)).content.decode()
    assert 'value="90"' in form
    assert 'value="2026-03-04"' in form
    typed = {
        "subject": "RJ-001", "concept": "hb", "value": "90", "unit": "g/dL", "at_0": "2026-03-04", "at_1": "08:00",
        "kept": "on", "reason": "the laboratory confirms it",
    }  # fmt: skip
    assert crc.post(line_page("mend", line), typed).status_code == 302
    fact = RecordedFact.objects.get(concept="hb")
    assert (fact.value, fact.unit, fact.questioned) == ("90", "g/dL", "3–25 g/dL")
    assert ImportLine.objects.get(number=2).fate == Fate.MENDED
    assert crc.get(line_page("mend", line)).status_code == 404


def test_a_measurement_that_is_no_laboratory_test_is_mended_too(crc: Client, woman: Participant) -> None:
    recorded(crc, woman, "项目\t结果\t单位\t采样时间\nLVEF\t55,5\t%\t2026-03-04 08:00")
    line = ImportLine.objects.get()
    assert 'value="lvef" selected' in crc.get(line_page("mend", line)).content.decode()
    typed = {"subject": woman.subject_number, "concept": "lvef", "value": "55.5", "unit": "%", "reason": "a point"}
    typed |= {"at_0": "2026-03-04", "at_1": "08:00"}
    assert crc.post(line_page("mend", line), typed).status_code == 302
    assert RecordedFact.objects.get().value == "55.5"


def test_a_line_is_not_mended_for_a_subject_of_another_site(crc: Client, house: House, woman: Participant) -> None:
    a_participant(a_house("SHB", study=house.study), "SHB-001")
    recorded(crc, woman)
    line = ImportLine.objects.get(number=3)
    typed = {"concept": "alt", "value": "12.5", "unit": "U/L", "at_0": "2026-03-04", "at_1": "08:00", "reason": "comma"}
    answers = [crc.post(line_page("mend", line), {**typed, "subject": number}) for number in ("SHB-001", "SHB-002")]
    said = [answer.content.decode().replace("SHB-001", "SHB-002") for answer in answers]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert "This subject is not known here: SHB-002." in said[0]
    assert RecordedFact.objects.count() == 1


def test_a_line_is_dismissed_with_a_reason_and_stays_readable(crc: Client, woman: Participant) -> None:
    recorded(crc, woman)
    line = ImportLine.objects.get(number=3)
    assert crc.post(line_page("dismiss", line), {"reason": ""}).status_code == 422
    assert crc.post(line_page("dismiss", line), {"reason": "another patient"}).status_code == 302
    html = crc.get(reverse("admin:tracker_import", args=[woman.pk, line.batch_id])).content.decode()
    assert "another patient" in html
    assert "12,5" in html


def test_a_paste_about_somebody_whom_the_reader_may_not_see_is_not_found(
    crc: Client, enter: Enter, house: House, woman: Participant
) -> None:
    """The coordinator of two sites pasted for both; whoever works at one of them is not shown the other."""
    other = a_house("SHB", study=house.study)
    theirs = a_participant(other, "SHB-001")
    recorded(crc, woman)
    batch = Import.objects.get()
    address = reverse("admin:tracker_import", args=[woman.pk, batch.pk])
    assert crc.get(address).status_code == 200
    ImportLine.objects.filter(number=3).update(participant=theirs)
    assert crc.get(address).status_code == 404
    assert address not in crc.get(reverse("admin:tracker_fact_menu", args=[woman.pk])).content.decode()


def test_what_is_hidden_of_a_paste_is_in_no_trail_no_table_and_no_copy_either(
    crc: Client, enter: Enter, house: House, woman: Participant
) -> None:
    recorded(crc, woman)
    ImportLine.objects.filter(number=3).update(participant=a_participant(a_house("SHB", study=house.study), "SHB-001"))
    assert [name for name, said in everywhere(enter(house["pi"]), woman).items() if "12,5" in said] == []


def test_a_paste_about_those_whom_the_reader_may_see_is_in_all_of_them(
    crc: Client, enter: Enter, house: House, woman: Participant
) -> None:
    recorded(crc, woman)
    ImportLine.objects.filter(number=3).update(participant=a_participant(house, "RJ-002"))
    assert [name for name, said in everywhere(enter(house["pi"]), woman).items() if "12,5" not in said] == []


def everywhere(client: Client, woman: Participant) -> dict[str, str]:
    """What a reader is told of a participant's history, by where."""
    names = ("participant_audit", "participant_audit_export", "audit", "audit_export")
    said = {}
    for name in names:
        args = [woman.pk] if name.startswith("participant") else []
        answer = client.get(reverse(f"admin:tracker_{name}", args=args))
        assert answer.status_code == 200
        said[name] = answer.getvalue().decode()
    copy = client.post(reverse("admin:tracker_participant_copy", args=[woman.pk]))
    with ZipFile(BytesIO(copy.content)) as archive:
        return said | {"copy": archive.read("copy.json").decode()}


def test_a_paste_is_found_under_its_own_participant_only(crc: Client, house: House, woman: Participant) -> None:
    recorded(crc, woman)
    other = a_participant(house, "RJ-002")
    assert crc.get(reverse("admin:tracker_import", args=[other.pk, Import.objects.get().pk])).status_code == 404
