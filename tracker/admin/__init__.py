"""The staff's way in: pages that read, forms that call services."""

from django.contrib import admin
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from tracker.admin.account_routes import account_routes
from tracker.admin.alerts import AlertAdmin
from tracker.admin.deviations import DeviationAdmin
from tracker.admin.house import AssignmentAdmin, SiteAdmin, StudyAdmin, UserAdmin
from tracker.admin.lock_outs import LockOutAdmin
from tracker.admin.notifications import NotificationAdmin
from tracker.admin.participants import ParticipantAdmin

__all__ = [
    "AlertAdmin",
    "AssignmentAdmin",
    "DeviationAdmin",
    "LockOutAdmin",
    "NotificationAdmin",
    "ParticipantAdmin",
    "SiteAdmin",
    "StudyAdmin",
    "UserAdmin",
]

# Their own pages show secrets.
admin.site.unregister([StaticDevice, TOTPDevice])
admin.site.index_template = "tracker/today.html"
admin.site.extra_urls = account_routes  # type: ignore[attr-defined]  # Unfold asks for it
