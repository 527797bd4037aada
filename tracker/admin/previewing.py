"""What pages with a preview share: what saving would bring about is shown first, and only what was shown is saved."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from tracker import access
from tracker.admin.consequences import Consequences, consequences_of
from tracker.admin.pages import FormPage
from tracker.admin.plan_choices import Ahead
from tracker.admin.service_forms import ServiceForm
from tracker.errors import Invalid, Refused
from tracker.services.plans import plan_steps
from tracker.services.whatif import preview
from workflow.facts import Moment
from workflow.stages import Step

Wanted = Mapping[Step, Moment]
"""When steps would start."""

TOO_FAR_DAYS = 1_000
"""Plans lie nearer than this; what is typed beyond it is a wrong year."""


class Previewing(FormPage):
    """A page on which plans are made: the button `show` writes nothing, and saving demands that all was shown."""

    action = access.Action.PLAN

    @cached_property
    def ahead(self) -> Ahead:
        """The plans as they are, and the rules to ask about others."""
        return Ahead.of(self.participant, self.voice, self.now)

    def wanted(self, form: Any) -> Wanted:
        """What the form asks about, as far as it can be read."""
        raise NotImplementedError

    def about(self, form: Any, wanted: Wanted) -> dict[str, Any]:
        """What else the page shows; under `needs`, what has to be chosen before there is anything to save."""
        raise NotImplementedError

    def said(self, wanted: Wanted) -> str:
        """What was done, once it was saved."""
        raise NotImplementedError

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Save what was shown; or show what is asked about, keeping everything that was typed."""
        form = self.form(request.POST)
        form.is_valid()
        if "show" in request.POST:
            form.errors.pop("reason", None)
            context = self.context(form)
            return self.page(self.template, context, status=422 if form.errors else 200)
        context = self.context(form)
        if not form.errors and self._was_shown(form, context):
            if done := self._saved(form):
                return done
            context = self.context(form)
        return self.page(self.template, context, status=422)

    def context(self, form: ServiceForm) -> dict[str, Any]:
        """The form, what it brings about, and what has to be chosen first."""
        wanted = self.wanted(form)
        found = self._preview(form, wanted)
        about = self.about(form, wanted)
        needs = [*about.pop("needs"), *self._nothing_new(wanted, found)]
        return {
            **super().context(form), **about, "found": found, "needs": needs, "minute": self.voice.at(self.desk.minute),
            "submit": found.save_words if found else _("Save"),
            "shown": "" if needs else key_of(wanted, self.ahead.plans),
        }  # fmt: skip

    def changed(self, wanted: Wanted) -> dict[Step, Moment]:
        """What differs from the plans as they are."""
        return {step: at for step, at in wanted.items() if self.ahead.plans.get(step) != at}

    def _nothing_new(self, wanted: Wanted, found: Consequences | None) -> Iterator[str]:
        if wanted and found is None:
            yield _("There is nothing to save: choose another time.")

    def _preview(self, form: ServiceForm, wanted: Wanted) -> Consequences | None:
        """None where nothing would change, or the services refuse it, which is said beside the field."""
        changed = self.changed(wanted)
        if not changed:
            return None
        try:
            found = preview(participant=self.participant, plans=changed, by=self.staff, now=self.now)
        except Invalid as invalid:
            if form.is_bound:
                self.attach(form, invalid)
            return None
        return consequences_of(self.ahead, changed, found)

    def _was_shown(self, form: ServiceForm, context: dict[str, Any]) -> bool:
        """Whether the person saw what would be saved; what is missing is said above the form."""
        if context["needs"]:
            form.add_error(None, context["needs"])
        elif self.request.POST.get("shown") != context["shown"]:
            form.add_error(None, _("Look at what this brings about, then save it."))
        return not form.errors

    def _saved(self, form: ServiceForm) -> HttpResponse | None:
        """Save all of it at once, with one reason; None where the services refuse it after all."""
        wanted, reason = self.wanted(form), form.cleaned_data["reason"]
        try:
            plan_steps(
                participant=self.participant, plans=self.changed(wanted), by=self.staff, now=self.now, reason=reason
            )
        except Invalid as invalid:
            self.attach(form, invalid)
        except Refused as refused:
            form.add_error(None, self.why(refused))
        else:
            return self.done(self.said(wanted))
        return None


def key_of(*plans: Mapping[Step, Moment]) -> str:
    """What a preview was made of, the plans as they stood included, to be told again when it is saved."""
    told = (" ".join(f"{step}={at.isoformat()}" for step, at in sorted(each.items())) for each in plans)
    return " from ".join(told)
