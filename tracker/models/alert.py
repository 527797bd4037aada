"""Alerts: something that somebody must act on."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.tracked_deadline import TrackedDeadline


class AlertStatus(models.TextChoices):
    """Where an alert stands. Acknowledging it closes nothing: the obligation stays."""

    RAISED = "raised", _("raised")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")
    RESOLVED = "resolved", _("resolved")


class Resolution(models.TextChoices):
    """Why an alert needs nobody any more."""

    DONE = "done", _("done")
    PLAN_MOVED = "plan_moved", _("the plan was moved")
    SUPERSEDED = "superseded", _("followed by a later reminder")
    JOURNEY_ENDED = "journey_ended", _("the journey ended")
    CORRECTED = "corrected", _("the record was corrected")


class Alert(models.Model):
    """One rung of a deadline's ladder that came due. `say` is the protocol file's words for what to do.

    `due_at` is copied from the deadline: a moved due time makes it another alert. `tell` holds the roles told;
    `escalates_to` are told as well at `escalates_at` unless somebody has acknowledged by then.

    `rests_on` names the versions of facts that the deadline rested on when people were told. Where something recorded
    since has voided what was acknowledged or snoozed, the alert is told anew: `round` counts how often, and
    `renewed_at` says when that was last.
    """

    deadline = models.ForeignKey(
        TrackedDeadline, verbose_name=_("deadline"), on_delete=models.PROTECT, related_name="alerts"
    )
    rung = models.CharField(_("rung"), max_length=60)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    raised_at = models.DateTimeField(_("raised at"))
    urgent = models.BooleanField(_("urgent"), default=False)
    say = models.CharField(_("what to do"), max_length=300)
    say_zh = models.CharField(_("what to do, in Chinese"), max_length=300, blank=True)
    tell = models.JSONField(_("roles told"), default=list)
    fault = models.CharField(_("fault of the set-up"), max_length=300, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=AlertStatus, default=AlertStatus.RAISED)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("acknowledged by"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="+",
    )  # fmt: skip
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    acknowledged_note = models.CharField(_("note"), max_length=500, blank=True)
    escalates_to = models.JSONField(_("roles told if nobody acknowledges"), default=list, blank=True)
    escalates_at = models.DateTimeField(_("escalates at"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("escalated at"), null=True, blank=True)
    rests_on = models.JSONField(_("what it rests on"), default=list, blank=True)
    round = models.PositiveIntegerField(_("round"), default=0)
    renewed_at = models.DateTimeField(_("told anew at"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolution = models.CharField(_("resolution"), max_length=20, choices=Resolution, blank=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ("-urgent", "due_at", "pk")
        constraints = (
            # Also read by every reassessment, which asks for the alerts that stand for some deadlines.
            models.UniqueConstraint(
                fields=("deadline", "rung", "due_at"), condition=~models.Q(status=AlertStatus.RESOLVED),
                name="one_unresolved_alert_for_each_rung",
            ),
            models.UniqueConstraint(
                fields=("deadline", "rung"), condition=~models.Q(status=AlertStatus.RESOLVED) & models.Q(due_at=None),
                name="one_unresolved_alert_for_each_rung_without_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(status=AlertStatus.RESOLVED, resolved_at__isnull=False)
                & models.Q(resolution__in=Resolution.values)
                | ~models.Q(status=AlertStatus.RESOLVED) & models.Q(resolved_at__isnull=True, resolution=""),
                name="resolved_alert_says_when_and_why",
            ),
            models.CheckConstraint(condition=models.Q(status__in=AlertStatus.values), name="alert_status_is_known"),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.deadline} {self.rung}"

    @property
    def told_at(self) -> datetime:
        """When people were last told that it stands."""
        return self.renewed_at or self.raised_at

    def say_in(self, language: str) -> str:
        """What to do, in the reader's language where the protocol file has it."""
        return (language.startswith("zh") and self.say_zh) or self.say
