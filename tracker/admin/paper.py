"""What the pages that are printed share: the admin's frame on the screen, the bare sheet on paper."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse


def paper(request: HttpRequest, template: str, context: Mapping[str, Any]) -> TemplateResponse:
    """One page that can be printed."""
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context})
