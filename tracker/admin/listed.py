"""Every list can be taken away: what it shows, with its filters, as one CSV file."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils.html import strip_tags
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from tracker.admin.csv_export import csv_response


class Listed(ModelAdmin):
    """A list with a button that saves it. The rows are those that the reader's own list finds."""

    list_before_template = "tracker/parts/export.html"
    csv_name = ""

    def get_urls(self) -> list[URLPattern]:
        """The table comes before Django's pages, one of which takes every other word for a row's key."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export), name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        """The list, whose tab is named after what it lists: Django's would ask the reader to select something."""
        named = {"title": capfirst(self.opts.verbose_name_plural)} | (extra_context or {})
        shown: HttpResponseBase = super().changelist_view(request, named)
        return shown

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """The table. Raises PermissionDenied where the list itself is refused, Http404 for a filter there is not."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters as error:
            raise Http404(_("The list has no such filter.")) from error
        return csv_response(f"{self.csv_name or self.opts.model_name}.csv", self.csv_header(), self.csv_rows(rows))

    def csv_header(self) -> list[str]:
        """What the columns are called; by itself, those of the list."""
        return [str(label_for_field(name, self.model, self)) for name in self.list_display]

    def csv_rows(self, rows: QuerySet[Any]) -> Iterable[list[object]]:
        """The rows; by themselves, as the list shows them."""
        return ([_cell(name, row, self) for name in self.list_display] for row in _in_turn(rows))


def _in_turn(rows: QuerySet[Any]) -> Iterator[Any]:
    """A list may be longer than one would hold in memory at once."""
    return rows.iterator(chunk_size=500)


def _cell(name: Any, row: Any, shown_by: ModelAdmin) -> object:
    field, _attribute, value = lookup_field(name, row, shown_by)
    if field is not None and getattr(field, "choices", None):
        return getattr(row, f"get_{field.name}_display")()
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return strip_tags(str(value)) if value is not None else ""
