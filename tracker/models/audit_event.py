"""Audit events: every change of every row, written by the database itself; and the seals that chain them."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.recorded_fact import AppendOnly


class Operation(models.TextChoices):
    """What was done to a row. A baseline is what a row held when the audit trail began."""

    BASELINE = "baseline", _("found")
    INSERT = "insert", _("written")
    UPDATE = "update", _("changed")
    DELETE = "delete", _("deleted")


class WrittenByTheDatabase(models.QuerySet[Any]):
    """Rows can be read; a trigger or the sealer adds them, and the database refuses every change."""

    def update(self, **changes: Any) -> int:
        """Refused."""
        raise AppendOnly(f"the audit trail is never changed (tried to set {', '.join(changes)})")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise AppendOnly("the audit trail is never deleted")


class AuditEvent(models.Model):
    """One change of one row, as the database saw it. `old` and `new` hold the columns that differ, by name.

    `at` is the database server's clock, in UTC. `actor` is the user's number, None where nobody had signed in;
    `program` is the process that wrote. A password is never copied: `password_changed` says that it became another.
    `salt` keeps what was taken out of an event from being guessed by trying: see tracker/audit/digests.py.
    """

    at = models.DateTimeField(_("at"))
    table = models.CharField(_("table"), max_length=63)
    row = models.CharField(_("row"), max_length=40)
    operation = models.CharField(_("operation"), max_length=10, choices=Operation)
    old = models.JSONField(_("before"), null=True)
    new = models.JSONField(_("after"), null=True)
    actor = models.BigIntegerField(_("user"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    program = models.CharField(_("program"), max_length=100, blank=True)
    # None is an event from before events were salted; an empty text would be another value to keep apart.
    salt = models.TextField(_("salt"), null=True, editable=False)

    objects = WrittenByTheDatabase.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        ordering = ("pk",)
        # The history of one row: the audit page, and the comparison of a row with its history.
        indexes = (models.Index(fields=("table", "row"), name="audit_of_a_row"),)

    def __str__(self) -> str:
        return f"{self.table} {self.row} {self.operation}"


class AuditSeal(models.Model):
    """One link of the chain: the digest of an event and of the link before it.

    Positions count from one, without gaps.
    """

    position = models.BigIntegerField(_("position"), primary_key=True)
    event = models.OneToOneField(AuditEvent, verbose_name=_("event"), on_delete=models.PROTECT, related_name="seal")
    digest = models.CharField(_("digest"), max_length=64)

    objects = WrittenByTheDatabase.as_manager()

    class Meta:
        verbose_name = _("seal of the audit trail")
        verbose_name_plural = _("seals of the audit trail")
        ordering = ("position",)

    def __str__(self) -> str:
        return f"{self.position} {self.digest[:12]}"
