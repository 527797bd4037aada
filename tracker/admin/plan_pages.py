"""Pages on which steps are planned: what a time brings about is shown before it is saved."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from tracker import access
from tracker.admin.plan_choices import OtherPlan, nearby, other_plans
from tracker.admin.previewing import TOO_FAR_DAYS, Previewing, Wanted
from tracker.admin.service_forms import ReasonForm, ServiceForm, note_field, reason_field
from tracker.admin.step_pages import StepPage
from tracker.services.facts import cancel_plan
from workflow.facts import Moment
from workflow.prospects import Prospect
from workflow.stages import GUARDED_STEPS, Step


class PlanPage(StepPage):
    """A page about the plan of a step. A step that is never planned is not found."""

    action = access.Action.PLAN

    @cached_property
    def step(self) -> Step:
        """The step of the address. Raises Http404."""
        step = super().step
        if step not in GUARDED_STEPS:
            raise Http404(_("This step is not planned."))
        return step


class PlanForm(ServiceForm):
    """When a step is meant to start, when others are that no longer fit, and why.

    The times of other steps stand under `also_` and the step's name.
    """

    def __init__(self, page: "Plan", *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.page = page
        self.fields["at"] = page.desk.moment(_("New time of the start") if page.planned else _("Planned start"))
        self.fields["reason"] = reason_field() if page.planned else note_field()
        for step in page.ahead.others(page.step):
            self.fields[f"also_{step}"] = forms.DateTimeField(required=False)

    def clean_at(self) -> Moment:
        """A time that somebody may mean."""
        at: Moment = self.cleaned_data["at"]
        if (self.page.ahead.calendar.first_day(at) - self.page.today).days > TOO_FAR_DAYS:
            raise forms.ValidationError(_("This lies years ahead: look at the year."))
        return at


class Plan(Previewing, PlanPage):
    """Plan a step, or move its plan.

    `?at_0=…&at_1=…` asks about a time.
    """

    template = "tracker/plan.html"

    @property
    def planned(self) -> Moment | None:
        """The present plan, if there is one."""
        return self.ahead.plans.get(self.step)

    def heading(self) -> str:
        """Plan or move."""
        words = {"step": self.label, "subject": self.participant.subject_number}
        pattern = _("Move the plan of %(subject)s: %(step)s") if self.planned else _("Plan for %(subject)s: %(step)s")
        return pattern % words

    def form(self, data: Any = None) -> PlanForm:
        """Starts from the time that is asked about, or the present plan; a time picked takes the place of one typed."""
        if data is None:
            return PlanForm(self, initial={"at": self._asked() or self.planned})
        typed = data.copy()
        if picked := _instant(typed.get("pick", "")):
            typed["at_0"], typed["at_1"], typed["at_2"] = self.ahead.typed(picked)
        return PlanForm(self, typed)

    def wanted(self, form: PlanForm) -> Wanted:
        """The step's time, and those of others that were chosen because they no longer fit; nothing without its own."""
        typed = getattr(form, "cleaned_data", form.initial)
        if not typed.get("at"):
            return {}
        wanted = {self.step: typed["at"]}
        unfit = [each.step for each in other_plans(self.ahead, self.step, wanted) if not each.fits]
        return wanted | {step: at for step in unfit if (at := typed.get(f"also_{step}"))}

    def about(self, form: PlanForm, wanted: Wanted) -> dict[str, Any]:
        """The times around it, and what becomes of the other plans."""
        at = wanted.get(self.step)
        others = other_plans(self.ahead, self.step, wanted)
        start = self.ahead.calendar.start(at) if at else None
        prospect = self.ahead.prospect(self.step, start, wanted) if start else None
        return {
            "planned": self.planned, "label": self.label, "when": self.voice.at(at) if at else "", "others": others,
            "choices": nearby(self.ahead, self.step, start, wanted), "needs": list(_needs(prospect, others)),
            **self.ahead.told(prospect, wanted),
        }  # fmt: skip

    def said(self, wanted: Wanted) -> str:
        """What was done."""
        words = {"step": self.label, "when": self.voice.at(wanted[self.step])}
        return _("Planned: %(step)s, %(when)s. Everything that hangs on it was judged again.") % words

    def _asked(self) -> Moment | None:
        """The time that the address asks about."""
        parts = [self.request.GET.get(name, "") for name in ("at_0", "at_1", "at_2")]
        try:
            return self.desk.moment("").clean(parts) if any(parts) else None
        except forms.ValidationError:
            return None


def _needs(prospect: Prospect | None, others: list[OtherPlan]) -> Iterator[str]:
    """What has to be chosen before there is anything to save."""
    if prospect is None:
        yield _("Choose a date and a time first.")
    elif prospect.forbids:
        yield _("This time is not allowed: choose one that is.")
    for other in others:
        if not other.is_settled:
            yield _("Choose a new time, since the planned one no longer fits: %(step)s.") % {"step": other.label}


class CancelPlan(PlanPage):
    """Cancel the plan of a step, with a reason."""

    def heading(self) -> str:
        """What is done here."""
        return _("Cancel the plan: %(step)s") % {"step": self.label}

    def submit(self) -> str:
        """What the button does."""
        return _("Cancel the plan")

    def form(self, data: Any = None) -> ReasonForm:
        """The reason."""
        return ReasonForm(data)

    def save(self, form: ReasonForm) -> str:
        """Cancel it."""
        reason = form.cleaned_data["reason"]
        cancel_plan(participant=self.participant, step=self.step, reason=reason, by=self.staff, now=self.now)
        return _("Plan cancelled: %(step)s.") % {"step": self.label}


def _instant(text: str) -> datetime | None:
    """An instant as a choice holds it; None for anything else."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None
