"""Row 13: one participant's complete copy, for people and for machines; read back it is equal, the trail included."""

import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from tests.builders import House, a_house, a_participant, at, record
from tests.flushing import unaudited
from tests.tracker.admin.conftest import Enter
from tests.tracker.audit.everything import one_of_everything
from tracker.audit.belonging import OF_A_PARTICIPANT, rows_of
from tracker.models import Assignment, AuditEvent, ImportLine, Participant, Role
from tracker.services import facts

COPYING = {Role.PI, Role.SUB_I, Role.DATA_MANAGER}


@pytest.fixture
def exported(house: House, tmp_path: Path) -> Path:
    """The file of a participant who left something in every table, beside one who is somebody else."""
    one_of_everything(house)
    a_participant(house, "RJ-999")
    call_command("export_participant", "RJ-001", to=tmp_path / "copy.zip", stdout=StringIO())
    return tmp_path / "copy.zip"


def unpacked(path: Path) -> Any:
    with ZipFile(path) as archive:
        return json.loads(archive.read("copy.json"))


def compared(path: Path) -> str:
    out = StringIO()
    call_command("compare_participant", path, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_a_copy_has_every_row_and_every_event_of_hers_and_none_of_anybody_else(exported: Path) -> None:
    copy, hers = unpacked(exported), Participant.objects.filter(subject_number="RJ-001")
    for model in OF_A_PARTICIPANT:
        expected = set(rows_of(model, hers).values_list("pk", flat=True))
        assert {row["id"] for row in copy["rows"][model._meta.db_table]} == expected
        numbers = {str(key) for key in expected}
        events = AuditEvent.objects.filter(table=model._meta.db_table, row__in=numbers).values_list("pk", flat=True)
        assert {link["event"]["id"] for link in copy["trail"]} >= set(events)
    assert "RJ-999" not in json.dumps(copy)


def test_read_back_into_an_empty_database_it_is_equal_the_audit_trail_included(exported: Path) -> None:
    assert "read back equal" in compared(exported)


def test_people_read_it_without_the_program(exported: Path) -> None:
    with ZipFile(exported) as archive:
        page = archive.read("RJ-001.html").decode()
    for said in ("found in the chart", "mistyped", "the sample was lost", "half an hour later", "Lymphodepletion"):
        assert said in page
    assert "<script" not in page
    assert 'src="' not in page


def forged(path: Path, tmp_path: Path, change: Any) -> Path:
    copy = unpacked(path)
    change(copy)
    out = tmp_path / "forged.json"
    out.write_text(json.dumps(copy), encoding="utf-8")
    return out


FORGERIES = {
    "a fact": (lambda copy: copy["rows"]["tracker_recordedfact"][3].update(value="another"), "tracker_recordedfact"),
    "an event": (lambda copy: copy["trail"][5]["event"].update(reason="another"), "was changed"),
    "what was signed": (lambda copy: copy["rows"]["tracker_signature"][0]["content"].update(step="x"), "signature"),
    "a row that is gone": (lambda copy: copy["rows"]["tracker_alert"].pop(), "is gone"),
    "a row that slipped in": (
        lambda copy: copy["rows"]["tracker_deviation"].append({**copy["rows"]["tracker_deviation"][0], "id": 999}),
        "is in no audit event",
    ),
    "its format": (lambda copy: copy.update(version=9), "format version 9: expected 1"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_copy_that_was_changed_is_found_by_itself(forgery: str, exported: Path, tmp_path: Path) -> None:
    change, said = FORGERIES[forgery]
    with pytest.raises(CommandError, match=said):
        compared(forged(exported, tmp_path, change))


def test_no_address_and_no_password_of_anybody_leaves_with_it(exported: Path) -> None:
    text = json.dumps(unpacked(exported)["people"])
    assert "@" not in text
    assert "password" not in text


@pytest.mark.parametrize("role", Role.values)
def test_who_may_take_a_copy_saves_it_from_the_page_and_nobody_else(role: str, house: House, enter: Enter) -> None:
    woman = a_participant(house)
    answer = enter(house[role]).post(reverse("admin:tracker_participant_copy", args=[woman.pk]))
    assert answer.status_code == (200 if role in COPYING else 403)
    if role in COPYING:
        with ZipFile(BytesIO(answer.content)) as archive:
            assert "RJ-001.html" in archive.namelist()


def test_a_blinded_copy_withholds_the_dose_level_and_is_proven_all_the_same(
    house: House, enter: Enter, tmp_path: Path
) -> None:
    woman = a_participant(house)
    Participant.objects.filter(pk=woman.pk).update(dose_level="3e8 CAR+ cells")
    house.study.blinded_dose = True
    house.study.save()
    answer = enter(house["data_manager"]).post(reverse("admin:tracker_participant_copy", args=[woman.pk]))
    path = tmp_path / "blinded.zip"
    path.write_bytes(answer.content)
    assert "3e8 CAR+" not in json.dumps(unpacked(path))
    with ZipFile(path) as archive:
        assert "3e8 CAR+" not in archive.read("RJ-001.html").decode()
    assert "read back equal" in compared(path)
    known = enter(house["pi"]).post(reverse("admin:tracker_participant_copy", args=[woman.pk]))
    path.write_bytes(known.content)
    assert "3e8 CAR+" in json.dumps(unpacked(path))


def test_a_copy_without_a_paste_that_is_hidden_from_the_reader_is_proven_all_the_same(
    house: House, enter: Enter, tmp_path: Path
) -> None:
    woman = one_of_everything(house)
    ImportLine.objects.update(participant=a_participant(a_house("SHB", study=house.study), "SHB-001"))
    path = tmp_path / "copy.zip"
    with time_machine.travel(at("2026-04-10 12:00"), tick=False):
        path.write_bytes(enter(house["pi"]).post(reverse("admin:tracker_participant_copy", args=[woman.pk])).content)
    rows = unpacked(path)["rows"]
    assert (rows["tracker_import"], rows["tracker_importline"]) == ([], [])
    assert "read back equal" in compared(path)


def test_a_copy_names_nobody_of_another_site(house: House, enter: Enter, tmp_path: Path) -> None:
    """Somebody put the whole study on hold there, and somebody who wrote about her works there by now."""
    woman, other = a_participant(house), a_house("SHB", study=house.study)
    hold = facts.FactEntry(concept="hold", at=at("2026-03-03 08:00"), detail="the board meets")
    facts.record_fact(study=house.study, entry=hold, by=other["pi"], now=at("2026-03-03 09:00"))
    record(woman, "weight", "2026-03-04 08:00", "61", unit="kg", by=house["sub_i"])
    record(woman, "weight", "2026-03-05 08:00", "62", unit="kg", by=house["crc"])
    Assignment.objects.filter(user=house["sub_i"]).update(site=other.site)
    path = tmp_path / "copy.zip"
    path.write_bytes(enter(house["pi"]).post(reverse("admin:tracker_participant_copy", args=[woman.pk])).content)
    with ZipFile(path) as archive:
        json_text, page = (archive.read(name).decode() for name in ("copy.json", "RJ-001.html"))
    assert "the board meets" in json_text
    assert not [name for name in ("shb-pi", "rj-sub_i") if name in json_text + page]
    assert "rj-crc" in page
    assert "somebody at another site" in page
    assert "read back equal" in compared(path)


def test_where_a_value_cannot_be_withheld_there_is_no_blinded_copy_and_a_sentence_says_why(
    house: House, enter: Enter, tmp_path: Path
) -> None:
    """Events from before single values had digests have no salt: without one, a digest gives the value away."""
    woman = a_participant(house)
    house.study.blinded_dose = True
    house.study.save()
    with unaudited():
        QuerySet(model=AuditEvent).filter(table="tracker_participant").update(salt=None)
    answer = enter(house["data_manager"]).post(
        reverse("admin:tracker_participant_copy", args=[woman.pk]), follow=True
    )  # fmt: skip
    assert answer.redirect_chain == [(reverse("admin:tracker_participant_audit", args=[woman.pk]), 302)]
    assert "no copy can withhold the dose level" in answer.content.decode()
    with pytest.raises(CommandError, match="no copy can withhold the dose level"):
        call_command("export_participant", "RJ-001", to=tmp_path / "copy.zip", blinded=True)
    assert not (tmp_path / "copy.zip").exists()
    assert enter(house["pi"]).post(reverse("admin:tracker_participant_copy", args=[woman.pk])).status_code == 200


def test_reading_the_address_changes_and_gives_nothing(house: House, crc: Client) -> None:
    woman = a_participant(house)
    assert crc.get(reverse("admin:tracker_participant_copy", args=[woman.pk])).status_code in {403, 405}
