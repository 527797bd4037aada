"""Whoever sets the house up: sites, studies, people and what they do."""

from django.test import Client
from django.urls import reverse

from tests.builders import House
from tracker.models import Assignment, Role, Site, Study, User


def test_a_site_and_a_study_with_its_dose_levels_are_made(root: Client) -> None:
    site = {"code": "PD", "name": "Pudong clinic", "name_zh": "浦东门诊", "timezone": "Asia/Shanghai"}
    assert root.post(reverse("admin:tracker_site_add"), site).status_code == 302
    study = {
        "code": "RELMA-2", "title": "Relma-cel, second part", "protocol_id": "relma-cel-ssc", "target_number": "12",
        "levels": "low\n\n high ",
    }  # fmt: skip
    assert root.post(reverse("admin:tracker_study_add"), study).status_code == 302
    assert Site.objects.get(code="PD").timezone == "Asia/Shanghai"
    assert Study.objects.get(code="RELMA-2").dose_levels == ["low", "high"]


def test_somebody_is_hired_and_may_sign_in(root: Client, house: House) -> None:
    typed = {
        "username": "new-nurse", "usable_password": "true", "password1": "a quiet night shift",
        "password2": "a quiet night shift", "email": "new-nurse@site.example", "language": "zh-hans", "is_staff": "on",
    }  # fmt: skip
    assert root.post(reverse("admin:tracker_user_add"), typed).status_code == 302
    nurse = User.objects.get(username="new-nurse")
    assert (nurse.is_staff, nurse.language, nurse.email) == (True, "zh-hans", "new-nurse@site.example")
    role = {
        "user": nurse.pk, "study": house.study.pk, "site": house.site.pk, "role": Role.WARD_NURSE,
        "valid_from": "2026-03-01", "valid_until": "", "reason": "joins the ward in March",
    }  # fmt: skip
    assert root.post(reverse("admin:tracker_assignment_add"), role).status_code == 302
    assert Assignment.objects.filter(user=nurse, role=Role.WARD_NURSE).exists()


def test_nothing_that_participants_hang_on_can_be_deleted(root: Client, house: House) -> None:
    for name, row in (("site", house.site), ("study", house.study), ("user", house["crc"])):
        assert root.post(reverse(f"admin:tracker_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        assert type(row).objects.filter(pk=row.pk).exists()
