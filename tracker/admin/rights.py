"""Why somebody gets or loses a right: asked on the form, kept in the audit trail."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.translation import gettext_lazy as _
from unfold.forms import UserChangeForm
from unfold.widgets import UnfoldAdminTextareaWidget

RIGHTS = ("is_active", "is_staff", "is_superuser")


def reason_of_rights(*, required: bool) -> forms.CharField:
    """The field for the reason."""
    return forms.CharField(
        label=_("Reason"), required=required, max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("Why this person gets or loses this right. It is kept in the audit trail."),
    )  # fmt: skip


class GrantForm(forms.ModelForm):
    """A form that takes nothing without a reason."""

    reason = reason_of_rights(required=True)


class PersonPicker(AutocompleteSelect):
    """A person, found by typing. What is no number at all is nobody, where Django would look for it and fail."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        """The chosen person, if there is one."""
        numbers = [each for each in value if str(each).isascii() and str(each).isdigit() and len(str(each)) < 19]
        return super().optgroups(name, numbers, attrs)


class RightsForm(UserChangeForm):
    """A person; a reason is owed once her rights change."""

    reason = reason_of_rights(required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for the reason beside its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        changed = [name for name in RIGHTS if name in self.changed_data]
        if changed and not cleaned.get("reason"):
            self.add_error("reason", _("Say why: this person’s rights change."))
        return cleaned
