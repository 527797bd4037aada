"""What pages about nobody in particular share: those of the person who is signed in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from tracker.admin.pages import staff


def wanted_page(request: HttpRequest) -> str:
    """Where somebody wanted to go before a door stood in the way: a page of this site, else Today."""
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else reverse("admin:index")


class OwnPage(View):
    """A page for the person who asks, about what is hers."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Read the clock once."""
        super().setup(request, *args, **kwargs)
        self.now: datetime = timezone.now()
        self.staff = staff(request)

    def page(self, template: str, context: Mapping[str, Any], *, status: int = 200) -> TemplateResponse:
        """One page in the admin's frame."""
        every = {**admin.site.each_context(self.request), "home": reverse("admin:index")}
        return TemplateResponse(self.request, template, {**every, **context}, status=status)
