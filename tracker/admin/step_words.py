"""What the journey's steps are called on buttons, and what confirming one will do."""

from django.utils.translation import gettext as _

from tracker.admin.journey_card import STAGE_OF_STEP
from tracker.wording import Voice
from workflow.stages import Step


def step_label(voice: Voice, step: Step) -> str:
    """The words of a step's button: the protocol's own where it has some."""
    definition = voice.protocol.steps.get(step)
    if definition:
        return voice.label(definition)
    return {
        Step.SCREEN_FAIL: _("Record a screen failure"),
        Step.WITHDRAW: _("Record a withdrawal of consent"),
        Step.RECORD_DEATH: _("Record a death"),
        Step.LOSE_TO_FOLLOW_UP: _("Record a loss to follow-up"),
        Step.RESCREEN: _("Screen again with a new consent"),
    }.get(step, step.value)


def consequence(voice: Voice, step: Step, subject_number: str) -> str:
    """What the confirming button says it does."""
    stage = voice.label(voice.protocol.stages[STAGE_OF_STEP[step]])
    return _("Record it and move %(subject)s to “%(stage)s”") % {"subject": subject_number, "stage": stage}
