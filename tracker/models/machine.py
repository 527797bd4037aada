"""The participant's state machine: which stage may follow which. The only module that knows django_fsm."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import (
    GET_STATE,
    ConcurrentTransition,
    ConcurrentTransitionMixin,
    FSMField,
    TransitionNotAllowed,
    transition,
)

from workflow.stages import Stage, Step

__all__ = ["ConcurrentTransition", "Machine", "StageField", "TransitionNotAllowed", "edges"]

STAGE_LABELS = (
    (Stage.SCREENING.value, _("Screening")),
    (Stage.ENROLLED.value, _("Enrolled")),
    (Stage.LEUKAPHERESIS.value, _("Leukapheresis")),
    (Stage.LYMPHODEPLETION.value, _("Lymphodepletion")),
    (Stage.INFUSION.value, _("Infusion")),
    (Stage.FOLLOW_UP.value, _("Follow-up")),
    (Stage.COMPLETED.value, _("Completed")),
    (Stage.SCREEN_FAILED.value, _("Screen failed")),
    (Stage.WITHDRAWN.value, _("Withdrawn")),
    (Stage.DIED.value, _("Died")),
    (Stage.LOST_TO_FOLLOW_UP.value, _("Lost to follow-up")),
)
_ON_THE_WAY = [stage.value for stage in Stage if not stage.is_terminal]


class StageField(FSMField):
    """The field that holds the stage; named here so that migrations need not know django_fsm either."""


def _edge(sources: Iterable[Stage | str], target: Stage) -> Any:
    return transition(field="stage", source=[str(source) for source in sources], target=target.value)


def _left_before(_machine: "Machine", stage: Stage) -> str:
    return stage.value


_BACK_TO = GET_STATE(_left_before, states=[*_ON_THE_WAY, Stage.SCREEN_FAILED.value])
"""Wherever a step leads away from."""


class Machine(ConcurrentTransitionMixin, models.Model):
    """The stage and its edges. A method declares an edge and does nothing else; one service calls them.

    Saving a row whose stage was moved by somebody else meanwhile raises ConcurrentTransition: a second line behind the
    row lock.
    """

    stage = StageField(_("stage"), choices=STAGE_LABELS, default=Stage.SCREENING.value, protected=True, db_index=True)

    class Meta:
        abstract = True

    @_edge([Stage.SCREENING], Stage.ENROLLED)
    def enrol(self) -> None:
        """Eligibility signed."""

    @_edge([Stage.ENROLLED, Stage.LEUKAPHERESIS, Stage.LYMPHODEPLETION], Stage.LEUKAPHERESIS)
    def leukapheresis(self) -> None:
        """Cells are collected; again when the first collection or its product did not do."""

    @_edge([Stage.LEUKAPHERESIS, Stage.LYMPHODEPLETION], Stage.LYMPHODEPLETION)
    def lymphodepletion(self) -> None:
        """The first dose of a course; a second course when the infusion was cancelled."""

    @_edge([Stage.LYMPHODEPLETION], Stage.INFUSION)
    def infusion(self) -> None:
        """The product is given, once."""

    @_edge([Stage.LEUKAPHERESIS, Stage.LYMPHODEPLETION, Stage.INFUSION], Stage.FOLLOW_UP)
    def follow_up(self) -> None:
        """The infusion is over; or the participant withdrew from treatment, and its safety is followed up."""

    @_edge([Stage.FOLLOW_UP], Stage.COMPLETED)
    def complete(self) -> None:
        """The last visit is done."""

    @_edge([Stage.SCREENING], Stage.SCREEN_FAILED)
    def screen_fail(self) -> None:
        """Not eligible."""

    @_edge([Stage.SCREEN_FAILED], Stage.SCREENING)
    def rescreen(self) -> None:
        """A new consent opens a new episode."""

    @_edge(_ON_THE_WAY, Stage.WITHDRAWN)
    def withdraw(self) -> None:
        """Consent withdrawn."""

    @_edge(_ON_THE_WAY, Stage.DIED)
    def record_death(self) -> None:
        """Died."""

    @_edge(_ON_THE_WAY, Stage.LOST_TO_FOLLOW_UP)
    def lose_to_follow_up(self) -> None:
        """Can no longer be reached."""

    @transition(field="stage", source=[stage.value for stage in Stage], target=_BACK_TO)
    def take_back(self, stage: Stage) -> None:
        """The last step was recorded in error: back to the stage from which it was recorded. It is no step itself."""

    def move(self, step: Step) -> None:
        """Walk the edge of a step, in memory only. Raises TransitionNotAllowed where there is none from here."""
        getattr(self, step.value)()

    def possible_steps(self) -> tuple[Step, ...]:
        """The steps that have an edge from the present stage, whatever the gates say."""
        names = {found.name for found in self.get_available_stage_transitions()}  # type: ignore[attr-defined]
        return tuple(step for step in Step if step.value in names)

    def _get_protected_fsm_fields(self) -> set[str]:
        # django_fsm switches protection off on the CLASS while one row is refreshed: every other thread could then
        # assign a stage, for ever if the refresh fails. Nothing is switched off here; see refresh_from_db.
        return set()

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        """Reload, the stage always too: what is compared on saving must be what was last read.

        A refresh that fails leaves the stage as it was, and protected.
        """
        reloaded = self._reloaded(fields)
        # The descriptor lets a stage in only where none is: take it out of this one row, and put it back if it could
        # not be reloaded.
        kept = self.__dict__.pop("stage", None)
        try:
            super().refresh_from_db(using=using, fields=reloaded, from_queryset=from_queryset)
        finally:
            if kept is not None:
                self.__dict__.setdefault("stage", kept)

    def _reloaded(self, fields: Iterable[str] | None) -> list[str]:
        """The fields to reload, by name: Django would take a stage that was taken out for one that is deferred."""
        if fields is not None:
            return [*fields, "stage"]
        self._forget_relations()
        deferred = self.get_deferred_fields() - {"stage"}
        return [field.attname for field in self._meta.concrete_fields if field.attname not in deferred]

    def _forget_relations(self) -> None:
        """What Django forgets only when it is not told which fields to reload."""
        self._prefetched_objects_cache: dict[str, Any] = {}
        for relation in self._meta.related_objects:
            if relation.is_cached(self):
                relation.delete_cached_value(self)

    def clean_fields(self, exclude: Any = None) -> None:
        """Validate all but the stage: Django's cleaning assigns what it cleaned, and the stage is protected."""
        super().clean_fields(exclude=set(exclude or ()) | {"stage"})


def edges(machine: type[Machine]) -> Iterator[tuple[Stage, Step, Stage]]:
    """Every edge of the machine: from, step, to; in the order of the stages, then of the steps."""
    declared = machine().get_all_stage_transitions()
    targets = {(str(each.source), each.name): str(each.target) for each in declared}
    for stage in Stage:
        for step in Step:
            if target := targets.get((stage.value, step.value)):
                yield stage, step, Stage(target)
