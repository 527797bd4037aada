"""Redactions: what two people agreed should stand nowhere any more, and never what it was."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.recorded_fact import AppendOnly


class RedactionQuerySet(models.QuerySet["Redaction"]):
    """Redactions can be read and asked for."""

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise AppendOnly("redactions are never deleted")


class Redaction(models.Model):
    """One value to be taken out: a column of some rows, which all held the same text. The value is not kept here.

    One person asks, another confirms; `done_at` says when it was taken out of the rows and of their audit trail.
    Until it is done the database lets exactly these columns of these rows be changed, and only once it is confirmed.
    """

    table = models.CharField(_("table"), max_length=63)
    column = models.CharField(_("column"), max_length=63)
    rows = models.JSONField(_("rows"))
    reason = models.CharField(_("reason"), max_length=500)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked for by"), on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked for at"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("confirmed by"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="+",
    )  # fmt: skip
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    objects = RedactionQuerySet.as_manager()

    class Meta:
        verbose_name = _("redaction")
        verbose_name_plural = _("redactions")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("asked_by")),
                name="redaction_takes_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(done_at=None) | models.Q(confirmed_by__isnull=False),
                name="redaction_is_confirmed_before_it_is_done",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.table} {self.column}"

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:  # noqa: ARG002, FBT001, FBT002 - Django's own signature
        """Refused."""
        raise AppendOnly(f"redaction {self.pk} is never deleted")
