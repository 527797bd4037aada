"""Alert events: the history of every alert, kept for ever."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.alert import Alert
from tracker.models.recorded_fact import AppendOnly


class AlertEventKind(models.TextChoices):
    """What became of an alert, step by step."""

    RAISED = "raised", _("raised and told")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")
    SNOOZED = "snoozed", _("snoozed")
    ESCALATED = "escalated", _("escalated")
    ACKNOWLEDGEMENT_VOIDED = "acknowledgement_voided", _("acknowledgement void: the record has changed since")
    SNOOZE_VOIDED = "snooze_voided", _("snooze void: the record has changed since")
    SENT_AGAIN = "sent_again", _("a message was sent again")
    RESOLVED = "resolved", _("resolved")


class AlertEventQuerySet(models.QuerySet["AlertEvent"]):
    """Events can be read and added."""

    def update(self, **changes: Any) -> int:
        """Refused."""
        raise AppendOnly(f"the history of an alert is never changed (tried to set {', '.join(changes)})")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise AppendOnly("the history of an alert is never deleted")


class AlertEvent(models.Model):
    """One thing that happened to an alert. `by` is None where the program did it by itself.

    `round` is the alert's own at that time: what was acknowledged or snoozed in an earlier round is void. `until` is
    the end of a snooze, `note` what the person wrote, or why the alert was resolved.
    """

    alert = models.ForeignKey(Alert, verbose_name=_("alert"), on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(_("at"))
    kind = models.CharField(_("kind"), max_length=30, choices=AlertEventKind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="+",
    )  # fmt: skip
    round = models.PositiveIntegerField(_("round"), default=0)
    note = models.CharField(_("note"), max_length=500, blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)

    objects = AlertEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event of an alert")
        verbose_name_plural = _("events of an alert")
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=AlertEventKind.values), name="alert_event_is_known"),
            models.CheckConstraint(
                condition=~models.Q(kind="snoozed") | models.Q(by__isnull=False, until__gt=models.F("at")),
                name="snooze_says_who_and_until_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.alert} {self.kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new row. Raises AppendOnly for one that exists."""
        if not self._state.adding:
            raise AppendOnly(f"event {self.pk} is written already: the history of an alert is never changed")
        super().save(*args, **kwargs)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:  # noqa: ARG002, FBT001, FBT002 - Django's own signature
        """Refused."""
        raise AppendOnly(f"event {self.pk} is never deleted")
