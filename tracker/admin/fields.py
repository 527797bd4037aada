"""Form fields in site time: a date and a time of day, with the zone beside them."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.wording import clock_words
from workflow.facts import Moment

SECOND = "second"
"""What marks a time that the clock shows twice as the second of the two."""


class MomentWidget(forms.MultiWidget):
    """The browser's own date and time fields, side by side; what was typed comes back as it was typed.

    Where the clock shows a time twice, a hidden mark keeps the second one from turning into the first.
    """

    template_name = "tracker/widgets/moment.html"

    def __init__(self, zone: ZoneInfo, *, with_time: bool) -> None:
        self.zone = zone
        day = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "aria-label": _("Date")})
        widgets: list[forms.Widget] = [day]
        if with_time:
            widgets.append(forms.TimeInput(format="%H:%M", attrs={"type": "time", "aria-label": _("Time of day")}))
            widgets.append(forms.HiddenInput())
        super().__init__(widgets)

    def decompress(self, value: Moment | None) -> list[Any]:
        """Split a moment into the site's date and time of day, and the mark."""
        if isinstance(value, datetime):
            local = value.astimezone(self.zone)
            return [local.date(), local.time().replace(microsecond=0), SECOND if local.fold else ""]
        return [value, None, ""]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        """What was typed; the mark alone is nothing."""
        typed: list[Any] = super().value_from_datadict(data, files, name)
        return typed if any(typed[:2]) else [None for _each in typed]


class MomentField(forms.MultiValueField):
    """A moment in the site's zone; cleans to an aware instant in UTC, or to a date where no time of day was given.

    `time_required` refuses a date alone. `date_only` asks for no time. A time that the clock skips is refused; one
    that it shows twice means the first, unless the form was filled with the second.
    """

    def __init__(
        self, *, zone: ZoneInfo, now: datetime, time_required: bool = True, date_only: bool = False, **options: Any
    ) -> None:
        self.zone = zone
        self.zone_words = clock_words(zone, now)
        self.time_required = time_required and not date_only
        date_field = forms.DateField(
            input_formats=["%Y-%m-%d"], error_messages={"invalid": _("Write the date as 2025-04-10.")}
        )
        fields: list[forms.Field] = [date_field]
        if not date_only:
            messages = {"invalid": _("Write the time of day as 10:00.")}
            fields.append(forms.TimeField(required=False, input_formats=["%H:%M", "%H:%M:%S"], error_messages=messages))
            fields.append(forms.CharField(required=False))
        super().__init__(
            fields=tuple(fields),
            widget=MomentWidget(zone, with_time=not date_only),
            require_all_fields=False,
            error_messages={"incomplete": _("Give the date."), "required": _("Give the date and the time.")},
            **options,
        )

    def compress(self, data_list: list[Any]) -> Moment | None:
        """Join date and time of day. Raises ValidationError for a missing half or a time that never is."""
        day: date | None = data_list[0] if data_list else None
        clock: time | None = data_list[1] if len(data_list) > 1 else None
        if day is None:
            if clock is not None:
                raise forms.ValidationError(_("Give the date."))
            return None
        if clock is None:
            if self.time_required:
                raise forms.ValidationError(_("Give the time of day."))
            return day
        return instant_at(day, clock, self.zone, second=data_list[2] == SECOND)


def instant_at(day: date, clock: time, zone: ZoneInfo, *, second: bool = False) -> datetime:
    """The instant, in UTC, at which a site's clock shows this for the first time, or for the second.

    Raises ValidationError where it never does.
    """
    shown = datetime.combine(day, clock)
    try:
        instant = shown.replace(tzinfo=zone, fold=int(second)).astimezone(UTC)
    except OverflowError as beyond:
        raise forms.ValidationError(_("This time does not exist: look at the year.")) from beyond
    if instant.astimezone(zone).replace(tzinfo=None) != shown:
        raise forms.ValidationError(_("This time does not exist on that day: the clocks go forward."))
    return instant
