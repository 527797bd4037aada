"""Recorded facts: every version of everything known, kept for ever."""

import uuid
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.laboratory import Laboratory
from tracker.models.participant import Participant
from tracker.models.study import Study
from workflow.facts import FactStatus as Status

_ONE_OWNER = models.Q(participant__isnull=False, study__isnull=True) | models.Q(
    participant__isnull=True, study__isnull=False
)


class FactStatus(models.TextChoices):
    """What became of a fact."""

    PLANNED = Status.PLANNED.value, _("planned")
    DONE = Status.DONE.value, _("done")
    CANCELLED = Status.CANCELLED.value, _("cancelled")
    ENTERED_IN_ERROR = Status.ENTERED_IN_ERROR.value, _("entered in error")


class AppendOnly(Exception):
    """Somebody tried to change or to delete a recorded fact."""


class RecordedFactQuerySet(models.QuerySet["RecordedFact"]):
    """Facts can be read and added."""

    def update(self, **changes: Any) -> int:
        """Refused."""
        raise AppendOnly(f"recorded facts are never changed (tried to set {', '.join(changes)}): record a new version")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise AppendOnly("recorded facts are never deleted: record a version that is entered in error")


class RecordedFact(models.Model):
    """One version of one thing known about a participant, or about the study.

    Versions of one thing share `key`; the highest version speaks for it. `at`, `until`, `resulted_at` and
    `recorded_at` mean what they mean in workflow.facts.Fact. Where only a date is known, `at_is_date` is set and `at`
    is the first instant of that day at the site (of the UTC day for a study): read `moment`. Numbers are kept as the
    exact digits that were entered, `typed` is the whole text, a bound's sign included. `questioned` is the range of
    what people usually have, where a number outside it was asked about and kept. `laboratory` is who measured it.
    """

    participant = models.ForeignKey(
        Participant, verbose_name=_("participant"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="facts",
    )  # fmt: skip
    study = models.ForeignKey(
        Study, verbose_name=_("study"), on_delete=models.PROTECT, null=True, blank=True, related_name="facts"
    )
    key = models.UUIDField(_("key"), default=uuid.uuid4, db_index=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    concept = models.CharField(_("concept"), max_length=60)
    at = models.DateTimeField(_("at"))
    at_is_date = models.BooleanField(_("date only"), default=False)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    until_is_date = models.BooleanField(_("end date only"), default=False)
    resulted_at = models.DateTimeField(_("result out at"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("recorded by"), on_delete=models.PROTECT, related_name="+"
    )
    value = models.CharField(_("value"), max_length=100, blank=True)
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    comparator = models.CharField(_("comparator"), max_length=2, default="=")
    upper_limit = models.CharField(_("upper limit of normal"), max_length=40, blank=True)
    typed = models.CharField(_("as typed"), max_length=100, blank=True)
    questioned = models.CharField(_("asked about, and kept"), max_length=100, blank=True)
    laboratory = models.ForeignKey(
        Laboratory, verbose_name=_("laboratory"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    dose = models.CharField(_("dose"), max_length=60, blank=True)
    route = models.CharField(_("route"), max_length=60, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=FactStatus, default=FactStatus.DONE)
    detail = models.CharField(_("detail"), max_length=500, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    objects = RecordedFactQuerySet.as_manager()

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        ordering = ("recorded_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("key", "version"), name="one_row_for_each_version_of_a_fact"),
            models.CheckConstraint(condition=_ONE_OWNER, name="fact_is_of_a_participant_or_of_a_study"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="fact_versions_count_from_one"),
            models.CheckConstraint(condition=models.Q(status__in=FactStatus.values), name="fact_status_is_known"),
            models.CheckConstraint(
                condition=models.Q(comparator__in=("=", "<", "<=", ">", ">=")), name="fact_comparator_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.concept} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new row. Raises AppendOnly for one that exists."""
        if not self._state.adding:
            raise AppendOnly(f"fact {self.pk} is recorded already: record a new version of its key instead")
        super().save(*args, **kwargs)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:  # noqa: ARG002, FBT001, FBT002 - Django's own signature
        """Refused."""
        raise AppendOnly(f"fact {self.pk} is never deleted: record a version that is entered in error")

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which a date without a time is meant."""
        return self.participant.zone if self.participant else ZoneInfo("UTC")

    @property
    def moment(self) -> datetime | date:
        """When it happened: an instant in UTC, or a date where only that is known."""
        return self.at.astimezone(self.zone).date() if self.at_is_date else self.at.astimezone(UTC)

    @property
    def until_moment(self) -> datetime | date | None:
        """When it ended, if it did: an instant in UTC, or a date where only that is known."""
        if self.until is None:
            return None
        return self.until.astimezone(self.zone).date() if self.until_is_date else self.until.astimezone(UTC)
