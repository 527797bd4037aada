"""The addresses: the admin is the whole product; three more are for those who watch over it."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from tracker.views.probes import livez, metrics, readyz

handler500 = "config.requests.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]
