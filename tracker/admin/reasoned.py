"""Set-up that is changed with a reason only: what a study rests on is study data too."""

from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from tracker.audit.context import because
from tracker.services.reasons import LONGEST


class ReasonedForm(forms.ModelForm):
    """A form whose saved values are changed with a reason; a first entry needs none."""

    reason = forms.CharField(
        label=_("Reason for the change"), required=False, max_length=LONGEST, widget=UnfoldAdminTextInputWidget,
        help_text=_("Why a saved value becomes another; of another version, who approved it, and when."),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.instance.pk:
            del self.fields["reason"]

    def clean(self) -> Any:
        """Demand the reason where anything else was changed."""
        cleaned = super().clean()
        changed = set(self.changed_data) - {"reason"}
        if self.instance.pk and changed and not self.cleaned_data.get("reason", "").strip():
            self.add_error("reason", _("Give the reason."))
        return cleaned


class Reasoned:
    """For an admin of such forms: shows the reason where something is changed, and saves under it."""

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The reason comes last, and only where there is something to change."""
        usual = list(super().get_fieldsets(request, obj))  # type: ignore[misc]
        fields = [(title, {**said, "fields": _without_reason(said["fields"])}) for title, said in usual]
        return [*fields, (None, {"fields": ("reason",)})] if obj else fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's own signature
        """Save under the reason."""
        reason = form.cleaned_data.get("reason", "").strip()
        with because(reason, by=int(request.user.pk or 0)):
            super().save_model(request, obj, form, change)  # type: ignore[misc]


def _without_reason(fields: Any) -> tuple[Any, ...]:
    return tuple(name for name in fields if name != "reason")
