"""Requirement 8: accounts, roles and their history; nobody is deleted, and who loses a role is out."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse

from tests.builders import House, a_participant, at
from tests.tracker.admin.conftest import PASSWORD, Enter
from tracker.models import Assignment, AuditEvent, SignIn, SignInEnd, User
from tracker.models.recorded_fact import AppendOnly

TODAY = reverse("admin:index")
SESSIONS = reverse("admin:tracker_sessions")


def is_inside(client: Client) -> bool:
    return bool(client.get(TODAY).status_code == 200)


def newest(table: str) -> AuditEvent:
    return AuditEvent.objects.filter(table=table).order_by("-pk")[0]


def person_as_typed(user: User, **changes: str) -> dict[str, str]:
    typed = {"username": user.username, "email": user.email, "language": user.language, "is_active": "on"}
    return {**typed, "is_staff": "on", **changes}


def assignment_as_typed(row: Assignment, **changes: Any) -> dict[str, Any]:
    typed = {"user": row.user_id, "study": row.study_id, "site": row.site_id, "role": row.role}
    return {**typed, "valid_from": row.valid_from.isoformat(), "valid_until": "", **changes}


def test_a_role_is_granted_and_changed_with_a_reason_that_stands_in_the_trail(root: Client, house: House) -> None:
    row = house["crc"].assignments.get()
    url = reverse("admin:tracker_assignment_change", args=[row.pk])
    ends = assignment_as_typed(row, valid_until="2026-06-30")
    answer = root.post(url, ends)
    assert answer.status_code == 200
    assert "This field is required" in answer.content.decode()
    assert "2026-06-30" in answer.content.decode()
    row.refresh_from_db()
    assert row.valid_until is None
    assert root.post(url, {**ends, "reason": "moves to another ward"}).status_code == 302
    event = newest("tracker_assignment")
    assert (event.reason, event.new) == ("moves to another ward", {"valid_until": "2026-06-30"})
    assert event.actor == User.objects.get(username="root").pk
    assert event.request_id


def test_a_right_is_taken_with_a_reason_and_an_address_is_corrected_without_one(root: Client, house: House) -> None:
    user = house["monitor"]
    User.objects.filter(pk=user.pk).update(is_staff=True)
    url = reverse("admin:tracker_user_change", args=[user.pk])
    answer = root.post(url, person_as_typed(user, is_superuser="on"))
    assert "Say why" in answer.content.decode()
    user.refresh_from_db()
    assert not user.is_superuser
    assert root.post(url, person_as_typed(user, email="another@site.example")).status_code == 302
    typed = person_as_typed(user, email="another@site.example", is_superuser="on", reason="sets up the new site")
    assert root.post(url, typed).status_code == 302
    event = newest("tracker_user")
    assert event.reason == "sets up the new site"
    assert event.new is not None
    assert "is_superuser" in event.new


def test_nobody_is_deleted_by_any_way(root: Client, house: House) -> None:
    user = house["crc"]
    assert root.post(reverse("admin:tracker_user_delete", args=[user.pk]), {"post": "yes"}).status_code == 403
    listed = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}
    root.post(reverse("admin:tracker_user_changelist"), listed)
    with pytest.raises(AppendOnly, match="deactivate"):
        user.delete()
    with pytest.raises(AppendOnly, match="deactivate"):
        User.objects.filter(pk=user.pk).delete()
    a_participant(house)
    with pytest.raises(ProtectedError):
        User._base_manager.filter(pk=user.pk).delete()
    assert User.objects.filter(pk=user.pk).exists()


def test_whoever_is_deactivated_is_out_at_once(root: Client, house: House, enter: Enter) -> None:
    crc = enter(house["crc"])
    assert is_inside(crc)
    url = reverse("admin:tracker_user_change", args=[house["crc"].pk])
    typed = person_as_typed(house["crc"], reason="left the hospital")
    del typed["is_active"]
    assert root.post(url, typed).status_code == 302
    assert not is_inside(crc)
    assert SignIn.objects.get(user=house["crc"]).ended_why == SignInEnd.DEACTIVATED


def test_whose_last_role_ends_is_out_when_its_last_day_is_over(
    house: House, enter: Enter, clock: time_machine.Traveller
) -> None:
    clock.move_to(at("2026-03-09 23:50"))
    crc = enter(house["crc"])
    house["crc"].assignments.update(valid_until=date(2026, 3, 9))
    assert is_inside(crc)
    clock.move_to(at("2026-03-10 00:01"))
    assert not is_inside(crc)
    assert SignIn.objects.get().ended_why == SignInEnd.NO_ROLE


def test_a_password_that_is_changed_ends_every_other_session(house: House, enter: Enter) -> None:
    here, elsewhere = enter(house["crc"]), Client()
    elsewhere.force_login(house["crc"], backend="django.contrib.auth.backends.ModelBackend")
    new = "a longer walk to the ward"
    typed = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert here.get(reverse("admin:password_change")).status_code == 200
    assert here.post(reverse("admin:password_change"), typed).status_code == 302
    assert is_inside(here)
    assert not is_inside(elsewhere)
    assert set(SignIn.objects.filter(ended_at=None).values_list("user", flat=True)) == {house["crc"].pk}
    assert SignIn.objects.exclude(ended_at=None).get().ended_why == SignInEnd.PASSWORD


def test_a_password_that_a_superuser_gives_ends_every_session(root: Client, crc: Client, house: House) -> None:
    url = reverse("admin:auth_user_password_change", args=[house["crc"].pk])
    typed = {"usable_password": "true", "password1": "a quiet night shift", "password2": "a quiet night shift"}
    assert root.post(url, typed).status_code == 302
    assert not is_inside(crc)
    assert SignIn.objects.get(user=house["crc"]).ended_why == SignInEnd.PASSWORD


def test_each_sees_where_she_is_signed_in_and_ends_it_there(house: House, enter: Enter) -> None:
    here, lost = enter(house["crc"]), Client(headers={"User-Agent": "Mozilla/5.0 (iPhone) CriOS/124 Safari"})
    lost.force_login(house["crc"], backend="django.contrib.auth.backends.ModelBackend")
    enter(house["pi"])
    page = here.get(SESSIONS).content.decode()
    assert page.count("this one") == 1
    assert page.count('name="end"') == 1
    assert "(UTC+8)" in page
    other = SignIn.objects.filter(user=house["crc"]).latest("pk")
    assert here.post(SESSIONS, {"end": other.pk}).status_code == 302
    assert (is_inside(here), is_inside(lost)) == (True, False)


def test_nobody_ends_the_session_of_another(crc: Client, house: House, enter: Enter) -> None:
    pi = enter(house["pi"])
    for typed in (str(SignIn.objects.get(user=house["pi"]).pk), "-1", "9" * 40, "٣", "none"):
        assert crc.post(SESSIONS, {"end": typed}).status_code == 302
    crc.post(SESSIONS, {"others": "1"})
    assert is_inside(pi)
    assert is_inside(crc)


def test_a_superuser_ends_every_session_of_a_person(root: Client, crc: Client, house: House, enter: Enter) -> None:
    pi = enter(house["pi"])
    typed = {"action": "end_sessions", "_selected_action": [house["crc"].pk]}
    root.post(reverse("admin:tracker_user_changelist"), typed)
    assert (is_inside(crc), is_inside(pi), is_inside(root)) == (False, True, True)
    ended = SignIn.objects.get(user=house["crc"])
    assert (ended.ended_why, ended.ended_by) == (SignInEnd.BY_SUPERUSER, User.objects.get(username="root"))


def test_no_key_of_a_session_stands_in_the_trail(crc: Client) -> None:
    assert crc.session.session_key
    written = str(list(AuditEvent.objects.values_list("old", "new")))
    assert crc.session.session_key not in written
