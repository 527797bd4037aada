"""What is asked of an audit trail: which table or field, whose changes, and from which day to which."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _

from tracker.admin.alert_card import person
from tracker.models import User

NOBODY = "0"
"""Changes that no signed-in person made."""

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
"""Between which days may be asked: with room on both sides for a time zone, and for the day after."""

_WITHIN = (MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY))


class TrailForm(forms.Form):
    """The questions; every one may be left open. Days are those of the site, both included."""

    field = forms.ChoiceField(label=_("What"), required=False)
    who = forms.ChoiceField(label=_("Who"), required=False)
    since = forms.DateField(
        label=_("From day"), required=False, widget=forms.DateInput(attrs={"type": "date"}), validators=_WITHIN
    )
    until = forms.DateField(
        label=_("Last day included"), required=False, widget=forms.DateInput(attrs={"type": "date"}), validators=_WITHIN
    )

    def __init__(self, data: Any, *, models: Sequence[type[Model]], people: Iterable[User], zone: ZoneInfo) -> None:
        super().__init__(data)
        self.zone = zone
        staff = sorted(((str(user.pk), person(user)) for user in people), key=lambda pair: pair[1])
        self._choices("field").choices = [("", _("everything")), *(_fields(model) for model in models)]
        self._choices("who").choices = [("", _("everybody")), (NOBODY, _("nobody signed in")), *staff]

    def clean(self) -> Any:
        """A period ends after it begins."""
        said = super().clean() or self.cleaned_data
        if said.get("since") and said.get("until") and said["since"] > said["until"]:
            self.add_error("until", _("This lies before the first day."))
        return said

    def condition(self) -> Q:
        """What is asked for, of audit events. Only for a form that is valid."""
        said, asked = self.cleaned_data, Q()
        table, _dot, column = said["field"].partition(".")
        if table:
            asked &= Q(table=table)
        if column:
            asked &= Q(new__has_key=column) | Q(old__has_key=column)
        if said["who"]:
            asked &= Q(actor=None) if said["who"] == NOBODY else Q(actor=int(said["who"]))
        if said["since"]:
            asked &= Q(at__gte=self._start(said["since"]))
        if said["until"]:
            asked &= Q(at__lt=self._start(said["until"] + timedelta(days=1)))
        return asked

    def _choices(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        if not isinstance(field, forms.ChoiceField):
            raise TypeError(name)
        return field

    def _start(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def _fields(model: type[Model]) -> tuple[str, list[tuple[str, str]]]:
    meta = model._meta  # noqa: SLF001 - Django's own way to ask
    name, table = str(meta.verbose_name), meta.db_table
    columns = [(f"{table}.{field.column}", f"{name}: {field.verbose_name}") for field in meta.concrete_fields]
    return name, [(table, _("%(kind)s: every field") % {"kind": name}), *columns[1:]]
