"""Signatures: who stands for a step, or for the closing of a deviation, and exactly what they signed."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.deviation import Deviation
from tracker.models.recorded_fact import AppendOnly
from tracker.models.step_record import StepRecord
from workflow.stages import Step

_ONE_SUBJECT = models.Q(step_record__isnull=False, deviation__isnull=True) | models.Q(
    step_record__isnull=True, deviation__isnull=False
)


class Meaning(models.TextChoices):
    """What the signature says; a step's meaning has the step's own code, unless it was reported afterwards."""

    ENROL = Step.ENROL.value, _("I have checked the criteria and enrol this participant")
    LEUKAPHERESIS = Step.LEUKAPHERESIS.value, _("I have checked the conditions and record the leukapheresis")
    LYMPHODEPLETION = Step.LYMPHODEPLETION.value, _("I have checked the conditions and record the first dose")
    INFUSION = Step.INFUSION.value, _("I have checked the conditions and record the infusion")
    FOLLOW_UP = Step.FOLLOW_UP.value, _("I record the start of follow-up")
    COMPLETE = Step.COMPLETE.value, _("I record the completion of the study")
    REPORTED = "reported", _("I report that this has happened")
    CORRECTION = "correction", _("I correct what was recorded")
    DEVIATION = "deviation", _("I have reviewed this deviation and close it")


class SignatureQuerySet(models.QuerySet["Signature"]):
    """Signatures can be read and added."""

    def update(self, **changes: Any) -> int:
        """Refused."""
        raise AppendOnly(f"signatures are never changed (tried to set {', '.join(changes)})")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise AppendOnly("signatures are never deleted")


class Signature(models.Model):
    """One person's signature under one step or one deviation; written once.

    `content` is what was signed, `content_hash` the SHA-256 of its canonical JSON; `evaluation_hash` that of what the
    gate answered when it was signed (of a deviation's evidence).
    """

    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("signer"), on_delete=models.PROTECT, related_name="signatures"
    )
    role = models.CharField(_("signed as"), max_length=20, blank=True)
    signed_at = models.DateTimeField(_("signed at"))
    meaning = models.CharField(_("meaning"), max_length=30, choices=Meaning)
    step_record = models.ForeignKey(
        StepRecord, verbose_name=_("step"), on_delete=models.PROTECT, null=True, blank=True, related_name="signatures"
    )
    deviation = models.ForeignKey(
        Deviation, verbose_name=_("deviation"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="signatures",
    )  # fmt: skip
    content = models.JSONField(_("what was signed"))
    content_hash = models.CharField(_("hash of what was signed"), max_length=64)
    evaluation_hash = models.CharField(_("hash of what the gate answered"), max_length=64)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ("signed_at", "pk")
        constraints = (
            models.CheckConstraint(condition=_ONE_SUBJECT, name="signature_is_under_a_step_or_a_deviation"),
            models.CheckConstraint(
                condition=models.Q(meaning__in=Meaning.values), name="signature_meaning_is_known"
            ),
            models.UniqueConstraint(
                fields=("step_record", "meaning"), condition=models.Q(step_record__isnull=False),
                name="one_signature_of_a_meaning_under_a_step",
            ),
            models.UniqueConstraint(
                fields=("deviation", "meaning"), condition=models.Q(deviation__isnull=False),
                name="one_signature_of_a_meaning_under_a_deviation",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.signer} {self.meaning} {self.signed_at:%Y-%m-%d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new row. Raises AppendOnly for one that exists."""
        if not self._state.adding:
            raise AppendOnly(f"signature {self.pk} is given already: it is never changed")
        super().save(*args, **kwargs)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:  # noqa: ARG002, FBT001, FBT002 - Django's own signature
        """Refused."""
        raise AppendOnly(f"signature {self.pk} is never deleted")
