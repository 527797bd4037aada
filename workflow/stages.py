"""The names of the journey's stages, and of the steps between them."""

from enum import StrEnum


class Stage(StrEnum):
    """Where a participant stands. The last five end the journey (a screen failure until a new consent)."""

    SCREENING = "screening"
    ENROLLED = "enrolled"
    LEUKAPHERESIS = "leukapheresis"
    LYMPHODEPLETION = "lymphodepletion"
    INFUSION = "infusion"
    FOLLOW_UP = "follow_up"
    COMPLETED = "completed"
    SCREEN_FAILED = "screen_failed"
    WITHDRAWN = "withdrawn"
    DIED = "died"
    LOST_TO_FOLLOW_UP = "lost_to_follow_up"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more may be asked of the participant."""
        return self in TERMINAL_STAGES


TERMINAL_STAGES = frozenset(
    {Stage.COMPLETED, Stage.SCREEN_FAILED, Stage.WITHDRAWN, Stage.DIED, Stage.LOST_TO_FOLLOW_UP}
)


class Step(StrEnum):
    """One move of the journey; the first five are guarded by a gate of protocol rules."""

    ENROL = "enrol"
    LEUKAPHERESIS = "leukapheresis"
    LYMPHODEPLETION = "lymphodepletion"
    INFUSION = "infusion"
    FOLLOW_UP = "follow_up"
    COMPLETE = "complete"
    SCREEN_FAIL = "screen_fail"
    WITHDRAW = "withdraw"
    RECORD_DEATH = "record_death"
    LOSE_TO_FOLLOW_UP = "lose_to_follow_up"
    RESCREEN = "rescreen"


GUARDED_STEPS = (Step.ENROL, Step.LEUKAPHERESIS, Step.LYMPHODEPLETION, Step.INFUSION, Step.FOLLOW_UP)
