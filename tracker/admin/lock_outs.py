"""Failed sign-ins: who is locked out, and how a superuser lets somebody in again before the time is up."""

from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from tracker.admin.house import SetUpAdmin


@admin.register(AccessAttempt)
class LockOutAdmin(SetUpAdmin):
    """Written by axes when a password is wrong; deleting a row is what unlocks."""

    list_display = ("username", "ip_address", "attempt_time", "failures_since_start")
    search_fields = ("username", "ip_address")
    fields = ("username", "ip_address", "user_agent", "path_info", "attempt_time", "failures_since_start")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody writes one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: it says what happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Superusers: it unlocks."""
        return self.has_module_permission(request)
