"""Studies: which protocol is followed, and how many participants are wanted."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Study(models.Model):
    """One trial as it is run here. New participants consent to the protocol version whose file `protocol_id` names."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=300)
    title_zh = models.CharField(_("title in Chinese"), max_length=300, blank=True)
    protocol_id = models.CharField(
        _("protocol"), max_length=100, help_text=_("The version that new participants consent to.")
    )
    target_number = models.PositiveIntegerField(_("target number of participants"))
    dose_levels = models.JSONField(
        _("dose levels"), default=list, blank=True, help_text=_("The dose levels as the study lists them, in order.")
    )

    blinded_dose = models.BooleanField(
        _("blinded to the dose level"), default=False,
        help_text=_("Only the roles that must know it see the dose level of a participant."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("study")
        verbose_name_plural = _("studies")
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(condition=models.Q(target_number__gte=1), name="study_wants_participants"),
        )

    def __str__(self) -> str:
        return self.code

    def title_in(self, language: str) -> str:
        """The study's title as readers of a language know it."""
        return (language.startswith("zh") and self.title_zh) or self.title
