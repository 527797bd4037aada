"""The page that suggests the earliest plan up to the infusion, and saves it when it is accepted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from tracker.admin.plan_choices import FAR, USUAL_START, brought
from tracker.admin.previewing import TOO_FAR_DAYS, Previewing, Wanted
from tracker.admin.service_forms import ServiceForm, note_field, reason_field
from tracker.admin.step_words import step_label
from tracker.wording import Described
from workflow.evaluation import evaluate
from workflow.prospects import Prospect
from workflow.stages import GUARDED_STEPS, Step
from workflow.suggesting import Search, Slots

_UP_TO_THE_INFUSION = GUARDED_STEPS[: GUARDED_STEPS.index(Step.INFUSION) + 1]


@dataclass(frozen=True, slots=True)
class Suggested:
    """One step of the suggestion: when, and what has to be done by then."""

    label: str
    when: str
    state: str
    brought: str
    owes: tuple[Described, ...]
    url: str


class SuggestForm(ServiceForm):
    """At what time of day steps begin, which of them not before a day, and why plans are moved."""

    def __init__(self, page: "Suggest", *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["clock"] = forms.TimeField(
            label=_("Steps begin at"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            help_text=_("A time of the site’s clock. It is your choice, no rule of the protocol."),
            error_messages={"invalid": _("Write the time of day as 10:00.")},
        )  # fmt: skip
        for step in page.steps:
            self.fields[f"not_before_{step}"] = forms.DateField(
                label=_("%(step)s: not before") % {"step": step_label(page.voice, step)}, required=False,
                widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), input_formats=["%Y-%m-%d"],
                error_messages={"invalid": _("Write the date as 2025-04-10.")},
            )  # fmt: skip
        self.page = page
        moves = any(step in page.ahead.plans for step in page.steps)
        self.fields["reason"] = reason_field() if moves else note_field()

    def clean(self) -> dict[str, Any]:
        """Days that somebody may mean."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        for name in [name for name, day in typed.items() if name.startswith("not_before_") and day]:
            if (typed[name] - self.page.today).days > TOO_FAR_DAYS:
                self.add_error(name, _("This lies years ahead: look at the year."))
        return typed


class Suggest(Previewing):
    """The earliest plan that nothing known stands against, with all that it brings about."""

    template = "tracker/suggest.html"

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps ahead, up to the infusion; none once it has begun or the journey has ended."""
        following = evaluate(self.protocol, self.ahead.timeline, self.now).next_step
        if self.participant.ended or following not in _UP_TO_THE_INFUSION:
            return ()
        return _UP_TO_THE_INFUSION[_UP_TO_THE_INFUSION.index(following) :]

    def heading(self) -> str:
        """What is asked."""
        return _("How soon can the infusion of %(subject)s be?") % {"subject": self.participant.subject_number}

    def form(self, data: Any = None) -> SuggestForm:
        """At ten o'clock, and no day kept free, to begin with."""
        return SuggestForm(self, data, initial={"clock": USUAL_START})

    def wanted(self, form: SuggestForm) -> Wanted:
        """The times suggested."""
        return {each.step: each.at for each in self._search(form).earliest(*self.steps)} if self.steps else {}

    def about(self, form: SuggestForm, wanted: Wanted) -> dict[str, Any]:
        """Each step with what is to be done by then; or why there is no such plan."""
        suggested = [self._suggested(form, step, wanted) for step in self.steps if step in wanted]
        stuck = None if wanted or not self.steps else self._stuck(form)
        return {
            "suggested": suggested, "planned": any(step in self.ahead.plans for step in wanted), "others": [],
            "stuck": step_label(self.voice, stuck.step) if stuck else "", "why_not": self._why(stuck),
            "needs": list(self._needs(wanted)), "forbids": [], "stops": [], "awaited": "",
        }  # fmt: skip

    def said(self, wanted: Wanted) -> str:
        """What was done."""
        return _("The suggested plan was saved. Everything that hangs on it was judged again.")

    def _needs(self, wanted: Wanted) -> Iterator[str]:
        if not self.steps:
            yield _("Nothing is left to be planned up to the infusion.")
        elif not wanted:
            yield _("There is no such plan as things stand.")

    def _search(self, form: SuggestForm) -> Search:
        typed = getattr(form, "cleaned_data", {})
        days = {step: typed.get(f"not_before_{step}") for step in self.steps}
        # What is over keeps nothing back.
        midnight = self.ahead.calendar.midnight
        not_before = {step: midnight(day) for step, day in days.items() if day and day > self.today}
        clock: time = typed.get("clock") or USUAL_START
        latest: datetime = max([self.now, *not_before.values()])
        slots = Slots(self.ahead.calendar, clock)
        return Search(
            self.ahead.first, self.ahead.timeline, slots, self.now, latest + FAR, not_before,
            versions=self.ahead.versions,
        )  # fmt: skip

    def _suggested(self, form: SuggestForm, step: Step, wanted: Wanted) -> Suggested:
        at = self.ahead.calendar.start(wanted[step])
        prospect = self.ahead.prospect(step, at, wanted)
        state, words = brought(prospect)
        day, clock, _second = self.ahead.typed(at)
        url = reverse("admin:tracker_plan", args=[self.participant.pk, step.value])
        return Suggested(
            step_label(self.voice, step), self.voice.at(at), state, words,
            tuple(self.ahead.said(each) for each in prospect.owes), f"{url}?at_0={day}&at_1={clock}",
        )  # fmt: skip

    def _stuck(self, form: SuggestForm) -> Prospect:
        """The first step for which there is no time, asked at the first slot after those before it."""
        search = self._search(form)
        for count in range(len(self.steps), 0, -1):
            if count == 1 or search.earliest(*self.steps[: count - 1]):
                break
        before = search.earliest(*self.steps[: count - 1]) if count > 1 else ()
        since = before[-1].at if before else self.now
        slot = search.slots.first_from(max(since, search.not_before.get(self.steps[count - 1], since)))
        return self.ahead.prospect(self.steps[count - 1], slot, {each.step: each.at for each in before})

    def _why(self, stuck: Prospect | None) -> list[Described]:
        return [self.ahead.said(each) for each in (*stuck.forbids, *stuck.stops)] if stuck else []
