"""What somebody must do next about a participant, and what lies ahead of each: made equal to what the protocol answers.

Today reads these rows, so that it need not ask the protocol about everybody whenever somebody looks.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.participant import Participant
from workflow.findings import Outcome
from workflow.stages import Step

_STEPS = ["", *(step.value for step in Step)]
_OUTCOMES = ["", *(outcome.value for outcome in Outcome)]


class Work(models.TextChoices):
    """What kind of thing is to be done; `WorkItem.subject` says about what."""

    PANEL = "panel", _("enter laboratory results")
    RECORD = "record", _("record")
    MEASURE = "measure", _("measure")
    SAMPLE = "sample", _("draw a sample")
    RESULT = "result", _("enter a result")
    END = "end", _("record an end")
    LIMIT = "limit", _("add an upper limit")
    LOOK_BACK = "look_back", _("document a look-back")
    LATER = "later", _("move a plan")
    RELEASE = "release", _("end a hold")
    DECIDE = "decide", _("decide")
    PLAN = "plan", _("plan a step")
    TAKE = "take", _("take a step")
    DEVIATION = "deviation", _("complete a deviation")


class Outlook(models.Model):
    """What one participant's journey expects next.

    `next_step` is "" once nothing is expected any more; `planned_at` is when it is planned (None: it is not).
    `open_conditions` counts what stops it: at its plan, or, without one, now. `worst` is the worst outcome among them
    ("" where none is open), `urgency` its rank, the worst lowest. `can_clear` says how many can still clear by then.
    """

    participant = models.OneToOneField(
        Participant, verbose_name=_("participant"), on_delete=models.PROTECT, related_name="outlook"
    )
    next_step = models.CharField(_("next step"), max_length=20, blank=True)
    cannot_be_undone = models.BooleanField(_("cannot be undone"), default=False)
    planned_at = models.DateTimeField(_("planned for"), null=True, blank=True)
    open_conditions = models.PositiveIntegerField(_("open conditions"), default=0)
    can_clear = models.PositiveIntegerField(_("of which can clear before then"), default=0)
    worst = models.CharField(_("worst state"), max_length=20, blank=True)
    urgency = models.PositiveSmallIntegerField(_("urgency"), default=9)

    class Meta:
        verbose_name = _("outlook")
        verbose_name_plural = _("outlooks")
        ordering = ("planned_at", "participant")
        indexes = (models.Index(fields=("planned_at",), name="outlook_by_plan"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(next_step__in=_STEPS), name="outlook_names_a_step_there_is"),
            models.CheckConstraint(
                condition=models.Q(can_clear__lte=models.F("open_conditions")), name="outlook_clears_what_is_open"
            ),
            models.CheckConstraint(condition=models.Q(worst__in=_OUTCOMES), name="outlook_state_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.participant} {self.next_step}"


class WorkItem(models.Model):
    """One thing to do about one participant, before a step ("" where it is before none).

    `subject` names the concept, the step or the clause that it is about; `row` the recorded fact (by its key) or the
    deviation (by its number). `about` lists the clauses that ask for it: each with the occurrence of its deadline (0:
    it has none) and its outcome. It counts from `opens_at` and is owed by `due_at`; what is owed at once has none, and
    `since` says since when. `before_at` is the planned start of the irreversible step that waits for it. `roles` are
    those that are told, or that attest it, with a blank before and behind each. A row is never deleted: what is no
    longer to be done is not `is_open`, and opens again should it be.
    """

    participant = models.ForeignKey(
        Participant, verbose_name=_("participant"), on_delete=models.PROTECT, related_name="work"
    )
    step = models.CharField(_("before which step"), max_length=20, blank=True)
    action = models.CharField(_("what"), max_length=20, choices=Work)
    subject = models.CharField(_("about"), max_length=80, blank=True)
    row = models.CharField(_("row"), max_length=40, blank=True)
    about = models.JSONField(_("clauses"), default=list)
    state = models.CharField(_("state"), max_length=20, blank=True)
    roles = models.CharField(_("roles"), max_length=200, blank=True)
    opens_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    since = models.DateTimeField(_("owed since"), null=True, blank=True)
    before_at = models.DateTimeField(_("before a start at"), null=True, blank=True)
    is_open = models.BooleanField(_("to be done"), default=True)

    class Meta:
        verbose_name = _("work item")
        verbose_name_plural = _("work items")
        ordering = ("before_at", "due_at", "participant", "pk")
        indexes = (
            models.Index(fields=("participant", "due_at"), name="work_to_be_done", condition=models.Q(is_open=True)),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("participant", "step", "action", "subject", "row"), name="one_work_item_for_each_thing_to_do"
            ),
            models.CheckConstraint(condition=models.Q(action__in=Work.values), name="work_action_is_known"),
            models.CheckConstraint(condition=models.Q(step__in=_STEPS), name="work_names_a_step_there_is"),
            models.CheckConstraint(condition=models.Q(state__in=_OUTCOMES), name="work_state_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.participant} {self.action} {self.subject}"
