"""Pastes: what was brought in from a spreadsheet, line by line, and what became of each line."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tracker.models.laboratory import Laboratory
from tracker.models.participant import Participant
from tracker.models.recorded_fact import RecordedFact


class Outcome(models.TextChoices):
    """How a line was judged when it came in."""

    ACCEPTED = "accepted", _("recorded")
    DUPLICATE = "duplicate", _("on record already")
    QUARANTINED = "quarantined", _("set aside")


class Fate(models.TextChoices):
    """What became of a line since: only those that were set aside wait for somebody."""

    DONE = "done", _("done")
    WAITING = "waiting", _("waits")
    MENDED = "mended", _("mended and recorded")
    DISMISSED = "dismissed", _("dismissed")


class Import(models.Model):
    """One paste: who, when, the text as it came, and how many of its lines went where.

    The counts are those of the moment it came in and always add up: the database refuses others. `participant` is whose
    page it was pasted on; lines that name no other subject are about that one.
    """

    participant = models.ForeignKey(
        Participant, verbose_name=_("participant"), on_delete=models.PROTECT, related_name="imports"
    )
    laboratory = models.ForeignKey(Laboratory, verbose_name=_("laboratory"), on_delete=models.PROTECT, null=True)
    text = models.TextField(_("text as pasted"))
    pasted_at = models.DateTimeField(_("pasted at"))
    pasted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("pasted by"), on_delete=models.PROTECT, related_name="+"
    )
    lines_in = models.PositiveIntegerField(_("lines"))
    accepted = models.PositiveIntegerField(_("recorded"))
    duplicate = models.PositiveIntegerField(_("on record already"))
    quarantined = models.PositiveIntegerField(_("set aside"))

    class Meta:
        verbose_name = _("paste")
        verbose_name_plural = _("pastes")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(lines_in=F("accepted") + F("duplicate") + F("quarantined")), name="import_counts_reconcile"
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant} {self.lines_in}"


class ImportLine(models.Model):
    """One value of a paste. `typed` holds its cells as they came; `why` what was wrong with it, in the words of then.

    `fact` is what it was recorded as, or what was on record already.
    """

    batch = models.ForeignKey(Import, verbose_name=_("paste"), on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField(_("number"))
    typed = models.JSONField(_("as pasted"))
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome)
    why = models.CharField(_("why"), max_length=500, blank=True)
    fate = models.CharField(_("since then"), max_length=20, choices=Fate)
    participant = models.ForeignKey(
        Participant, verbose_name=_("participant"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    fact = models.ForeignKey(
        RecordedFact, verbose_name=_("fact"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("settled by"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="+",
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("line of a paste")
        verbose_name_plural = _("lines of pastes")
        ordering = ("batch", "number")
        constraints = (
            models.UniqueConstraint(fields=("batch", "number"), name="line_numbers_once_in_a_paste"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="line_outcome_is_known"),
            models.CheckConstraint(condition=Q(fate__in=Fate.values), name="line_fate_is_known"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.QUARANTINED) | Q(fate=Fate.DONE), name="only_what_was_set_aside_waits"
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.QUARANTINED) | Q(fact__isnull=False), name="what_was_taken_has_its_fact"
            ),
        )

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"
