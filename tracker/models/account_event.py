"""Account events: what happened to somebody's account, beside what the audit trail says of every row."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.recorded_fact import AppendOnly


class AccountEventKind(models.TextChoices):
    """What happened to an account."""

    CODES_ON = "codes_on", _("one-time codes switched on")
    CODES_OFF = "codes_off", _("one-time codes switched off")
    CODES_RESET = "codes_reset", _("one-time codes reset")
    BACKUP_RENEWED = "backup_renewed", _("new back-up codes")
    BACKUP_USED = "backup_used", _("signed in with a back-up code")
    LOCKED_OUT = "locked_out", _("locked out after wrong passwords or codes")
    RESET_ASKED = "reset_asked", _("a new password was asked for by e-mail")


class AccountEventQuerySet(models.QuerySet["AccountEvent"]):
    """Events can be read and added."""

    def update(self, **changes: Any) -> int:
        """Refused."""
        raise AppendOnly(f"account events are never changed (tried to set {', '.join(changes)})")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise AppendOnly("account events are never deleted")


class AccountEvent(models.Model):
    """What happened to somebody's account, without any secret. `by` is None where nobody had signed in."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.PROTECT, related_name="account_events"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=AccountEventKind)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="+",
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    objects = AccountEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("account event")
        verbose_name_plural = _("account events")
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=AccountEventKind.values), name="account_event_kind_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} {self.kind}"
