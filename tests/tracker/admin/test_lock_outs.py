"""Who guessed at a password too often is locked out; a superuser sees it and lets the person in again."""

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.builders import House
from tests.tracker.admin.conftest import Enter

LOGIN = "admin:login"
LIST = "admin:axes_accessattempt_changelist"


def sign_in(password: str) -> int:
    """The status: 302 leads in, 200 shows the form again, anything else keeps the person out."""
    return Client().post(reverse(LOGIN), {"username": "rj-crc", "password": password}).status_code


@pytest.fixture
def locked_out(house: House, enter: Enter) -> AccessAttempt:
    """The coordinator, who has her password right now but had it wrong too often."""
    enter(house["crc"])
    house["crc"].set_password("quiet amber lantern")
    house["crc"].save()
    for _attempt in range(settings.AXES_FAILURE_LIMIT):
        sign_in("wrong")
    assert sign_in("quiet amber lantern") not in {200, 302}
    found: AccessAttempt = AccessAttempt.objects.get()
    return found


def test_a_superuser_lets_somebody_in_again(locked_out: AccessAttempt, root: Client) -> None:
    assert "rj-crc" in root.get(reverse(LIST)).content.decode()
    page = reverse("admin:axes_accessattempt_delete", args=[locked_out.pk])
    assert root.post(page, {"post": "yes"}).status_code == 302
    assert sign_in("quiet amber lantern") == 302


def test_nobody_else_sees_or_lifts_a_lock(locked_out: AccessAttempt, house: House, enter: Enter) -> None:
    pi = enter(house["pi"])
    assert pi.get(reverse(LIST)).status_code == 403
    for page in ("change", "history", "delete"):
        url = reverse(f"admin:axes_accessattempt_{page}", args=[locked_out.pk])
        assert pi.post(url, {"post": "yes"}).status_code == 403
    assert sign_in("quiet amber lantern") not in {200, 302}
