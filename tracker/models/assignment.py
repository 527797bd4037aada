"""Assignments: who works in which role, at which site of which study, from when until when."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.site import Site
from tracker.models.study import Study


class Role(models.TextChoices):
    """What somebody does in a study; reminders name these roles, and permissions hang on them."""

    CRC = "crc", _("coordinator (CRC)")
    PI = "pi", _("principal investigator")
    SUB_I = "sub_i", _("sub-investigator")
    WARD_NURSE = "ward_nurse", _("ward nurse")
    APHERESIS_NURSE = "apheresis_nurse", _("apheresis nurse")
    PHARMACIST = "pharmacist", _("pharmacist")
    CELL_LAB = "cell_lab", _("cell laboratory")
    DATA_MANAGER = "data_manager", _("data manager")
    MONITOR = "monitor", _("monitor")
    SPONSOR = "sponsor", _("sponsor")


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Questions about assignments."""

    def active(self, on: date) -> Self:
        """Those in force on a day, first and last day included, of people who may still sign in."""
        return self.filter(_in_force(on), user__is_active=True)

    def active_at(self, now: datetime) -> Self:
        """Those in force at an instant, each by the calendar of its own site."""
        zones_by_day: defaultdict[date, list[str]] = defaultdict(list)
        for zone in _zones():
            zones_by_day[now.astimezone(ZoneInfo(zone)).date()].append(zone)
        held = models.Q(pk__in=())
        for day, zones in zones_by_day.items():
            held |= models.Q(site__timezone__in=zones) & _in_force(day)
        return self.filter(held, user__is_active=True)


_ZONES: ContextVar[list[str] | None] = ContextVar("the zones of all sites, while they are asked for once", default=None)


@contextmanager
def zones_asked_once() -> Iterator[None]:
    """Within it, the zones of all sites are read the first time that somebody asks who is in force, and kept."""
    token = _ZONES.set([])
    try:
        yield
    finally:
        _ZONES.reset(token)


def _zones() -> list[str]:
    kept = _ZONES.get()
    if kept:
        return kept
    found = list(Site.objects.order_by().values_list("timezone", flat=True).distinct())
    if kept is not None:
        kept.extend(found)
    return found


def _in_force(on: date) -> models.Q:
    return models.Q(valid_from__lte=on) & (models.Q(valid_until=None) | models.Q(valid_until__gte=on))


class Assignment(models.Model):
    """One person in one role at one site of one study. `valid_until` is the last day; None means open."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.PROTECT, related_name="assignments"
    )
    study = models.ForeignKey(Study, verbose_name=_("study"), on_delete=models.PROTECT, related_name="assignments")
    site = models.ForeignKey(Site, verbose_name=_("site"), on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True, help_text=_("The last day; empty: open."))

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ("study", "site", "role", "user")
        constraints = (
            models.UniqueConstraint(fields=("user", "study", "site", "role", "valid_from"), name="one_assignment_each"),
            models.CheckConstraint(
                condition=models.Q(valid_until=None) | models.Q(valid_until__gte=models.F("valid_from")),
                name="assignment_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="assignment_role_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.site}"
