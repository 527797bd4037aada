"""The addresses: the admin is the whole product; the others are for those who watch over it, for mail programs and
calendars, and for whoever forgot her password.
"""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from tracker.views.calendar import calendar
from tracker.views.languages import choose
from tracker.views.new_password import AskForPassword, ChoosePassword
from tracker.views.probes import livez, metrics, readyz
from tracker.views.unsubscribe import unsubscribe

handler500 = "config.requests.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("calendar/", calendar, name="calendar"),
    path("unsubscribe/", unsubscribe, name="unsubscribe"),
    path("password/", AskForPassword.as_view(), name="admin_password_reset"),
    path("password/new/", ChoosePassword.as_view(), name="password_reset_confirm"),
    path("i18n/setlang/", choose, name="set_language"),
    path("admin/", admin.site.urls),
]
