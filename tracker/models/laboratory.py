"""Laboratories: who measured, and from which number on each of them calls a result too high."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.participant import Sex
from tracker.models.site import Site


class Laboratory(models.Model):
    """One laboratory whose results a site enters: its own, or one outside."""

    site = models.ForeignKey(Site, verbose_name=_("site"), on_delete=models.PROTECT, related_name="laboratories")
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        verbose_name = _("laboratory")
        verbose_name_plural = _("laboratories")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("site", "name"), name="laboratory_name_once_for_each_site"),)

    def __str__(self) -> str:
        return self.name


class UpperLimit(models.Model):
    """The upper limit of normal that a laboratory states for a test, from a day at the site on.

    Never changed: another limit is another row, from its own day on, with the reason. `value` is the exact text that
    was entered, in `unit`, a UCUM code. Limits differ by sex.
    """

    laboratory = models.ForeignKey(
        Laboratory, verbose_name=_("laboratory"), on_delete=models.PROTECT, related_name="upper_limits"
    )
    concept = models.CharField(_("concept"), max_length=60)
    sex = models.CharField(_("sex"), max_length=10, choices=Sex)
    value = models.CharField(_("upper limit of normal"), max_length=40)
    unit = models.CharField(_("unit"), max_length=30)
    valid_from = models.DateField(_("valid from"))
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("upper limit of a laboratory")
        verbose_name_plural = _("upper limits of laboratories")
        ordering = ("valid_from", "pk")
        indexes = (models.Index(fields=("laboratory", "concept", "sex"), name="limits_of_a_laboratory"),)

    def __str__(self) -> str:
        return f"{self.concept} {self.value} {self.unit}"
