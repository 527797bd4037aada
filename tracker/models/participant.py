"""Participants: one row a person in a study, and where the person stands."""

from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.machine import Machine
from tracker.models.site import Site
from tracker.models.study import Study
from workflow.facts import Sex as SexCode
from workflow.facts import Subject
from workflow.stages import Stage


class Sex(models.TextChoices):
    """Administrative sex."""

    FEMALE = SexCode.FEMALE.value, _("female")
    MALE = SexCode.MALE.value, _("male")


class Participant(Machine):
    """One person in one study, known by the subject number only.

    `episode` counts the screenings. `reassess_after` is the next instant at which anything about this participant may
    change by itself; the sweep reads nothing else. None: nothing will. `set_aside_since` says since when reassessing
    fails, so that no reminder is computed. None: it does not.

    `protocol_id` names the file of the version she is under, made equal to what her consents say; `first_protocol_id`
    that of the one which held before any consent named a version. What the study follows since changes neither.
    """

    study = models.ForeignKey(Study, verbose_name=_("study"), on_delete=models.PROTECT, related_name="participants")
    site = models.ForeignKey(Site, verbose_name=_("site"), on_delete=models.PROTECT, related_name="participants")
    subject_number = models.CharField(_("subject number"), max_length=40)
    sex = models.CharField(_("sex"), max_length=10, choices=Sex)
    birth_date = models.DateField(_("date of birth"))
    dose_level = models.CharField(_("dose level"), max_length=100, blank=True)
    protocol_id = models.CharField(_("protocol version"), max_length=100)
    first_protocol_id = models.CharField(_("protocol version before the consent"), max_length=100)
    episode = models.PositiveIntegerField(_("screening episode"), default=1)
    reassess_after = models.DateTimeField(_("next reassessment"), null=True, blank=True)
    set_aside_since = models.DateTimeField(_("not reassessed since"), null=True, blank=True)
    created_at = models.DateTimeField(_("registered at"))

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ("study", "subject_number")
        indexes = (
            # The sweep, which asks every few seconds who is due, and the readings for /metrics.
            models.Index(
                fields=("reassess_after",), name="participant_to_reassess",
                condition=models.Q(reassess_after__isnull=False),
            ),
        )  # fmt: skip
        constraints = (
            models.UniqueConstraint(
                fields=("study", "subject_number"), name="subject_number_is_unique_in_a_study",
                violation_error_message=_("This subject number is already taken in this study."),
            ),
            models.CheckConstraint(
                condition=models.Q(stage__in=[stage.value for stage in Stage]), name="participant_stage_is_known"
            ),
            models.CheckConstraint(condition=models.Q(sex__in=Sex.values), name="participant_sex_is_known"),
            models.CheckConstraint(condition=models.Q(episode__gte=1), name="participant_episode_counts_from_one"),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.subject_number

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the participant's site."""
        return self.site.zone

    @property
    def subject(self) -> Subject:
        """What the rules need to know of the person."""
        return Subject(sex=SexCode(self.sex), birth_date=self.birth_date)

    @property
    def ended(self) -> bool:
        """Whether the journey has ended (a screen failure: until a new consent)."""
        return Stage(self.stage).is_terminal
