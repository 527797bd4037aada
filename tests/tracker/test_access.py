"""Who sees whom, and who may do what."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.builders import House, a_house, a_participant, at, employ
from tracker.access import MATRIX, Action, action_of, may, may_at, participants_visible_to, roles_of
from tracker.models import Role, User
from workflow.stages import Step

TODAY = date(2026, 3, 9)
NOW = at("2026-03-09 10:00")


def test_every_role_sees_and_every_role_has_its_row_of_the_matrix() -> None:
    assert set(MATRIX) == set(Role.values)
    assert all(Action.VIEW in actions for actions in MATRIX.values())


@pytest.mark.parametrize("role", ["monitor", "sponsor"])
def test_who_watches_only_reads(role: str) -> None:
    assert MATRIX[role] <= {Action.VIEW, Action.SEE_DOSE, Action.READ_TRAIL}


def test_every_step_has_an_action() -> None:
    assert {action_of(step) for step in Step} == set(Action) - {
        Action.VIEW, Action.RECORD_FACT, Action.PLAN, Action.ACKNOWLEDGE, Action.SEE_DOSE, Action.HOLD,
        Action.ACCEPT_PRODUCT, Action.COMPLETE_DEVIATION, Action.CLOSE_DEVIATION, Action.ARRANGE_COVER,
        Action.READ_TRAIL, Action.TAKE_COPY, Action.REDACT,
    }  # fmt: skip


def test_holds_are_the_investigators_and_deviations_are_closed_by_the_pi_alone() -> None:
    assert {role for role in MATRIX if Action.HOLD in MATRIX[role]} == {"pi", "sub_i"}
    assert {role for role in MATRIX if Action.CLOSE_DEVIATION in MATRIX[role]} == {"pi"}
    assert {role for role in MATRIX if Action.COMPLETE_DEVIATION in MATRIX[role]} == {"pi", "sub_i", "crc"}


def test_staff_see_the_participants_of_their_own_site_only(house: House) -> None:
    elsewhere = a_house("ZS", study=house.study)
    here, there = a_participant(house, "RJ-001"), a_participant(elsewhere, "ZS-001")
    assert list(participants_visible_to(house["crc"], NOW)) == [here]
    assert list(participants_visible_to(elsewhere["crc"], NOW)) == [there]
    assert not may(house["pi"], Action.VIEW, there, TODAY)


def test_nobody_sees_anything_without_an_assignment(house: House) -> None:
    a_participant(house)
    assert not participants_visible_to(User.objects.create_user("stranger"), NOW).exists()
    assert not participants_visible_to(AnonymousUser(), NOW).exists()


def test_an_assignment_holds_from_its_first_day_through_its_last(house: House) -> None:
    participant = a_participant(house)
    guest = employ(house, "crc", "guest", valid_from=date(2026, 3, 8), valid_until=date(2026, 3, 10))
    seen = {day: participants_visible_to(guest, at(f"2026-03-{day:02} 10:00")).exists() for day in (7, 8, 10, 11)}
    assert seen == {7: False, 8: True, 10: True, 11: False}
    assert roles_of(guest, participant, date(2026, 3, 11)) == frozenset()


def test_who_may_no_longer_sign_in_may_do_nothing(house: House) -> None:
    participant = a_participant(house)
    house["pi"].is_active = False
    house["pi"].save()
    assert not may(house["pi"], Action.ENROL, participant, TODAY)
    assert not participants_visible_to(house["pi"], NOW).exists()


def test_a_superuser_sees_and_may_do_everything(house: House) -> None:
    root = User.objects.create_superuser("root")
    participant = a_participant(house)
    assert list(participants_visible_to(root, NOW)) == [participant]
    assert may(root, Action.ENROL, participant, TODAY)
    assert may_at(root, Action.REGISTER, house.study, house.site, TODAY)


def test_a_person_with_two_roles_may_do_what_either_may(house: House) -> None:
    participant = a_participant(house)
    both = employ(house, "monitor", "both")
    assert not may(both, Action.INFUSION, participant, TODAY)
    house.staff["both"].assignments.create(
        study=house.study, site=house.site, role="ward_nurse", valid_from=date(2026, 1, 1)
    )
    assert may(both, Action.INFUSION, participant, TODAY)
    assert roles_of(both, participant, TODAY) == {"monitor", "ward_nurse"}
