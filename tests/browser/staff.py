"""Staff at the browser: the password they all have here, and how they sign in."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.builders import SHANGHAI
from tracker.models import User

PASSWORD = "a long walk to the ward"


def may_sign_in(user: User) -> None:
    """Let somebody in who was only told of things so far."""
    user.is_staff = True
    user.set_password(PASSWORD)
    user.save()


def sign_in(page: Page, live_server: LiveServer, user: User) -> None:
    """Sign in by name and password; whoever sat there before is signed out."""
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/admin/login/")
    page.fill("input[name=username]", user.username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/admin/")


def sit_down(page: Page, live_server: LiveServer, user: User, where: str = "/admin/") -> None:
    """Sit down at a page, signed in: the door, through which everybody comes first, takes too long for each turn."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page.context.clear_cookies()
    kept = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": kept.key, "value": kept.value, "url": live_server.url}])
    page.goto(live_server.url + where)


def hours_from_now(hours: float) -> str:
    """The site's clock so many hours from now, or, below 0, ago; to the minute, as people type it."""
    return f"{(datetime.now(UTC) + timedelta(hours=hours)).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
