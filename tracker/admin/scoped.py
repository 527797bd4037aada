"""Lists that show a person the own sites only, and change nothing: another site's row is not found."""

from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.access import participants_visible_to
from tracker.admin.listed import Listed


class ReadOnlyAdmin(Listed):
    """Rows that are written by services only. All staff may open the list; the query decides what it holds.

    `participant_path` leads from a row to its participant.
    """

    participant_path = "participant"
    list_filter_submit = False
    list_fullwidth = True
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows of the participants that the person may see today."""
        mine = participants_visible_to(request.user, timezone.now())
        rows: QuerySet[Any] = super().get_queryset(request)
        if not self.participant_path:
            return rows.filter(pk__in=mine)
        return rows.filter(**{f"{self.participant_path}__in": mine})

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Every member of staff has these lists."""
        return bool(request.user.is_active and request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A row may be read by whoever finds it."""
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing is ever deleted."""
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row, before anything else is asked about it. Raises Http404, whether it is another site's or nobody's.

        Django would go on with None: refuse with 403, or redirect with a message that repeats what was asked for.
        """
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404(_("There is no such entry."))
        return found
