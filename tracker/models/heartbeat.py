"""Heartbeats: when the silent work was last done, so that silence does not look like safety."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

LATE = timedelta(minutes=2)
"""After so long without a sweep, reminders may be late and everybody has to know."""


class Heartbeat(models.Model):
    """The last time one kind of background work ran to its end: "sweep", "deliver", "seal" …."""

    name = models.CharField(_("work"), max_length=40, unique=True)
    at = models.DateTimeField(_("last done at"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name
