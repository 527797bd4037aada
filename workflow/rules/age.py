"""Age in completed years on the local day of an anchor."""

from datetime import date, timedelta
from typing import Any

from pydantic import Field

from workflow.context import Context
from workflow.facts import Fact
from workflow.findings import Clearing, Finding, Outcome, Reason, Remedy
from workflow.rules.condition import Condition, Definition


class AgeRange(Definition):
    """`{at_least: 18, at_most: 65, on: consent}`: both ends are completed years and count."""

    at_least: int = Field(ge=0)
    at_most: int = Field(ge=0)
    on: str


class Age(Condition):
    """`age: {at_least: 18, at_most: 65, on: consent}`.

    Judged on the day of the latest such event; where it has not happened, on the day of the step itself, so that a
    missing consent is named by its own clause alone. Born on 29 February, one comes of age on 1 March.
    """

    age: AgeRange

    def judge(self, context: Context) -> Finding:
        """Met or fail."""
        birth = context.timeline.subject.birth_date
        first, beyond = birthday(birth, self.age.at_least), birthday(birth, self.age.at_most + 1)
        told = context.facts(context.vocabulary.event_of(self.age.on))[-1:]
        if told:
            day = context.calendar.first_day(told[0].at)
            old_enough, too_old = day >= first, day >= beyond
        else:
            old_enough, too_old = (context.anchor_reached(context.calendar.midnight(day)) for day in (first, beyond))
        return self._finding(tuple(told), old_enough=old_enough, too_old=too_old, first=first, context=context)

    def _finding(
        self, told: tuple[Fact, ...], *, old_enough: bool, too_old: bool, first: date, context: Context
    ) -> Finding:
        shown: dict[str, Any] = {
            "subject": "age", "evidence": told, "limit": f"{self.age.at_least}-{self.age.at_most}"
        }  # fmt: skip
        if old_enough and not too_old:
            return Finding(Outcome.MET, Reason.AGE_WITHIN, **shown)
        from_birthday = Clearing(Remedy.WAIT_UNTIL, starts_from=context.calendar.midnight(first))
        return Finding(
            Outcome.FAIL, Reason.AGE_OUTSIDE, clearing=Clearing(Remedy.NOTHING) if too_old else from_birthday, **shown
        )


def birthday(birth: date, years: int) -> date:
    """The first day on which somebody has completed so many years: for 29 February, 1 March in common years."""
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        return birth.replace(year=birth.year + years, day=28) + timedelta(days=1)
