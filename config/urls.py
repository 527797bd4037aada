"""The addresses: the admin is the whole product; one more tells a load balancer that the process lives."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.generic import RedirectView


def livez(_request: HttpRequest) -> HttpResponse:
    """Answers 200 whenever the process can answer at all; looks at nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


handler500 = "config.requests.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("livez", livez, name="livez"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]
