"""Tracked deadlines: what is owed, kept equal to what the protocol answers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.participant import Participant
from workflow.deadlines import DeadlineStatus as Status


class DeadlineStatus(models.TextChoices):
    """Where an obligation stands."""

    UPCOMING = Status.UPCOMING.value, _("upcoming")
    OPEN = Status.OPEN.value, _("open")
    MET = Status.MET.value, _("met")
    OVERDUE = Status.OVERDUE.value, _("overdue")
    CANCELLED = Status.CANCELLED.value, _("cancelled")
    NOT_APPLICABLE = Status.NOT_APPLICABLE.value, _("not applicable")
    ELIGIBILITY_INVALIDATED = Status.ELIGIBILITY_INVALIDATED.value, _("eligibility invalidated")


class TrackedDeadline(models.Model):
    """The obligation of one clause and one occurrence of its anchor; the fields mean what they mean in Deadline."""

    participant = models.ForeignKey(
        Participant, verbose_name=_("participant"), on_delete=models.PROTECT, related_name="deadlines"
    )
    clause = models.CharField(_("clause"), max_length=60)
    occurrence = models.PositiveIntegerField(_("occurrence"), default=1)
    status = models.CharField(_("status"), max_length=30, choices=DeadlineStatus)
    opens_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    valid_until = models.DateTimeField(_("evidence valid until"), null=True, blank=True)
    required_through = models.DateField(_("required through"), null=True, blank=True)
    raised_at = models.DateTimeField(_("raised at"), null=True, blank=True)
    updated_at = models.DateTimeField(_("last changed at"))

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        ordering = ("due_at", "clause", "occurrence")
        constraints = (
            models.UniqueConstraint(
                fields=("participant", "clause", "occurrence"), name="one_deadline_for_each_occurrence_of_a_clause"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=DeadlineStatus.values), name="deadline_status_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant} {self.clause} {self.occurrence}"
