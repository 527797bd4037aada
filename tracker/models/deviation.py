"""Deviations: the protocol was not kept; drafted here, completed by a person."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.participant import Participant
from tracker.models.step_record import StepRecord


class DeviationStatus(models.TextChoices):
    """Where a deviation stands."""

    DRAFT = "draft", _("draft")
    CLOSED = "closed", _("closed")


class Deviation(models.Model):
    """One clause that was not kept. `evidence` holds what the rule answered, and on which facts it did."""

    participant = models.ForeignKey(
        Participant, verbose_name=_("participant"), on_delete=models.PROTECT, related_name="deviations"
    )
    step_record = models.ForeignKey(
        StepRecord, verbose_name=_("step"), on_delete=models.PROTECT, null=True, blank=True, related_name="deviations"
    )
    clause = models.CharField(_("clause"), max_length=60)
    drafted_at = models.DateTimeField(_("drafted at"))
    description = models.TextField(_("description"))
    evidence = models.JSONField(_("evidence"), default=dict)
    cause = models.TextField(_("cause"), blank=True)
    impact = models.TextField(_("impact"), blank=True)
    action = models.TextField(_("action taken"), blank=True)
    status = models.CharField(_("status"), max_length=20, choices=DeviationStatus, default=DeviationStatus.DRAFT)

    class Meta:
        verbose_name = _("deviation")
        verbose_name_plural = _("deviations")
        ordering = ("-drafted_at", "clause")
        constraints = (
            models.UniqueConstraint(
                fields=("step_record", "clause"), condition=models.Q(step_record__isnull=False),
                name="one_deviation_for_each_clause_of_a_step",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=DeviationStatus.values), name="deviation_status_is_known"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.participant} {self.clause}"
