"""Where a study is blinded to the dose level, only the roles that must know it can find it out."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import House, a_house, at, employ
from tests.tracker.admin.conftest import Enter
from tracker.access import may_see_dose
from tracker.models import Participant, Role, User
from tracker.services.participants import register_participant

KNOWING = {Role.PI, Role.SUB_I, Role.PHARMACIST, Role.CELL_LAB, Role.SPONSOR}
LEVEL = "3e8 CAR+ cells"
LIST = "admin:tracker_participant_changelist"
DOSE_COLUMN = "5"


def register(house: House, number: str, level: str) -> Participant:
    born = at("1990-01-15 12:00").date()
    return register_participant(
        study=house.study, site=house.site, subject_number=number, sex="female", birth_date=born, dose_level=level,
        by=house["crc"], now=at("2026-03-02 09:00"),
    )  # fmt: skip


@pytest.fixture
def dosed(house: House) -> Participant:
    """Somebody at a level of which no other text on a page speaks."""
    house.study.dose_levels, house.study.blinded_dose = ["1e8 CAR+ cells", LEVEL], True
    house.study.save()
    return register(house, "RJ-001", LEVEL)


def shown(client: Client, participant: Participant) -> list[str]:
    """The list, the person's own page, and the first page of all."""
    own = reverse("admin:tracker_participant_change", args=[participant.pk])
    return [client.get(url).content.decode() for url in (reverse(LIST), own, reverse("admin:index"))]


@pytest.mark.parametrize("role", Role.values)
def test_only_who_must_know_it_reads_the_dose_level(house: House, enter: Enter, dosed: Participant, role: str) -> None:
    listed, own, today = shown(enter(house[role]), dosed)
    assert [LEVEL in page for page in (listed, own)] == [role in KNOWING] * 2
    assert ["blinded" in page for page in (listed, own)] == [role not in KNOWING] * 2
    assert LEVEL not in today


@pytest.mark.parametrize("role", Role.values)
def test_everybody_reads_it_where_the_study_is_not_blinded(
    house: House, enter: Enter, dosed: Participant, role: str
) -> None:
    house.study.blinded_dose = False
    house.study.save()
    listed, own, _today = shown(enter(house[role]), dosed)
    assert LEVEL in listed
    assert LEVEL in own


@pytest.mark.parametrize("role", Role.values)
def test_what_is_printed_or_taken_home_keeps_the_dose_level_as_well(
    house: House, enter: Enter, dosed: Participant, role: str
) -> None:
    client = enter(house[role])
    for name in ("screening_log", "screening_log_export", "hand_over"):
        response = client.get(reverse(f"admin:tracker_{name}"))
        assert role in KNOWING or LEVEL not in response.getvalue().decode(), name
    log = client.get(reverse("admin:tracker_screening_log"))
    assert (LEVEL in log.content.decode()) == (role in KNOWING and log.status_code == 200)


def test_the_order_of_the_list_does_not_give_the_dose_level_away(
    house: House, enter: Enter, dosed: Participant
) -> None:
    register(house, "RJ-002", "1e8 CAR+ cells")

    def order(role: str, column: str) -> list[str]:
        rows = enter(house[role]).get(f"{reverse(LIST)}?o={column}").context["cl"].result_list
        return [row.subject_number for row in rows]

    upwards, downwards = DOSE_COLUMN, f"-{DOSE_COLUMN}"
    assert order("pi", upwards) == order("pi", downwards)[::-1]
    assert order("crc", upwards) == order("crc", downwards)


@pytest.mark.parametrize("lookup", ["dose_level", "dose_level__exact", "dose_level__startswith", "dose_seen"])
def test_the_list_cannot_be_asked_for_the_dose_level(
    house: House, enter: Enter, dosed: Participant, lookup: str
) -> None:
    response = enter(house["crc"]).get(f"{reverse(LIST)}?{urlencode({lookup: LEVEL})}")
    assert response.status_code in {302, 400} or "RJ-001" not in response.content.decode()


def test_no_search_finds_the_dose_level(house: House, enter: Enter, dosed: Participant) -> None:
    crc = enter(house["crc"])
    assert "RJ-001" not in crc.get(reverse(LIST), {"q": "3e8"}).content.decode()
    assert "RJ-001" not in crc.get(reverse("admin:search"), {"s": "3e8", "extended": "1"}).content.decode()


def test_a_role_that_may_know_it_at_one_site_learns_nothing_of_another(
    house: House, enter: Enter, dosed: Participant
) -> None:
    elsewhere = a_house("PD", study=house.study, roles=())
    both = employ(house, Role.CRC, "both")
    both.assignments.create(
        study=house.study, site=elsewhere.site, role=Role.PHARMACIST, valid_from=both.assignments.get().valid_from
    )
    listed, own, _today = shown(enter(both), dosed)
    assert LEVEL not in listed + own


def test_whoever_sets_the_study_up_sees_it_and_switches_it(dosed: Participant, enter: Enter) -> None:
    root = User.objects.create_superuser("root", "root@site.example", None)
    assert may_see_dose(root, dosed, at("2026-03-09 10:00").date())
    client = enter(root)
    assert LEVEL in client.get(reverse(LIST)).content.decode()
    form = client.get(reverse("admin:tracker_study_change", args=[dosed.study_id])).content.decode()
    assert 'name="blinded_dose"' in form
