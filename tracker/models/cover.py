"""Cover: who is away, who stands in for her, and who is on call. It moves messages, and gives nobody a permission."""

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.assignment import Assignment


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Questions about absences."""

    def on(self, day: date) -> Self:
        """Those that hold on a day, first and last day included."""
        return self.filter(first_day__lte=day, last_day__gte=day, cancelled_at=None)

    def overlapping(self, first_day: date, last_day: date) -> Self:
        """Those that share a day with these, both included."""
        return self.filter(first_day__lte=last_day, last_day__gte=first_day, cancelled_at=None)


class Absence(models.Model):
    """Days on which a person is away, and who is told in her place; without a deputy the others in her role are.

    The days are those of the calendar of the site that a message is about, both included.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="absences"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("deputy"), on_delete=models.PROTECT, related_name="stands_in",
        null=True, blank=True,
    )  # fmt: skip
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField(_("entered at"))
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ("first_day", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="absence_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=models.Q(deputy=None) | ~models.Q(deputy=models.F("user")),
                name="nobody_stands_in_for_herself",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} {self.first_day}/{self.last_day}"


class DutyQuerySet(models.QuerySet["Duty"]):
    """Questions about duties."""

    def at(self, now: datetime) -> Self:
        """Those that hold at an instant: their beginning included, their end not."""
        return self.filter(starts_at__lte=now, ends_at__gt=now, cancelled_at=None)


class Duty(models.Model):
    """From when until when somebody is on call in a role of hers; what is urgent then goes to her alone."""

    assignment = models.ForeignKey(
        Assignment, verbose_name=_("assignment"), on_delete=models.PROTECT, related_name="duties"
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField(_("entered at"))
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty on call")
        verbose_name_plural = _("duties on call")
        ordering = ("starts_at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="duty_ends_after_it_starts"
            ),
        )

    def __str__(self) -> str:
        return f"{self.assignment} {self.starts_at:%Y-%m-%d %H:%M}Z"
