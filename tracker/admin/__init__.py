"""The staff's way in: pages that read, forms that call services."""

from django.contrib import admin

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

admin.site.index_template = "tracker/today.html"
