"""Deviations: the protocol was not kept; drafted here, completed by a person."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.participant import Participant
from tracker.models.step_record import StepRecord


class DeviationStatus(models.TextChoices):
    """Where a deviation stands."""

    DRAFT = "draft", _("draft")
    CLOSED = "closed", _("closed")
    VOID = "void", _("void: the step was recorded in error")


class Deviation(models.Model):
    """One clause that was not kept. `evidence` holds what the rule answered, and on which facts it did.

    `reported_by` recorded what brought it to light, and may not close it. While it is a draft it holds later steps.
    It is void once its step was taken back; `closed_at` says when it was signed, or became void. `protocol_version` and
    `protocol_hash` say by which rules; "" in rows older than them.
    """

    participant = models.ForeignKey(
        Participant, verbose_name=_("participant"), on_delete=models.PROTECT, related_name="deviations"
    )
    step_record = models.ForeignKey(
        StepRecord, verbose_name=_("step"), on_delete=models.PROTECT, null=True, blank=True, related_name="deviations"
    )
    clause = models.CharField(_("clause"), max_length=60)
    protocol_version = models.CharField(_("protocol version"), max_length=40, blank=True)
    protocol_hash = models.CharField(_("hash of the rules"), max_length=64, blank=True)
    drafted_at = models.DateTimeField(_("drafted at"))
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("brought to light by"), on_delete=models.PROTECT, null=True,
        blank=True, related_name="+",
    )  # fmt: skip
    description = models.TextField(_("description"))
    evidence = models.JSONField(_("evidence"), default=dict)
    cause = models.TextField(_("cause"), blank=True)
    impact = models.TextField(_("impact"), blank=True)
    action = models.TextField(_("action taken"), blank=True)
    status = models.CharField(_("status"), max_length=20, choices=DeviationStatus, default=DeviationStatus.DRAFT)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

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
            models.CheckConstraint(
                condition=models.Q(status__in=(DeviationStatus.CLOSED, DeviationStatus.VOID), closed_at__isnull=False)
                | models.Q(status=DeviationStatus.DRAFT, closed_at__isnull=True),
                name="closed_deviation_says_when",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.participant} {self.clause}"

    @property
    def is_draft(self) -> bool:
        """Whether nobody has signed it yet."""
        return self.status == DeviationStatus.DRAFT

    @property
    def reporters(self) -> frozenset[int]:
        """Who may not close it, by key: who brought it to light, reported the step afterwards, or corrected it."""
        reported = {self.reported_by_id} if self.reported_by_id else set()
        step = self.step_record
        while step is not None:
            if step.reported_afterwards or step.corrects_id:
                reported.add(step.recorded_by_id)
            step = step.corrects
        return frozenset(reported)
