"""The addresses: the admin is the whole product; three more are for those who watch over it, one for mail
programs, one for calendars.
"""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from tracker.views.calendar import calendar
from tracker.views.languages import choose
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
    path("i18n/setlang/", choose, name="set_language"),
    path("admin/", admin.site.urls),
]
