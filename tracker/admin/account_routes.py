"""The addresses of a person's own account."""

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, path

from tracker.admin.code_pages import AskCode, BeginCodes, ShowCodes
from tracker.admin.password_pages import ChangePassword
from tracker.admin.session_pages import Presence, ShowSessions

_PAGES: tuple[tuple[str, str, Any], ...] = (
    ("account/sessions/", "tracker_sessions", ShowSessions),
    ("account/presence/", "tracker_presence", Presence),
    ("account/codes/", "tracker_codes", ShowCodes),
    ("account/codes/begin/", "tracker_codes_begin", BeginCodes),
    ("account/code/", "tracker_code", AskCode),
    # Before the admin's own, which ends no session.
    ("password_change/", "password_change", ChangePassword),
)


def account_routes() -> list[URLPattern]:
    """Every page, for people who are signed in to the admin only."""
    return [path(route, admin.site.admin_view(page.as_view()), name=name) for route, name, page in _PAGES]
