"""The journal: one row for each move of a participant, written once."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from tracker.models.machine import STAGE_LABELS
from tracker.models.participant import Participant
from tracker.models.recorded_fact import RecordedFact
from workflow.stages import Stage, Step

STEP_LABELS = (
    (Step.ENROL.value, _("Enrol")),
    (Step.LEUKAPHERESIS.value, _("Leukapheresis")),
    (Step.LYMPHODEPLETION.value, _("Lymphodepletion")),
    (Step.INFUSION.value, _("Infusion")),
    (Step.FOLLOW_UP.value, _("Follow-up")),
    (Step.COMPLETE.value, _("Complete")),
    (Step.SCREEN_FAIL.value, _("Screen failure")),
    (Step.WITHDRAW.value, _("Withdrawal")),
    (Step.RECORD_DEATH.value, _("Death")),
    (Step.LOSE_TO_FOLLOW_UP.value, _("Lost to follow-up")),
    (Step.RESCREEN.value, _("Re-screening")),
)


class StepRecordQuerySet(models.QuerySet["StepRecord"]):
    """The journal, and what of it still stands."""

    def standing(self, known: datetime | None = None) -> "StepRecordQuerySet":
        """The rows that speak and happened, in the order in which the steps were first recorded.

        The latest row of a corrected step speaks; one that says that the step was recorded in error takes it out.
        `known` asks what stood at an instant, what was recorded at that instant included.
        """
        rows = self.filter(in_error=False)
        if known is None:
            rows = rows.filter(correction__isnull=True)
        else:
            silenced = models.Q(correction__recorded_at__lte=known)
            rows = rows.filter(recorded_at__lte=known).exclude(silenced)
        return rows.order_by(Coalesce("original_id", "pk"))


class StepRecord(models.Model):
    """One step: who, when it happened, when it was recorded, from, to, why, on what evidence, by which protocol.

    `evidence` lists what each rule of the gate answered: [{"clause": ..., "outcome": ...}]. `protocol_hash` identifies
    the rules; "" in rows older than it.

    A step is never changed: it is corrected by a new row that `corrects` it, with the reason; `original` is the first
    row of that step. A correction gives the time at which the step really happened, or says `in_error`: it never
    happened, and the participant went back from `from_stage` to `to_stage`.
    """

    participant = models.ForeignKey(
        Participant, verbose_name=_("participant"), on_delete=models.PROTECT, related_name="steps"
    )
    step = models.CharField(_("step"), max_length=30, choices=STEP_LABELS)
    from_stage = models.CharField(_("from"), max_length=50, choices=STAGE_LABELS)
    to_stage = models.CharField(_("to"), max_length=50, choices=STAGE_LABELS)
    happened_at = models.DateTimeField(_("happened at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("recorded by"), on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    reported_afterwards = models.BooleanField(_("reported afterwards"), default=False)
    protocol_version = models.CharField(_("protocol version"), max_length=40)
    protocol_hash = models.CharField(_("hash of the rules"), max_length=64, blank=True)
    evidence = models.JSONField(_("evidence"), default=list)
    fact = models.OneToOneField(RecordedFact, verbose_name=_("fact"), on_delete=models.PROTECT, related_name="step")
    corrects = models.OneToOneField(
        "self", verbose_name=_("corrects"), on_delete=models.PROTECT, null=True, blank=True, related_name="correction"
    )
    original = models.ForeignKey(
        "self", verbose_name=_("first recorded as"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    in_error = models.BooleanField(_("recorded in error"), default=False)

    objects = StepRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ("recorded_at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(from_stage__in=[stage.value for stage in Stage])
                & models.Q(to_stage__in=[stage.value for stage in Stage]),
                name="step_stages_are_known",
            ),
            models.CheckConstraint(condition=models.Q(step__in=[step.value for step in Step]), name="step_is_known"),
            models.CheckConstraint(
                condition=models.Q(happened_at__lte=models.F("recorded_at")), name="step_is_recorded_after_it_happened"
            ),
            models.CheckConstraint(
                condition=models.Q(corrects__isnull=True, original__isnull=True, in_error=False)
                | models.Q(corrects__isnull=False, original__isnull=False),
                name="step_correction_says_what_it_corrects",
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant} · {self.get_step_display()}"

    @property
    def first(self) -> "StepRecord":
        """The row with which this step was first recorded."""
        return self.original or self

    @property
    def speaking(self) -> "StepRecord":
        """The row that speaks for this step now."""
        return self._corrections().last() or self

    def speaking_at(self, instant: datetime) -> "StepRecord":
        """The row that spoke for this step at an instant at which this one was recorded."""
        return self._corrections().filter(recorded_at__lte=instant).last() or self

    def _corrections(self) -> StepRecordQuerySet:
        """What corrected the step since this row, in order."""
        return StepRecord.objects.filter(original=self.first, pk__gt=self.pk).order_by("pk")
