"""Forms whose content only a service judges, and the words that most of them ask for: a reason, a note."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

FORM_WIDE = None


class ServiceForm(forms.Form):
    """A form whose content only a service judges: the service's messages are put beside its fields."""

    error_css_class = "errors"

    def attach(self, errors: Mapping[str, list[str]], prefix: str = "") -> None:
        """Put a service's messages beside the fields they are about; above the form where there is no such field."""
        for name, messages in errors.items():
            field = f"{prefix}{name}"
            self.add_error(field if field in self.fields else FORM_WIDE, messages)


class ReasonForm(ServiceForm):
    """Why; nothing else."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"] = reason_field()


def reason_field() -> forms.CharField:
    """A reason in a few words."""
    return forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept with the record for ever; no names, please."),
    )  # fmt: skip


def note_field() -> forms.CharField:
    """A note where no reason is demanded."""
    return forms.CharField(label=_("Note"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
