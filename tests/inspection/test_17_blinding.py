"""Row 17: where a study is blinded, the dose level stays hidden in the audit trail, its table and the copies too."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import House, at
from tests.tracker.admin.conftest import Enter
from tracker.models import Participant, Role
from tracker.services.participants import register_participant

KNOWING = {Role.PI, Role.SUB_I, Role.PHARMACIST, Role.CELL_LAB, Role.SPONSOR}
LEVEL = "3e8 CAR+ cells"


@pytest.fixture
def dosed(house: House) -> Participant:
    """Somebody at a level of which no other row speaks."""
    house.study.dose_levels, house.study.blinded_dose = ["1e8 CAR+ cells", LEVEL], True
    house.study.save()
    return register_participant(
        study=house.study, site=house.site, subject_number="RJ-001", sex="female", dose_level=LEVEL,
        birth_date=at("1990-01-15 12:00").date(), by=house["crc"], now=at("2026-03-02 09:00"),
    )  # fmt: skip


def shown(client: Client, *urls: str) -> str:
    """What is read of her row."""
    asked = {"field": "tracker_participant.dose_level"}
    return " ".join(client.get(url, asked).getvalue().decode() for url in urls)


@pytest.mark.parametrize("role", Role.values)
def test_who_is_blinded_finds_no_dose_level_in_the_trail_or_its_table(
    role: str, house: House, dosed: Participant, enter: Enter
) -> None:
    own = [
        reverse(f"admin:tracker_participant_audit{end}", args=[dosed.pk]) for end in ("", "_export")
    ]  # fmt: skip
    body = shown(enter(house[role]), *own)
    assert (LEVEL in body) == (role in KNOWING)
    assert ("blinded" in body) == (role not in KNOWING)


@pytest.mark.parametrize("role", [Role.PI, Role.DATA_MANAGER, Role.MONITOR])
def test_nor_in_the_trail_of_the_whole_site(role: str, house: House, dosed: Participant, enter: Enter) -> None:
    body = shown(enter(house[role]), reverse("admin:tracker_audit"), reverse("admin:tracker_audit_export"))
    assert (LEVEL in body) == (role in KNOWING)
